"""The files a browser loads: the widget and the pages' styles, read once when the app starts."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.routing import Route

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class StaticFile:
    """Answers with one file's bytes: ETag, 304, gzip, and a policy without inline script."""

    def __init__(self, path: Path, media_type: str) -> None:
        self._body = path.read_bytes()
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
        "/": (bot / "widget" / "index.html", "text/html; charset=utf-8"),
        "/widget.js": (bot / "widget" / "widget.js", "text/javascript; charset=utf-8"),
        "/chat.css": (bot / "channels" / "templates" / "chat.css", "text/css; charset=utf-8"),
    }
    return APIRouter(
        routes=[
            Route(path, StaticFile(file, media_type).answer, methods=["GET", "HEAD"])
            for path, (file, media_type) in files.items()
        ]
    )
