"""``assistant user`` and ``assistant audit``: officials' accounts, and what they looked up."""

import asyncio
import contextlib
import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import pyotp
import segno
import typer

from bot.cli.output import console, errors, table
from bot.conversations import ConversationStore, StoreUnavailable, utc_now
from bot.identity.officials import Person, local
from bot.identity.parts import Identity, open_identity
from bot.settings import Settings, token_secret
from knowledge.errors import OperatorError
from knowledge.roles import Role

app = typer.Typer(help="Accounts of officials who sign in here.", no_args_is_help=True)
ISSUER = "Assistant"


@contextlib.contextmanager
def _identity() -> Iterator[Identity]:
    settings = Settings()
    store = ConversationStore(settings.conversations_url)
    try:
        yield open_identity(settings, store, token_secret(settings))
    except StoreUnavailable:
        raise OperatorError(
            "the conversations' database cannot be read or written; see ASSISTANT_CONVERSATIONS_URL"
        ) from None
    finally:
        store.close()


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What they may see and do.")] = Role.OFFICIAL,
    unit: Annotated[str, typer.Option(help="Agency code of their unit, such as H37.12.")] = "",
    unit_name: Annotated[str, typer.Option(help="Name of their unit.")] = "",
    full_name: Annotated[str, typer.Option(help="Name to show; else NAME.")] = "",
) -> None:
    """Make an account, or give the one of that NAME a new password, seed, role and unit.

    Asks for the password, or reads it from a pipe, then prints the seed of the one-time codes, on
    a terminal also as a picture for an authenticator app. It is shown this once.
    """
    if role is Role.CITIZEN:
        raise OperatorError("user: citizens do not sign in; roles: official, editor, admin")
    password = _password()
    person = Person(local(name), full_name or name, role, unit, unit_name)
    with _identity() as identity:
        seed = asyncio.run(identity.officials.add_local(person, password))
    address = pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=ISSUER)
    if console.is_terminal:
        segno.make(address).terminal(compact=True)
    console.print(address, markup=False, highlight=False, soft_wrap=True)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return typed


@app.command("list")
def list_() -> None:
    """List every official: local accounts, and those the identity provider named."""
    with _identity() as identity:
        found = asyncio.run(identity.officials.all())
    rows = [(one.subject, one.name, one.role, one.unit, one.unit_name) for one in found]
    console.print(table("officials", ["subject", "name", "role", "unit", "unit name"], rows))


@app.command()
def remove(
    subject: Annotated[str, typer.Argument(help="As `assistant user list` shows it.")],
) -> None:
    """Remove an official with their sessions and links; the audit log stays."""
    with _identity() as identity:
        known = asyncio.run(identity.officials.remove(subject))
    if not known:
        raise OperatorError(f"user: nobody is {subject}; see `assistant user list`")


def audit(
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print who signed in and looked up what, by reference; nobody's words are in it."""
    with _identity() as identity:
        lines = asyncio.run(identity.audit.lines(utc_now() - dt.timedelta(days=days)))
    if as_json:
        for line in lines:
            print(json.dumps({**asdict(line), "at": f"{line.at.isoformat()}Z"}))
        return
    rows = [(f"{one.at:%Y-%m-%d %H:%M}", one.who, one.event, one.reference) for one in lines]
    console.print(table("audit (UTC)", ["at", "who", "event", "reference"], rows))
    errors.print(f"{len(lines)} lines")
