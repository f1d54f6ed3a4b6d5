"""Accounts of other channels (Telegram, Zalo) linked to an official by a one-time code.

A link carries no role of its own: the official's role of the moment counts. It lapses when the
official has not signed in for LINK, so one who left loses it without anybody's doing.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from bot.conversations import ConversationStore, utc_now
from bot.identity.officials import Official, official_of
from bot.identity.sessions import hashed
from bot.identity.tables import channel_links, link_codes, officials

CODE = dt.timedelta(minutes=10)
"""How long a one-time code is good for."""
LINK = dt.timedelta(days=30)
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no letter that looks like a digit
_LENGTH = 8


@dataclass(frozen=True)
class Link:
    """One linked account as its official sees it: the channel and until when (UTC)."""

    id: str
    channel: str
    linked_at: dt.datetime
    expires_at: dt.datetime


class Links:
    """The links in ``store``. ``secret`` keys the ids of channel users, which are kept hashed."""

    def __init__(self, store: ConversationStore, secret: str) -> None:
        self._store = store
        self._secret = secret.encode()

    async def issue(self, official: Official) -> str:
        """A new one-time code; the one before is good no more."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        await self._store.transaction(_issue, official.id, hashed(code))
        return f"{code[:4]}-{code[4:]}"

    async def redeem(self, channel: str, user: str, typed: str) -> Official | None:
        """Links the account to whom the code was issued; None for a code that is wrong, used or
        too old. Whatever this account was linked to before, it is not any more."""
        code = hashed("".join(char for char in typed.upper() if char in _ALPHABET))
        return await self._store.transaction(_redeem, code, channel, self._key(channel, user))

    async def official_of(self, channel: str, user: str) -> Official | None:
        """Who speaks from this account; None for a citizen."""
        return await self._store.transaction(_linked, channel, self._key(channel, user))

    async def of(self, official: Official) -> list[Link]:
        """The links of ``official``, oldest first."""
        return await self._store.transaction(_links_of, official.id)

    async def renew(self, official: Official) -> None:
        """Extends the links of ``official``, who has signed in."""
        own = sa.update(channel_links).where(
            channel_links.c.official == official.id, channel_links.c.expires_at > utc_now()
        )
        later = own.values(expires_at=utc_now() + LINK)
        await self._store.transaction(lambda db: db.execute(later))

    async def unlink(self, official: Official, link: str) -> bool:
        """Removes one of the official's own links."""
        own = sa.delete(channel_links).where(
            channel_links.c.id == link, channel_links.c.official == official.id
        )
        return await self._store.transaction(lambda db: bool(db.execute(own).rowcount))

    async def leave(self, channel: str, user: str) -> bool:
        """Removes the link of an account from its own side."""
        own = _account(channel, self._key(channel, user))
        gone = sa.delete(channel_links).where(own)
        return await self._store.transaction(lambda db: bool(db.execute(gone).rowcount))

    def _key(self, channel: str, user: str) -> str:
        return hmac.digest(self._secret, f"{channel}:{user}".encode(), hashlib.sha256).hex()


def _account(channel: str, user: str) -> sa.ColumnElement[bool]:
    return sa.and_(channel_links.c.channel == channel, channel_links.c.user == user)


def _issue(db: sa.Connection, official: str, code: str) -> None:
    db.execute(sa.delete(link_codes).where(link_codes.c.official == official))
    row = {"code": code, "official": official, "expires_at": utc_now() + CODE}
    db.execute(sa.insert(link_codes).values(row))


def _redeem(db: sa.Connection, code: str, channel: str, user: str) -> Official | None:
    moment = utc_now()
    query = (
        sa.select(officials)
        .join(link_codes, link_codes.c.official == officials.c.id)
        .where(link_codes.c.code == code, link_codes.c.expires_at > moment)
    )
    row = db.execute(query).one_or_none()
    if db.execute(sa.delete(link_codes).where(link_codes.c.code == code)).rowcount == 0:
        return None  # another process took it
    if row is None:
        return None
    db.execute(sa.delete(channel_links).where(_account(channel, user)))
    link = {
        "id": secrets.token_urlsafe(12),
        "channel": channel,
        "user": user,
        "official": row.id,
        "linked_at": moment,
        "expires_at": moment + LINK,
    }
    db.execute(sa.insert(channel_links).values(link))
    return official_of(row)


def _linked(db: sa.Connection, channel: str, user: str) -> Official | None:
    query = (
        sa.select(officials)
        .join(channel_links, channel_links.c.official == officials.c.id)
        .where(_account(channel, user), channel_links.c.expires_at > utc_now())
    )
    row = db.execute(query).one_or_none()
    return official_of(row) if row else None


def _links_of(db: sa.Connection, official: str) -> list[Link]:
    query = (
        sa.select(channel_links)
        .where(channel_links.c.official == official, channel_links.c.expires_at > utc_now())
        .order_by(channel_links.c.linked_at)
    )
    return [Link(r.id, r.channel, r.linked_at, r.expires_at) for r in db.execute(query)]
