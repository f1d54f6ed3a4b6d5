"""The sandbox's HTTP: iGate 2 (token, searches) and the national adapter (login, TraCuuHoSo)."""

import asyncio
import datetime as dt
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.dossier import TIMEZONE
from connectors.igate import SEARCH_PATHS, TOKEN_PATH
from connectors.reading import time_of
from connectors.sandbox.dossiers import DONE, Dossier, made_dossiers
from connectors.sandbox.faults import Fault, spoiled
from connectors.sandbox.shapes import igate, national

LOGIN_PATH = "/login"
SERVICE_PATH = "/integration"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class Sandbox:
    """One sandbox. ``fault``: set by who holds the object, never over HTTP. ``calls``: look-ups."""

    client_id: str
    client_secret: str
    token_seconds: float = 300.0
    slow_seconds: float = 3600.0
    today: dt.date = field(default_factory=lambda: dt.datetime.now(TIMEZONE).date())
    fault: Fault | None = None
    calls: int = 0
    tokens: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dossiers = made_dossiers(self.today)

    def app(self) -> Starlette:
        """The ASGI application."""
        search = self._faulty(self._search)
        return Starlette(
            routes=[
                Route("/health", _health),
                Route(TOKEN_PATH, self._token, methods=["POST"]),
                *(Route(path, search) for path in SEARCH_PATHS.values()),
                Route(LOGIN_PATH, self._login, methods=["POST"]),
                Route(SERVICE_PATH, self._faulty(self._service), methods=["POST"]),
            ]
        )

    def _issue(self) -> str:
        token = secrets.token_urlsafe(16)
        self.tokens[token] = time.monotonic() + self.token_seconds
        return token

    def _good(self, token: str) -> bool:
        return self.tokens.get(token, 0.0) > time.monotonic()

    def _is_client(self, name: Any, secret: Any) -> bool:
        return name == self.client_id and secrets.compare_digest(str(secret), self.client_secret)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if not self._is_client(form.get("client_id"), form.get("client_secret")):
            return JSONResponse({"error": "invalid_client"}, 401)
        reply = {"access_token": self._issue(), "expires_in": self.token_seconds}
        return JSONResponse({**reply, "token_type": "Bearer"})

    async def _search(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._good(token):
            return JSONResponse({"error": "invalid_token"}, 401)
        query = request.query_params
        found = [d for d in self.dossiers.values() if not d.is_national and _matches(d, query)]
        page, size = int(query.get("page", 0)), min(int(query.get("size", 10)), 50)
        shown = found[page * size : (page + 1) * size]
        return JSONResponse(
            {"content": [igate(d) for d in shown], "totalElements": len(found), "number": page}
        )

    async def _login(self, request: Request) -> Response:
        body = await request.json()
        if not self._is_client(body.get("username"), body.get("password")):
            return JSONResponse({"error_code": "1"})
        return JSONResponse({"session": self._issue(), "error_code": 0})

    async def _service(self, request: Request) -> Response:
        body = await request.json()
        if not self._good(str(body.get("session"))):
            return JSONResponse({"error_code": "-1"})
        dossier = self.dossiers.get(str(body.get("mahoso")))
        known = dossier is not None and body.get("service") == "TraCuuHoSo"
        return JSONResponse(
            {"error_code": "00", "result": [national(dossier)] if known and dossier else []}
        )

    def _faulty(self, handler: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            self.calls += 1
            fault = self.fault
            if fault is None:
                return await handler(request)
            if fault is Fault.SLOW:
                await asyncio.sleep(self.slow_seconds)
            if fault.isdigit():
                return JSONResponse({"error": "sandbox"}, int(fault))
            return spoiled(fault, await handler(request))

        return handle


def _matches(dossier: Dossier, query: Any) -> bool:
    """The query keys that ``connectors.igate`` uses, as a search over parts of codes has them."""
    accepted = dossier.submitted.date().isoformat()
    until = time_of(query.get("appointment-to"))
    return (
        query.get("code", "") in dossier.code
        and dossier.unit.startswith(query.get("ancestor-agency-id", ""))
        and query.get("sector-id", dossier.sector) == dossier.sector
        and query.get("accepted-from", "") <= accepted <= query.get("accepted-to", "9")
        and (until is None or _open_until(dossier, until))
    )


def _open_until(dossier: Dossier, until: dt.datetime) -> bool:
    return dossier.status not in DONE and dossier.due is not None and dossier.due <= until


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})
