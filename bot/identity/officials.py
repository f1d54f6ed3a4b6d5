"""Officials: who they are, and how those with a local account prove it.

A sign-in takes a password and a one-time code together. Bad ones are counted by the name typed,
whether such an account exists or not, so that neither words nor times tell which accounts exist.
"""

import asyncio
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.conversations import ConversationStore, utc_now
from bot.identity.tables import bad_logins, channel_links, link_codes, officials, sessions
from knowledge.errors import OperatorError
from knowledge.roles import Role, role_named

SHORTEST_PASSWORD = 12
MOST_BAD_LOGINS = 5
LOCKED = dt.timedelta(minutes=15)
_STEP_SECONDS = 30
_HASHER = PasswordHasher()
_NO_ACCOUNT = _HASHER.hash(secrets.token_urlsafe(16))
_NO_SEED = pyotp.random_base32()


@dataclass(frozen=True)
class Official:
    """A person with a role. ``subject``: ``local:NAME`` or ``oidc:SUBJECT``, as the audit log
    names them; ``unit``: agency code of their unit (``H37.12``), '' for none."""

    id: str
    subject: str
    name: str
    role: Role
    unit: str
    unit_name: str


@dataclass(frozen=True)
class Person:
    """An official as a sign-in or the command line names them."""

    subject: str
    name: str
    role: Role
    unit: str = ""
    unit_name: str = ""


class SignInRefused(Exception):
    """``str(error)``: ``wrong`` (name, password or code) or ``locked``."""


def local(name: str) -> str:
    """The subject of the local account ``name``."""
    return f"local:{name.strip().lower()}"


def official_of(row: Any) -> Official:
    """The official of a row that holds the columns of ``officials``."""
    role = role_named(row.role)
    return Official(row.id, row.subject, row.name, role, row.unit, row.unit_name)


class Officials:
    """The officials in ``store``. ``secret`` keys the names that bad sign-ins are counted by."""

    def __init__(self, store: ConversationStore, secret: str) -> None:
        self._store = store
        self._secret = secret.encode()

    async def add_local(self, person: Person, password: str) -> str:
        """Makes a local account and returns the seed of its one-time codes. An account of that
        name gets role, unit, password and seed anew, and its sessions end. Raises OperatorError."""
        if len(password) < SHORTEST_PASSWORD:
            raise OperatorError(f"user: a password has at least {SHORTEST_PASSWORD} characters")
        seed = pyotp.random_base32()
        proofs = {"password": _HASHER.hash(password), "totp_secret": seed, "totp_step": 0}
        await self._store.transaction(self._save, person, proofs)
        return seed

    async def signed_on(self, person: Person) -> Official:
        """Keeps what the identity provider says of ``person`` at each of their sign-ins."""
        return await self._store.transaction(self._save, person, {})

    async def remove(self, subject: str) -> bool:
        """Removes the official, their sessions and links; False where there is none."""
        return await self._store.transaction(drop_official, subject)

    async def all(self) -> list[Official]:
        """Every official by subject."""
        query = sa.select(officials).order_by(officials.c.subject)
        return await self._store.transaction(lambda db: [*map(official_of, db.execute(query))])

    async def check(self, name: str, password: str, code: str) -> Official:
        """The official who gave these. Raises SignInRefused."""
        subject = local(name)
        key = hmac.digest(self._secret, subject.encode(), hashlib.sha256).hex()
        if not await self._store.transaction(_count_attempt, key):
            raise SignInRefused("locked")
        row = await self._store.transaction(_by_subject, subject)
        known = row is not None and row.password is not None
        right = await asyncio.to_thread(_verify, row.password if known else _NO_ACCOUNT, password)
        step = _step_of(row.totp_secret if known else _NO_SEED, code)
        if not known or not right or step is None:
            raise SignInRefused("wrong")
        if not await self._store.transaction(_take_step, row.id, step, key):
            raise SignInRefused("wrong")
        return official_of(row)

    def _save(self, db: sa.Connection, person: Person, proofs: dict[str, Any]) -> Official:
        values = {
            "name": person.name,
            "role": str(person.role),
            "unit": person.unit,
            "unit_name": person.unit_name,
            "seen_at": utc_now(),
            **proofs,
        }
        change = sa.update(officials).where(officials.c.subject == person.subject)
        if db.execute(change.values(values)).rowcount == 0:
            made = {"id": secrets.token_urlsafe(12), "subject": person.subject, "totp_step": 0}
            db.execute(sa.insert(officials).values(made | values))
        row = _by_subject(db, person.subject)
        if proofs:
            db.execute(sa.delete(sessions).where(sessions.c.official == row.id))
        return official_of(row)


def _by_subject(db: sa.Connection, subject: str) -> Any:
    return db.execute(sa.select(officials).where(officials.c.subject == subject)).one_or_none()


def drop_official(db: sa.Connection, subject: str) -> bool:
    """Removes the official with their sessions, codes and links; False where there is none."""
    row = _by_subject(db, subject)
    if row is None:
        return False
    for table in (sessions, link_codes, channel_links):
        db.execute(sa.delete(table).where(table.c.official == row.id))
    db.execute(sa.delete(officials).where(officials.c.id == row.id))
    return True


def _count_attempt(db: sa.Connection, key: str) -> bool:
    """Counts before anything is checked, so that attempts at once cannot pass the limit; False
    while the name is locked."""
    moment = utc_now()
    db.execute(
        sa.delete(bad_logins).where(bad_logins.c.key == key, bad_logins.c.last_at < moment - LOCKED)
    )
    own = bad_logins.c.key == key
    count = db.execute(sa.select(bad_logins.c.count).where(own)).scalar()
    if count is None:
        db.execute(sa.insert(bad_logins).values(key=key, count=1, last_at=moment))
        return True
    more = sa.update(bad_logins).where(own, bad_logins.c.count < MOST_BAD_LOGINS)
    values = {"count": bad_logins.c.count + 1, "last_at": moment}
    return bool(db.execute(more.values(values)).rowcount)


def _take_step(db: sa.Connection, official: str, step: int, key: str) -> bool:
    """Uses up the one-time code and forgets the bad sign-ins; False where it was used before."""
    change = sa.update(officials).where(officials.c.id == official, officials.c.totp_step < step)
    if db.execute(change.values(totp_step=step, seen_at=utc_now())).rowcount == 0:
        return False
    db.execute(sa.delete(bad_logins).where(bad_logins.c.key == key))
    return True


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _step_of(seed: str, code: str) -> int | None:
    """The 30-second step whose code this is: the present one or a neighbour; None for none."""
    typed = "".join(code.split())
    present = int(dt.datetime.now(dt.UTC).timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(seed)
    steps = (present - 1, present, present + 1)
    return next((s for s in steps if pyotp.utils.strings_equal(totp.generate_otp(s), typed)), None)
