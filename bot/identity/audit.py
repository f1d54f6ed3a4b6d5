"""The audit log: who looked up what and when, and who signed in. References, never free text."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from bot.conversations import ConversationStore, utc_now
from bot.identity.officials import drop_official
from bot.identity.tables import audit, bad_logins, channel_links, link_codes, officials, sessions

KEPT = dt.timedelta(days=365)
"""How long a line of the log is kept, and an official that never signs in again."""
_LONGEST_REFERENCE = 255


class Event(StrEnum):
    """What a line of the log tells. A turn of an official is logged by its outcome instead."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_LOCKED = "sign_in_locked"
    SIGNED_OUT = "signed_out"
    LINKED = "linked"
    UNLINKED = "unlinked"
    RULES_SEARCHED = "rules_searched"


@dataclass(frozen=True)
class Line:
    """One line: when (UTC), an official's subject, an event or outcome, and what it was about."""

    at: dt.datetime
    who: str
    event: str
    reference: str


class Audit:
    """The log in ``store``."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store

    async def note(self, who: str, event: str, references: Iterable[str] = ()) -> None:
        """Adds a line for each reference, or one without. Raises StoreUnavailable: what cannot be
        logged must not be shown."""
        moment = utc_now()
        rows = [
            {"at": moment, "who": who, "event": event, "reference": one[:_LONGEST_REFERENCE]}
            for one in (dict.fromkeys(references) or [""])
        ]
        await self._store.transaction(lambda db: db.execute(sa.insert(audit), rows))

    async def lines(self, since: dt.datetime) -> list[Line]:
        """The lines from ``since`` (UTC) on, oldest first."""
        return await self._store.transaction(_lines, since)

    async def purge(self) -> int:
        """Removes lines older than KEPT, ended sessions, dead codes and links, and officials
        whom the identity provider named that did not sign in for KEPT; returns how many lines."""
        return await self._store.transaction(_purge)


def _lines(db: sa.Connection, since: dt.datetime) -> list[Line]:
    query = sa.select(audit).where(audit.c.at >= since).order_by(audit.c.number)
    return [Line(row.at, row.who, row.event, row.reference) for row in db.execute(query)]


def _purge(db: sa.Connection) -> int:
    moment = utc_now()
    day_ago = moment - dt.timedelta(days=1)
    db.execute(sa.delete(sessions).where(sessions.c.created_at < day_ago))
    db.execute(sa.delete(bad_logins).where(bad_logins.c.last_at < day_ago))
    db.execute(sa.delete(link_codes).where(link_codes.c.expires_at < moment))
    db.execute(sa.delete(channel_links).where(channel_links.c.expires_at < moment))
    left = sa.select(officials.c.subject).where(
        officials.c.password.is_(None), officials.c.seen_at < moment - KEPT
    )
    for subject in db.execute(left).scalars().all():
        drop_official(db, subject)
    gone = sa.delete(audit).where(audit.c.at < moment - KEPT)
    return int(db.execute(gone).rowcount)
