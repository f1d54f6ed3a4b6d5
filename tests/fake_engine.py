"""A real HTTP server that speaks the engine's protocol and answers what a test tells it to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.action_server import listen

SECRET = "engine-secret-of-the-tests"


def says(text: str, outcome: str = "answered", **members: Any) -> dict[str, Any]:
    """An engine message that carries one answer with one text block."""
    blocks = [{"type": "text", "text": text}]
    return {"custom": {"outcome": outcome, "blocks": blocks} | members}


@dataclass
class FakeEngine:
    """``messages`` is the next answers; ``seen`` what was asked; ``body`` replaces the answer."""

    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=lambda: [says("Trả lời")])
    body: bytes | None = None
    status: int = 200
    delay: float = 0.0
    seen: list[dict[str, Any]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    at_work: int = 0
    most_at_work: int = 0

    async def turn(self, request: Request) -> Response:
        if request.headers.get("x-engine-secret") != SECRET:
            return JSONResponse({}, 401)
        self.seen.append(await request.json())
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        await asyncio.sleep(self.delay)
        self.at_work -= 1
        if self.body is not None:
            return Response(self.body, self.status)
        return JSONResponse({"messages": self.messages}, self.status)

    async def erase(self, request: Request) -> Response:
        if self.status != 200:
            return JSONResponse({}, self.status)
        self.erased.append(request.path_params["id"])
        return JSONResponse({})

    async def health(self, request: Request) -> Response:
        return JSONResponse({"model": self.status == 200}, self.status)

    def app(self) -> Starlette:
        prefix = "/webhooks/gateway"
        return Starlette(
            routes=[
                Route(f"{prefix}/turns", self.turn, methods=["POST"]),
                Route(f"{prefix}/conversations/{{id}}", self.erase, methods=["DELETE"]),
                Route(f"{prefix}/health", self.health),
            ]
        )


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serves an ASGI app on a free loopback port; gives its address."""
    listener = listen(0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="off"))
    task = asyncio.create_task(server._serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()
