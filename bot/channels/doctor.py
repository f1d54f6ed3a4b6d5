"""Registers channels with their platforms, and says in the operator's words what is wrong.

A line of a check is (channel, whether it works, what to know or do).
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator

import httpx
from telegram import BotCommand, WebhookInfo
from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.channels.channel import Never, NotNow
from bot.channels.opening import connected, missing, value, wanted_settings
from bot.channels.telegram.channel import ALLOWED_UPDATES, opened_bot
from bot.channels.telegram.reading import COMMANDS
from bot.channels.zalo_bot.channel import ZaloBotApi
from bot.channels.zalo_oa.tokens import App, OaTokens, RefreshUsed
from bot.conversations import ConversationStore, StoreUnavailable
from bot.messages import message
from bot.settings import Settings, token_secret
from connectors.dossier import TIMEZONE
from knowledge.errors import OperatorError

Line = tuple[str, bool, str]

_CAUSES = [
    ("certificate", ("certificate", "ssl", "tls")),
    ("secret", ("401", "403", "unauthorized", "forbidden")),
    ("not_found", ("404", "405", "not found", "301", "302", "redirect")),
    ("address", ("resolve", "dns", "ip address")),
    ("server", ("500", "502", "503", "504", "internal", "gateway", "unavailable")),
    ("down", ("refused", "timed out", "timeout", "reset", "closed", "unreachable")),
]
"""What a platform's words about its last delivery mean; the first that fits."""


class Broken(Exception):
    """A check found what is wrong, in words."""


def webhook_url(settings: Settings, slug: str) -> str:
    """Where a platform delivers. Raises OperatorError where the public address is not set."""
    if not settings.public_url.startswith("https://"):
        raise OperatorError(f"ASSISTANT_PUBLIC_URL: {message('doctor.url_unset')}")
    return f"{settings.public_url.rstrip('/')}/channels/{slug}"


async def check(settings: Settings) -> list[Line]:
    """One line for every channel."""
    checks = {"telegram": _telegram, "zalo-oa": _zalo_oa, "zalo-bot": _zalo_bot}
    return [await _line(settings, slug, look) for slug, look in checks.items()]


async def _line(settings: Settings, slug: str, look: Callable[[Settings], Awaitable[str]]) -> Line:
    names = ", ".join(f"ASSISTANT_{name.upper()}" for name in wanted_settings(settings)[slug])
    if not connected(settings, slug):
        return slug, True, message("doctor.not_connected", settings=names)
    if lacks := missing(settings, slug):
        return slug, False, message("doctor.missing", settings=", ".join(lacks))
    try:
        return slug, True, await look(settings)
    except Broken as found:
        return slug, False, str(found)
    except OperatorError:
        return slug, False, message("doctor.url_unset")


async def register(settings: Settings, slug: str) -> str:
    """Tells a platform where to deliver; what was done, in words. Raises OperatorError."""
    if lacks := missing(settings, slug):
        raise OperatorError(f"{slug}: {message('doctor.missing', settings=', '.join(lacks))}")
    url = webhook_url(settings, slug)
    try:
        if slug == "telegram":
            await _register_telegram(settings, url)
        elif slug == "zalo-bot":
            await _register_zalo_bot(settings, url)
        else:
            await _zalo_oa(settings)
            return message("doctor.enter_url", url=url)
    except Broken as found:
        raise OperatorError(f"{slug}: {found}") from None
    return message("doctor.registered", url=url)


async def _register_telegram(settings: Settings, url: str) -> None:
    commands = [BotCommand(name, message(f"commands.{name}")) for name in COMMANDS]
    try:
        async with opened_bot(*_telegram_client(settings)) as bot:
            await bot.set_webhook(
                url,
                secret_token=value(settings, "telegram_secret"),
                allowed_updates=ALLOWED_UPDATES,
            )
            await bot.set_my_commands(commands)
    except TelegramError as error:
        raise _telegram_trouble(settings, error) from None


def _telegram_client(settings: Settings) -> tuple[str, str]:
    return value(settings, "telegram_token"), settings.telegram_api_url


