"""The files a browser loads: the widget and the pages' styles, read once when the app starts."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.routing import Route

from bot.widget import script

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class StaticFile:
    """Answers with the bytes of one file: ETag, 304, gzip, and a policy without inline script."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self._body = body
        self._packed = gzip.compress(self._body, mtime=0)
        self._etag = f'"{hashlib.sha256(self._body).hexdigest()[:20]}"'
        self._headers = {
            "Content-Type": media_type,
            "Cache-Control": "public, max-age=300, must-revalidate",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": self._etag,
            "Vary": "Accept-Encoding",
        }
        if media_type.startswith("text/html"):
            self._headers["Content-Security-Policy"] = page_policy(self._body.decode("utf-8"))

    async def answer(self, request: Request) -> Response:
        if self._etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=self._headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self._packed, headers=self._headers | {"Content-Encoding": "gzip"})
        return Response(self._body, headers=self._headers)


def page_policy(html: str = "") -> str:
    """Content-Security-Policy of a page: everything from here, ``html``'s own styles by hash."""
    digests = (hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(html))
    styles = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def static_routes() -> APIRouter:
    """``/``, ``/widget.js`` and ``/chat.css``."""
    bot = Path(__file__).parents[1]
    files = {
        "/": ((bot / "widget" / "index.html").read_bytes(), "text/html"),
        "/widget.js": (script().encode(), "text/javascript"),
        "/chat.css": ((bot / "channels" / "templates" / "chat.css").read_bytes(), "text/css"),
    }
    return APIRouter(
        routes=[
            Route(path, StaticFile(body, f"{kind}; charset=utf-8").answer, methods=["GET", "HEAD"])
            for path, (body, kind) in files.items()
        ]
    )
