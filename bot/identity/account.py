"""``/account``: who is signed in, and the accounts of other channels linked to them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from bot.conversations import StoreUnavailable
from bot.identity.audit import Event
from bot.identity.sessions import Session
from bot.identity.web import OwnSession, own_form
from bot.messages import message
from bot.pages import from_this_site, page, page_route
from bot.problems import Problem
from bot.services import Parts, Services, services


async def _problem(request: Request, problem: Problem) -> Response:
    if problem.status == 401:
        return RedirectResponse("/sign-in", status_code=303)
    told = {"title": problem.title, "detail": problem.detail}
    return page("problem.html", await services(request), problem.status, **told)


router = APIRouter(prefix="/account", include_in_schema=False, route_class=page_route(_problem))
_SENT = [Depends(from_this_site), Depends(own_form)]


async def _shown(parts: Services, session: Session, **said: Any) -> Response:
    try:
        links = await parts.identity.links.of(session.official)
    except StoreUnavailable:
        raise Problem(503, "identity_unavailable") from None
    values: dict[str, Any] = {"command": "", "unlinked": False} | said
    return page(
        "account.html", parts, official=session.official, form=session.csrf, links=links, **values
    )


@router.get("")
async def read(parts: Parts, session: OwnSession, unlinked: bool = False) -> Response:
    """The account."""
    return await _shown(parts, session, unlinked=unlinked)


@router.post("/code", dependencies=_SENT)
async def new_code(parts: Parts, session: OwnSession) -> Response:
    """Shows a new one-time code; it is kept as a hash, so it is shown this once."""
    try:
        code = await parts.identity.links.issue(session.official)
    except StoreUnavailable:
        raise Problem(503, "identity_unavailable") from None
    return await _shown(parts, session, command=message("identity.code_command", code=code))


@router.post("/unlink", dependencies=_SENT)
async def unlink(
    parts: Parts,
    session: OwnSession,
    link: Annotated[str, Form(max_length=16, pattern=r"^[\w-]*$")] = "",
) -> Response:
    """Removes one linked account; it speaks as a citizen from now on."""
    try:
        if await parts.identity.links.unlink(session.official, link):
            await parts.identity.audit.note(session.official.subject, Event.UNLINKED)
    except StoreUnavailable:
        raise Problem(503, "identity_unavailable") from None
    return RedirectResponse("/account?unlinked=1", status_code=303)
