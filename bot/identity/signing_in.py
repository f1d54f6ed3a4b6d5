"""``/sign-in`` and ``/sign-out``: server-rendered, usable by keyboard and password managers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from bot.conversations import StoreUnavailable
from bot.identity.audit import Event
from bot.identity.officials import Official, SignInRefused, local
from bot.identity.oidc import FLOW_SECONDS, SignOnFailed, SingleSignOn
from bot.identity.web import (
    SignedIn,
    drop,
    first_form,
    form_token,
    https_or_loopback,
    keep,
    kept,
    new_form,
    own_form,
)
from bot.messages import message
from bot.pages import from_this_site, page, page_route
from bot.problems import Problem
from bot.services import Parts, Services, services, within_sign_in_limit

_NAME = r"^[^\x00]*$"
"""No database keeps a zero byte in a text."""
REFUSALS = {"wrong": 401, "locked": 429, "refused": 401, "no_role": 403, "unreachable": 502}
"""Why nobody is signed in, each with its text, and the status of the page that says so."""


def _form(
    request: Request, parts: Services, status: int = 200, name: str = "", **said: str | bool
) -> Response:
    """The sign-in page, bound to this browser by a fresh token."""
    token = form_token()
    shown = page(
        "sign_in.html", parts, status, name=name, form=token,
        single_sign_on=parts.identity.single_sign_on is not None,
        **({"problem": "", "signed_out": False} | said),
    )  # fmt: skip
    new_form(shown, request, token)
    return shown


def _refused(request: Request, parts: Services, reason: str, name: str = "") -> Response:
    problem = message(f"identity.{reason}")
    return _form(request, parts, REFUSALS[reason], name, problem=problem)


async def _problem(request: Request, problem: Problem) -> Response:
    shown = _form(request, await services(request), problem.status, problem=problem.detail)
    shown.headers.update(problem.headers)
    return shown


router = APIRouter(
    include_in_schema=False,
    route_class=page_route(_problem),
    dependencies=[Depends(https_or_loopback)],
)
_SENT = [Depends(from_this_site), Depends(within_sign_in_limit), Depends(first_form)]


@router.get("/sign-in")
async def read(
    request: Request, parts: Parts, session: SignedIn, signed_out: bool = False
) -> Response:
    """The ways to sign in."""
    if session is not None:
        return RedirectResponse("/account", status_code=303)
    return _form(request, parts, signed_out=signed_out)


@router.post("/sign-in", dependencies=_SENT)
async def sign_in(
    request: Request,
    parts: Parts,
    name: Annotated[str, Form(max_length=255, pattern=_NAME)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    code: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """Signs in with a local account."""
    try:
        try:
            official = await parts.identity.officials.check(name, password, code)
        except SignInRefused as refused:
            await _note_refusal(parts, name, str(refused))
            return _refused(request, parts, str(refused), name)
        return await _signed_in(request, parts, official)
    except StoreUnavailable:
        raise Problem(503, "identity_unavailable") from None


@router.get("/sign-in/agency", dependencies=[Depends(within_sign_in_limit)])
async def leave_for_provider(request: Request, parts: Parts) -> Response:
    """Sends the browser to the identity provider."""
    try:
        back = str(request.url_for("return_from_provider"))
        redirect, flow = await _single_sign_on(parts).begin(request, back)
    except SignOnFailed as failed:
        return _refused(request, parts, str(failed))
    keep(redirect, request, "sign_on", flow, FLOW_SECONDS)
    return redirect


@router.get("/sign-in/agency/return", dependencies=[Depends(within_sign_in_limit)])
async def return_from_provider(request: Request, parts: Parts) -> Response:
    """Takes whom the identity provider named."""
    try:
        person = await _single_sign_on(parts).finish(request, kept(request, "sign_on"))
        official = await parts.identity.officials.signed_on(person)
        shown = await _signed_in(request, parts, official)
    except SignOnFailed as failed:
        shown = _refused(request, parts, str(failed))
    except StoreUnavailable:
        raise Problem(503, "identity_unavailable") from None
    drop(shown, request, "sign_on")
    return shown


@router.post("/sign-out", dependencies=[Depends(from_this_site), Depends(own_form)])
async def sign_out(request: Request, parts: Parts, session: SignedIn) -> Response:
    """Ends the session; the talk of the official stays theirs and leaves this browser."""
    try:
        await parts.identity.sessions.end(kept(request, "session"))
        if session is not None:
            await parts.identity.audit.note(session.official.subject, Event.SIGNED_OUT)
    except StoreUnavailable:
        raise Problem(503, "identity_unavailable") from None
    shown = RedirectResponse("/sign-in?signed_out=1", status_code=303)
    drop(shown, request, "session")
    shown.delete_cookie("conversation", path="/chat")
    return shown


async def _signed_in(request: Request, parts: Services, official: Official) -> Response:
    """A new session, whatever session or talk this browser had before."""
    identity = parts.identity
    await identity.sessions.end(kept(request, "session"))
    token = await identity.sessions.begin(official)
    await identity.links.renew(official)
    await identity.audit.note(official.subject, Event.SIGNED_IN)
    shown = RedirectResponse("/chat", status_code=303)
    keep(shown, request, "session", token)
    drop(shown, request, "form")
    shown.delete_cookie("conversation", path="/chat")
    return shown


async def _note_refusal(parts: Services, name: str, reason: str) -> None:
    """A name that is no account's may be anything, a mistyped password too: it is not noted."""
    known = {official.subject for official in await parts.identity.officials.all()}
    event = Event.SIGN_IN_LOCKED if reason == "locked" else Event.SIGN_IN_REFUSED
    await parts.identity.audit.note(local(name) if local(name) in known else "", event)


def _single_sign_on(parts: Services) -> SingleSignOn:
    if parts.identity.single_sign_on is None:
        raise Problem(404, "not_found")
    return parts.identity.single_sign_on