def _telegram_trouble(settings: Settings, error: TelegramError) -> Broken:
    if isinstance(error, InvalidToken):
        return Broken(message("doctor.token_refused", settings="ASSISTANT_TELEGRAM_TOKEN"))
    if isinstance(error, NetworkError) and type(error).__name__ in ("NetworkError", "TimedOut"):
        return Broken(message("doctor.unreachable", host=settings.telegram_api_url))
    return Broken(message("doctor.refused", error=error.message[:120]))


async def _telegram(settings: Settings) -> str:
    try:
        async with opened_bot(*_telegram_client(settings)) as bot:
            info = await bot.get_webhook_info()
    except TelegramError as error:
        raise _telegram_trouble(settings, error) from None
    if settings.telegram_polling:
        return message("doctor.polling")
    found = list(_webhook_faults(settings, info))
    if found:
        raise Broken("; ".join(found))
    return message("doctor.webhook_fine", url=info.url, pending=info.pending_update_count)


def _webhook_faults(settings: Settings, info: WebhookInfo) -> Iterator[str]:
    wanted = webhook_url(settings, "telegram")
    if not info.url:
        yield message("doctor.webhook_unset", channel="telegram")
        return
    if info.url != wanted:
        yield message("doctor.webhook_other", url=info.url, wanted=wanted, channel="telegram")
    if info.last_error_message and info.last_error_date:
        when = info.last_error_date.astimezone(TIMEZONE)
        yield message(
            "doctor.webhook_error",
            when=f"{when:%H:%M %d/%m/%Y}",
            error=info.last_error_message,
            cause=cause(info.last_error_message, "telegram"),
        )


def cause(error: str, channel: str) -> str:
    """What a platform's words about a failed delivery mean, and what to do."""
    told = error.lower()
    for name, signs in _CAUSES:
        if any(sign in told for sign in signs):
            return message(f"doctor.cause_{name}", channel=channel)
    return message("doctor.cause_other")


async def _zalo_oa(settings: Settings) -> str:
    app = App(
        settings.zalo_oa_app_id,
        value(settings, "zalo_oa_app_secret"),
        value(settings, "zalo_oa_refresh_token"),
    )
    store = ConversationStore(settings.conversations_url)
    try:
        async with httpx.AsyncClient(timeout=10.0) as http:
            secret = token_secret(settings)
            tokens = OaTokens(store, app, secret, http, settings.zalo_oa_oauth_url)
            _, end = await tokens.access()
    except RefreshUsed:
        raise Broken(message("doctor.refresh_used")) from None
    except NotNow as error:
        raise Broken(message("doctor.refused", error=error.reason)) from None
    except StoreUnavailable:
        raise Broken(message("doctor.cause_server")) from None
    finally:
        store.close()
    until = (end + dt.timedelta(hours=7)).strftime("%H:%M %d/%m/%Y")
    return message("doctor.token_renewed", until=until, url=webhook_url(settings, "zalo-oa"))


async def _register_zalo_bot(settings: Settings, url: str) -> None:
    secret = value(settings, "zalo_bot_secret")
    await _ask_zalo_bot(settings, "setWebhook", url=url, secret_token=secret)


async def _ask_zalo_bot(settings: Settings, method: str, **body: str) -> dict[str, str]:
    api = ZaloBotApi(value(settings, "zalo_bot_token"), settings.zalo_bot_api_url)
    try:
        found = await api.call(method, **body)
        return found if isinstance(found, dict) else {}
    except (NotNow, Never) as error:
        if "token" in error.reason:
            told = message("doctor.token_refused", settings="ASSISTANT_ZALO_BOT_TOKEN")
        else:
            told = message("doctor.refused", error=error.reason)
        raise Broken(told) from None
    finally:
        await api.close()


async def _zalo_bot(settings: Settings) -> str:
    wanted = webhook_url(settings, "zalo-bot")
    url = (await _ask_zalo_bot(settings, "getWebhookInfo")).get("url", "")
    if not url:
        raise Broken(message("doctor.webhook_unset", channel="zalo-bot"))
    if url != wanted:
        raise Broken(message("doctor.webhook_other", url=url, wanted=wanted, channel="zalo-bot"))
    return message("doctor.registered", url=url)
