"""Rasa's action protocol on a port of its own inside the app's event loop."""

import asyncio
import contextlib
import hmac
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from knowledge.errors import OperatorError

log = logging.getLogger(__name__)


class _InnerServer(uvicorn.Server):
    """A server beside the process's main one, which alone listens to signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def action_app(executor: ActionExecutor, secret: str) -> Starlette:
    """``POST /webhook`` runs an action as rasa-sdk's own server does, but only for who knows the
    engine's secret, since a call names the role; and an error's answer names only the action: the
    request holds what the person wrote."""

    async def webhook(request: Request) -> Response:
        told = request.headers.get("x-engine-secret", "")
        if not hmac.compare_digest(told.encode(), secret.encode()):
            return JSONResponse({"error": "secret missing or wrong"}, 401)
        call: dict[str, Any] = await request.json()
        name = str(call.get("next_action", ""))
        call.setdefault("domain", {})
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as error:
            return JSONResponse({"action_name": name, "error": error.message}, 400)
        except ActionNotFoundException:
            return JSONResponse({"action_name": name, "error": "no such action"}, 404)
        except Exception as error:
            log.error("action failed", exc_info=error, extra={"action": name})
            return JSONResponse({"action_name": name, "error": type(error).__name__}, 500)
        return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/webhook", webhook, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ]
    )


def registered_actions() -> ActionExecutor:
    """An executor that knows every action of the package ``actions``."""
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket on ``port`` (0: any free one). Raises OperatorError.

    It names its protocol, without which asyncio leaves Nagle's algorithm on: 40 ms an action.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
        return listener
    except OSError as error:
        listener.close()
        raise OperatorError(
            f"port {port} on {host} for the actions: {error.strerror}; "
            "set ASSISTANT_ACTION_HOST and ASSISTANT_ACTION_PORT"
        ) from error


@contextlib.asynccontextmanager
async def serving(
    executor: ActionExecutor, secret: str, listener: socket.socket
) -> AsyncIterator[None]:
    """Serves the actions on ``listener``, where calls may wait already; closes it at the end."""
    config = uvicorn.Config(
        action_app(executor, secret), log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = _InnerServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()
