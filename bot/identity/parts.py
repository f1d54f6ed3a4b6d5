"""Everything about identity that a running app holds."""

import datetime as dt
from dataclasses import dataclass

from bot.conversations import ConversationStore
from bot.identity.audit import Audit
from bot.identity.links import Links
from bot.identity.officials import Official, Officials
from bot.identity.oidc import SingleSignOn, open_single_sign_on
from bot.identity.sessions import Sessions
from bot.settings import Settings
from knowledge.roles import Role


@dataclass
class Identity:
    """One app's officials, sessions, links, audit log, and single sign-on where it is set up."""

    officials: Officials
    sessions: Sessions
    links: Links
    audit: Audit
    single_sign_on: SingleSignOn | None

    async def official_of(self, channel: str, user: str) -> Official | None:
        """Who speaks from an account of a channel such as ``telegram``; None for a citizen.

        ``user``: the id that the channel's own verified update names. Raises StoreUnavailable.
        """
        return await self.links.official_of(channel, user)

    async def role_of(self, channel: str, user: str) -> Role:
        """The same, the role alone."""
        official = await self.official_of(channel, user)
        return official.role if official else Role.CITIZEN


def open_identity(settings: Settings, store: ConversationStore, secret: str) -> Identity:
    """Raises OperatorError. ``secret``: the app's own, which signs its tokens."""
    return Identity(
        officials=Officials(store, secret),
        sessions=Sessions(store, dt.timedelta(minutes=settings.session_idle_minutes)),
        links=Links(store, secret),
        audit=Audit(store),
        single_sign_on=open_single_sign_on(settings, secret),
    )
