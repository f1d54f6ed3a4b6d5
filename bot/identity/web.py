"""The session in a browser: its cookie, who is signed in, and the token of every form."""

import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Form, Request, Response

from bot.conversations import StoreUnavailable
from bot.identity.officials import Official
from bot.identity.sessions import Session
from bot.pages import foreign
from bot.problems import Problem
from bot.services import Parts

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_READING = ("GET", "HEAD")
_SIGN_IN_SECONDS = 3600


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request, name: str) -> str:
    """Over HTTPS a name that no other host and no plain connection can set."""
    return f"__Host-{name}" if _secure(request) else name


def keep(
    response: Response, request: Request, name: str, value: str, seconds: int | None = None
) -> None:
    """Sets a cookie that scripts do not get and other sites do not send along. ``seconds``: None
    until the browser closes."""
    response.set_cookie(
        _name(request, name), value, max_age=seconds, path="/", httponly=True, samesite="lax",
        secure=_secure(request),
    )  # fmt: skip


def drop(response: Response, request: Request, name: str) -> None:
    """Takes the cookie back."""
    response.delete_cookie(
        _name(request, name), path="/", httponly=True, samesite="lax", secure=_secure(request)
    )


def kept(request: Request, name: str) -> str:
    """The cookie's value, '' where there is none."""
    return request.cookies.get(_name(request, name), "")


async def https_or_loopback(request: Request) -> None:
    """Refuses to take a password over the network in the clear; raises a 403 problem."""
    if not _secure(request) and request.url.hostname not in _LOOPBACK:
        raise Problem(403, "https_needed")


async def current_session(request: Request, parts: Parts) -> Session | None:
    """Who is signed in; nobody where another site sent what is to be done, or the store fails.

    Reading is not asked for its site: the way back from the provider leads through another one.
    """
    token = kept(request, "session")
    if not token or (request.method not in _READING and foreign(request)):
        return None
    try:
        return await parts.identity.sessions.find(token)
    except StoreUnavailable:
        return None


SignedIn = Annotated[Session | None, Depends(current_session)]


async def signed_in_official(session: SignedIn) -> Official | None:
    """The same, the official alone."""
    return session.official if session else None


Asker = Annotated[Official | None, Depends(signed_in_official)]
"""The official who sent the request; None for a citizen."""


async def own_session(session: SignedIn) -> Session:
    """Who is signed in; raises a 401 problem."""
    if session is None:
        raise Problem(401, "signed_out")
    return session


OwnSession = Annotated[Session, Depends(own_session)]


async def own_form(session: OwnSession, form: Annotated[str, Form()] = "") -> None:
    """Refuses a form that the session's own pages did not make; raises a 403 problem."""
    if not hmac.compare_digest(form.encode(), session.csrf.encode()):
        raise Problem(403, "form_expired")


def new_form(response: Response, request: Request, token: str) -> None:
    """Binds a form that is sent before there is a session to this browser."""
    keep(response, request, "form", token, _SIGN_IN_SECONDS)


def form_token() -> str:
    """A fresh token of a form."""
    return secrets.token_urlsafe(16)


async def first_form(request: Request, form: Annotated[str, Form()] = "") -> None:
    """The same for a form that is sent before there is a session."""
    own = kept(request, "form")
    if not own or not hmac.compare_digest(form.encode(), own.encode()):
        raise Problem(403, "form_expired")
