"""Which messaging channels the settings open. A channel without its secrets stays closed."""

import logging
import re
from collections.abc import Callable, Iterator

from pydantic import SecretStr

from bot.channels.answering import Answering
from bot.channels.channel import Channel
from bot.channels.desk import Desk
from bot.channels.telegram.channel import Telegram
from bot.channels.updates import Updates
from bot.channels.zalo_bot.channel import ZaloBot
from bot.channels.zalo_oa.channel import ZaloOa
from bot.channels.zalo_oa.tokens import App
from bot.conversations import ConversationStore
from bot.identity.parts import Identity
from bot.limits import Limits
from bot.notice_log import NoticeLog
from bot.settings import Settings
from bot.turns import Turns

log = logging.getLogger(__name__)

_FORMS = {
    "telegram_token": r"[0-9]+:\S+",
    "telegram_secret": r"[A-Za-z0-9_-]{1,256}",
    "zalo_bot_secret": r".{8,256}",
}
"""What the platforms ask of a value; one of another form would fail later, and less clearly."""


def wanted_settings(settings: Settings) -> dict[str, list[str]]:
    """The settings that each channel, by slug, must have."""
    polled = settings.telegram_polling
    return {
        "telegram": ["telegram_token", *([] if polled else ["telegram_secret"])],
        "zalo-oa": [
            "zalo_oa_app_id",
            "zalo_oa_app_secret",
            "zalo_oa_secret",
            "zalo_oa_refresh_token",
        ],
        "zalo-bot": ["zalo_bot_token", "zalo_bot_secret"],
    }


def value(settings: Settings, name: str) -> str:
    """A setting as text, '' where it is unset."""
    found = getattr(settings, name)
    return found.get_secret_value() if isinstance(found, SecretStr) else str(found or "")


def missing(settings: Settings, slug: str) -> list[str]:
    """Environment variables that are unset, or of a form that cannot be right."""
    return [
        f"ASSISTANT_{name.upper()}"
        for name in wanted_settings(settings)[slug]
        if not re.fullmatch(_FORMS.get(name, r".+"), value(settings, name))
    ]


def connected(settings: Settings, slug: str) -> bool:
    """Whether anybody set anything for the channel."""
    return any(value(settings, name) for name in wanted_settings(settings)[slug])


def open_desk(
    settings: Settings,
    store: ConversationStore,
    turns: Turns,
    limits: Limits,
    identity: Identity,
    notices: NoticeLog,
    secret: str,
) -> Desk:
    """The channels that have what they need; one log line for each that lacks something."""
    makers: dict[str, Callable[[], Channel]] = {
        "telegram": lambda: _telegram(settings),
        "zalo-oa": lambda: _zalo_oa(settings, store, secret),
        "zalo-bot": lambda: _zalo_bot(settings),
    }

    def opened() -> Iterator[Channel]:
        for slug, make in makers.items():
            lacks = missing(settings, slug)
            if not lacks:
                yield make()
            elif connected(settings, slug):
                log.error("channel does not start", extra={"channel": slug, "set": lacks})

    updates = Updates(store)
    answering = Answering(settings, turns, limits, store, updates, identity, notices)
    return Desk(list(opened()), store, updates, answering, secret)


def _telegram(settings: Settings) -> Telegram:
    secret = None if settings.telegram_polling else value(settings, "telegram_secret")
    return Telegram(value(settings, "telegram_token"), secret, settings.telegram_api_url)


def _zalo_oa(settings: Settings, store: ConversationStore, secret: str) -> ZaloOa:
    app = App(
        settings.zalo_oa_app_id,
        value(settings, "zalo_oa_app_secret"),
        value(settings, "zalo_oa_refresh_token"),
    )
    return ZaloOa(
        app,
        value(settings, "zalo_oa_secret"),
        store,
        secret,
        settings.zalo_oa_api_url,
        settings.zalo_oa_oauth_url,
    )


def _zalo_bot(settings: Settings) -> ZaloBot:
    token, secret = value(settings, "zalo_bot_token"), value(settings, "zalo_bot_secret")
    return ZaloBot(token, secret, settings.zalo_bot_api_url)
