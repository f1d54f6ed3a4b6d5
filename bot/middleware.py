"""What holds for every request: bounded bodies, security headers, one log line, no bare failure."""

import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.limits import headers_of
from bot.problems import Problem

log = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
"""Largest request body in bytes; the longest message is far below."""

STANDINGS = "assistant.limits"
"""Of a scope: the limits that the request was counted against."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""What a browser keeps only where it came over HTTPS; a trusted proxy says that it did."""
_LONGEST_ANNOUNCED = 12


class Guard:
    """ASGI middleware; an answer's own headers go before the ones set here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 0
        always = _HEADERS | (_OVER_TLS if scope["scheme"] == "https" else {})

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                told = headers_of(scope.get(STANDINGS, []))
                for name, value in {**always, **told}.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, _bounded(scope, receive), guarded)
        except Exception as error:
            log.error("request failed", exc_info=error)
            if status == 0:
                await Problem(500, "internal").response()(scope, receive, guarded)
        _report(scope, status, (time.perf_counter() - start) * 1000)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """``receive`` that refuses a body beyond MAX_BODY, announced or not."""
    announced = Headers(scope=scope).get("content-length", "0")
    too_large = len(announced) > _LONGEST_ANNOUNCED or (
        announced.isdecimal() and int(announced) > MAX_BODY
    )
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if too_large or received > MAX_BODY:
            raise HTTPException(413)
        return message

    return bounded


def _report(scope: Scope, status: int, ms: float) -> None:
    """Logs the route, not the path: paths hold conversation ids and questions."""
    route = getattr(scope.get("route"), "path", "none")
    details = {"method": scope["method"], "route": route, "status": status, "ms": round(ms, 2)}
    log.info("request", extra=details)
