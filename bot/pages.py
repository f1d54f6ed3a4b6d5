"""What the server-rendered pages share: templates, policy, and the refusal of foreign forms."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.static import page_policy
from bot.messages import message, texts
from bot.notices import contact_lines
from bot.problems import Problem
from bot.services import Services

_FOLDERS = [Path(__file__).parent / name / "templates" for name in ("channels", "identity")]


def _link(url: str | None) -> str | None:
    """``url`` where it is an http or https address, else nothing: no other scheme is followed."""
    return url if url and re.match(r"https?://[^\s]+$", url) else None


def _day(iso: str) -> str:
    """An ISO date as Vietnamese people write it."""
    return dt.date.fromisoformat(iso).strftime("%d/%m/%Y")


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"link": _link, "day": _day}
    environment.globals |= {
        "t": texts("page"), "i": texts("identity"), "assistant_name": message("assistant_name")
    }  # fmt: skip
    return environment


_TEMPLATES = _templates()
_HEADERS = {"Content-Security-Policy": page_policy()}


def page(template: str, parts: Services, status: int = 200, **values: Any) -> Response:
    """``template`` filled with ``values`` and what every page shows."""
    html = _TEMPLATES.get_template(template).render(
        contact=contact_lines(parts.settings), contact_title=message("contact.title"), **values
    )
    return Response(html, status_code=status, media_type="text/html", headers=_HEADERS)


def foreign(request: Request) -> bool:
    """Whether another site sent the request, as far as the browser tells."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


async def from_this_site(request: Request) -> None:
    """Refuses forms that another site sent; raises a 403 problem."""
    if foreign(request):
        raise Problem(403, "cross_site")


def page_route(shown: Callable[[Request, Problem], Awaitable[Response]]) -> type[APIRoute]:
    """A route class whose problems are ``shown`` as a page."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def answer_as_page(request: Request) -> Response:
                try:
                    return await answer(request)
                except Problem as problem:
                    return await shown(request, problem)
                except RequestValidationError:
                    return await shown(request, Problem(422, "invalid_request"))

            return answer_as_page

    return PageRoute
