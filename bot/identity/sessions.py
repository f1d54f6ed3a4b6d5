"""Sessions: kept in the store, known to the browser by a random token alone."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from bot.conversations import ConversationStore, utc_now
from bot.identity.officials import Official, official_of
from bot.identity.tables import officials, sessions

LONGEST = dt.timedelta(hours=12)
"""How long a session lasts at most, used or not."""
_NOTED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """Who is signed in; ``csrf`` must come back with every form they send."""

    official: Official
    csrf: str


def hashed(secret: str) -> str:
    """How a random token or code is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Sessions:
    """The sessions in ``store``; one that was not used for ``idle`` has ended."""

    def __init__(self, store: ConversationStore, idle: dt.timedelta) -> None:
        self._store = store
        self._idle = idle

    async def begin(self, official: Official) -> str:
        """The token of a new session."""
        token = secrets.token_urlsafe(32)
        await self._store.transaction(_insert, hashed(token), official.id)
        return token

    async def find(self, token: str) -> Session | None:
        """The session that ``token`` opens, with the official's role of this moment."""
        return await self._store.transaction(self._find, hashed(token))

    async def end(self, token: str) -> None:
        """Ends the session."""
        gone = sa.delete(sessions).where(sessions.c.token == hashed(token))
        await self._store.transaction(lambda db: db.execute(gone))

    def _find(self, db: sa.Connection, token: str) -> Session | None:
        moment = utc_now()
        query = (
            sa.select(officials, sessions.c.csrf, sessions.c.seen_at.label("used_at"))
            .join(sessions, sessions.c.official == officials.c.id)
            .where(
                sessions.c.token == token,
                sessions.c.seen_at > moment - self._idle,
                sessions.c.created_at > moment - LONGEST,
            )
        )
        row = db.execute(query).one_or_none()
        if row is None:
            return None
        if row.used_at < moment - _NOTED_EVERY:
            own = sa.update(sessions).where(sessions.c.token == token)
            db.execute(own.values(seen_at=moment))
        return Session(official_of(row), row.csrf)


def _insert(db: sa.Connection, token: str, official: str) -> None:
    moment = utc_now()
    row = {"token": token, "official": official, "created_at": moment, "seen_at": moment}
    db.execute(sa.insert(sessions).values(row | {"csrf": secrets.token_urlsafe(16)}))
    db.execute(sa.update(officials).where(officials.c.id == official).values(seen_at=moment))
