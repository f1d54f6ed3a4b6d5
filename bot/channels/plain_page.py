"""``/chat``: the conversation as plain HTML forms, for browsers without JavaScript.

A sent form is answered with a redirect to the page, so a reload sends nothing twice. The
conversation's token lies in a cookie that scripts and other sites do not get; forms that come
from other sites are refused.
"""

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import StoreUnavailable
from bot.edge import MAX_LENGTH, TextTooLong, clean
from bot.identity.officials import Official
from bot.identity.web import Asker
from bot.limits import MESSAGE_COST, SEARCH_COST
from bot.messages import message, messages
from bot.notices import first_notice
from bot.pages import from_this_site, page, page_route
from bot.problems import Problem
from bot.replies import StoredTurn, TurnReply
from bot.services import (
    Parts,
    Services,
    address_of,
    costs,
    services,
    site_of,
    within_address_limit,
)
from bot.tokens import new_conversation_id
from bot.turns import Turn
from knowledge.records import SectionKey

_COOKIE = "conversation"
_PAGE_SECTIONS = [key for key in SectionKey if key is not SectionKey.OVERVIEW]


async def _problem(request: Request, problem: Problem) -> Response:
    return _problem_page(await services(request), problem)


router = APIRouter(prefix="/chat", include_in_schema=False, route_class=page_route(_problem))
_SENT = [Depends(from_this_site)]
_SEARCH = [Depends(within_address_limit)]


def _conversation(request: Request, parts: Services) -> str | None:
    return parts.tokens.conversation(request.cookies.get(_COOKIE, ""))


def _keep(response: Response, request: Request, parts: Services, conversation: str) -> Response:
    response.set_cookie(
        _COOKIE,
        parts.tokens.issue(conversation),
        max_age=parts.settings.retention_days * 24 * 3600,
        path="/chat",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _talk(
    parts: Services,
    turns: Sequence[StoredTurn] = (),
    asker: Official | None = None,
    *,
    status: int = 200,
    draft: str = "",
    problem: str = "",
    erased: bool = False,
) -> Response:
    return page(
        "chat.html",
        parts,
        status,
        turns=turns,
        asker=asker,
        draft=draft,
        problem=problem,
        erased=erased,
        notice=first_notice(parts.settings).text,
        examples=messages("suggestions"),
        hint=message("page.hint", limit=MAX_LENGTH),
    )


def _problem_page(parts: Services, problem: Problem, **values: Any) -> Response:
    shown = _talk(parts, status=problem.status, problem=problem.detail, **values)
    shown.headers.update(problem.headers)
    return shown


async def _history(
    parts: Services, conversation: str | None, asker: Official | None
) -> list[StoredTurn]:
    if conversation is None or await parts.turns.closed(conversation, asker):
        return []
    return await parts.store.run(parts.store.history, conversation)


@router.get("")
async def read(request: Request, parts: Parts, asker: Asker, erased: bool = False) -> Response:
    """The conversation so far and the form."""
    try:
        turns = await _history(parts, _conversation(request, parts), asker)
    except StoreUnavailable:
        return _talk(parts, problem=message("problems.history_unavailable.detail"))
    return _talk(parts, turns, asker, erased=erased)


@router.post("", dependencies=_SENT)
@costs(MESSAGE_COST)
async def send(
    request: Request,
    parts: Parts,
    asker: Asker,
    text: Annotated[str, Form()] = "",
    choice: Annotated[str, Form()] = "",
) -> Response:
    """Takes one turn, then shows the conversation."""
    begun = _conversation(request, parts)
    turn = _turn(request, parts, begun or new_conversation_id(), text, choice, asker)
    try:
        await within_address_limit(request, parts)
        try:
            reply = await parts.turns.take(turn)
        except Problem as problem:
            if problem.status != 404:
                raise
            turn = _turn(request, parts, new_conversation_id(), text, choice, asker)
            reply = await parts.turns.take(turn)
    except Problem as problem:
        return await _refused(request, parts, problem, text, asker)
    if turn.conversation != begun:
        with contextlib.suppress(StoreUnavailable):
            await parts.notices.note(turn.conversation, "web")
    if turn.recorded:
        shown: Response = RedirectResponse(f"/chat#{turn.turn_id}", status_code=303)
    else:
        shown = _talk(parts, [_unrecorded(turn, reply)], asker)
    return _keep(shown, request, parts, turn.conversation)


def _turn(
    request: Request,
    parts: Services,
    conversation: str,
    text: str,
    choice: str,
    asker: Official | None,
) -> Turn:
    return Turn(
        conversation=conversation,
        channel="web",
        text="" if choice else text,
        choice=choice or None,
        base_url=site_of(request, parts),
        address=address_of(request),
        official=asker,
    )


def _unrecorded(turn: Turn, reply: TurnReply) -> StoredTurn:
    """The turn as the page shows it when the database could not keep it."""
    return StoredTurn(
        created_at=dt.datetime.now(dt.UTC).isoformat(),
        text=turn.text,
        feedback=None,
        **reply.model_dump(exclude={"timings_ms"}),
    )


async def _refused(
    request: Request, parts: Services, problem: Problem, text: str, asker: Official | None
) -> Response:
    try:
        turns = await _history(parts, _conversation(request, parts), asker)
    except StoreUnavailable:
        turns = []
    return _problem_page(parts, problem, turns=turns, draft=text, asker=asker)


@router.post("/new", dependencies=_SENT)
async def begin_again() -> Response:
    """Leaves the conversation; its text stays until it is purged."""
    response = RedirectResponse("/chat", status_code=303)
    response.delete_cookie(_COOKIE, path="/chat")
    return response


@router.post("/erase", dependencies=_SENT)
async def erase(request: Request, parts: Parts, asker: Asker) -> Response:
    """Erases the conversation everywhere."""
    conversation = _conversation(request, parts)
    try:
        if conversation is not None:
            await parts.turns.erase(conversation, asker)
    except Problem as problem:
        if problem.status != 404:
            return await _refused(request, parts, problem, "", asker)
    response = RedirectResponse("/chat?erased=1", status_code=303)
    response.delete_cookie(_COOKIE, path="/chat")
    return response


@router.get("/search", dependencies=_SEARCH)
@costs(SEARCH_COST)
async def search(parts: Parts, q: str = "") -> Response:
    """The catalogue's own search, which needs no engine."""
    try:
        wanted = clean(q)
    except TextTooLong as error:
        problem = message("problems.text_too_long.detail", length=error.length, limit=MAX_LENGTH)
        return page("search.html", parts, 422, q=q, results=None, problem=problem)
    results = parts.catalogue.search(wanted).results if wanted else None
    return page("search.html", parts, q=wanted, results=results, problem="")


@router.get("/procedures/{code}", dependencies=_SEARCH)
async def procedure(code: str, parts: Parts) -> Response:
    """One record with all its sections."""
    try:
        found = parts.catalogue.procedure(code)
    except SQLAlchemyError:
        problem = message("problems.search_unavailable.detail")
        return page("search.html", parts, 503, q="", results=None, problem=problem)
    if found is None:
        problem = message("problems.procedure_not_found.detail", code=code)
        return page("search.html", parts, 404, q="", results=None, problem=problem)
    sections = [key for key in _PAGE_SECTIONS if key in found.sections]
    blocks = parts.catalogue.answer(found, sections)
    return page("procedure.html", parts, blocks=blocks, name=found.name)
