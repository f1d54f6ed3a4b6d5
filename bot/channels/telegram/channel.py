"""Telegram as a channel: its webhook, what it sends, and asking for updates instead."""

import asyncio
import contextlib
import datetime as dt
import html
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from aiolimiter import AsyncLimiter
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.channel import Never, NotNow, Refused, same_secret
from bot.channels.incoming import Incoming
from bot.channels.telegram import drawing, reading
from bot.channels.updates import Message
from bot.conversations import StoreUnavailable
from bot.messages import message as text_of

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "callback_query"]
PRIVATE_PAUSE = 1.05
GROUP_PAUSE = 3.05
"""Telegram takes one message a second in a chat and twenty a minute in a group."""
_OVERALL = 30
"""Messages a second to all chats together."""
_POLL_SECONDS = 25
_RETRY_SECONDS = 5.0


@contextlib.asynccontextmanager
async def opened_bot(token: str, api_url: str) -> AsyncIterator[Bot]:
    """A client of the Bot API at ``api_url`` for the time of the block."""
    requests = HTTPXRequest(connection_pool_size=32)
    try:
        yield Bot(token, f"{api_url.rstrip('/')}/bot", request=requests)
    finally:
        await requests.shutdown()


class Telegram:
    """``secret`` is what Telegram sends along with every update; None where updates are asked
    for."""

    name: ClassVar[str] = "telegram"
    slug: ClassVar[str] = "telegram"
    window: ClassVar[dt.timedelta] = dt.timedelta(hours=24)
    draw = staticmethod(drawing.draw)

    def __init__(self, token: str, secret: str | None, api_url: str) -> None:
        self._secret = secret
        self._bot_id = int(token.partition(":")[0])
        self._username = ""
        self._requests = HTTPXRequest(connection_pool_size=32)
        self._bot = Bot(token, f"{api_url.rstrip('/')}/bot", request=self._requests)
        self._overall = AsyncLimiter(_OVERALL, 1)

    def read(self, headers: Mapping[str, str], body: bytes) -> Incoming | None:
        """See ``Channel.read``."""
        given = headers.get("x-telegram-bot-api-secret-token", "")
        if self._secret is None or not same_secret(given, self._secret):
            raise Refused
        return reading.read(body, self._bot_id, self._username)

    async def learn_name(self) -> None:
        """Asks for the bot's name, by which groups address it, until Telegram tells."""
        while not self._username:
            try:
                self._username = (await self._bot.get_me()).username or ""
            except TelegramError as error:
                log.error("telegram does not answer", extra={"reason": type(error).__name__})
                await asyncio.sleep(_RETRY_SECONDS)

    async def poll(self, accept: Callable[[Incoming], Awaitable[None]]) -> None:
        """Asks for updates for ever, in place of a webhook. An update counts as taken when the
        queue has it."""
        offset = 0
        await self.learn_name()
        while True:
            try:
                for update in await self._ask_for_updates(offset):
                    await self._take(update, accept)
                    offset = int(update["update_id"]) + 1
            except (TelegramError, StoreUnavailable) as error:
                log.error("updates not fetched", extra={"reason": type(error).__name__})
                await asyncio.sleep(_RETRY_SECONDS)

    async def _ask_for_updates(self, offset: int) -> list[dict[str, Any]]:
        """Waits for updates from ``offset`` on, as JSON; a webhook would be in the way."""
        if not offset:
            await self._bot.delete_webhook()
        wanted = {
            "offset": offset,
            "timeout": _POLL_SECONDS,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        found: Any = await self._requests.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(wanted)}", read_timeout=_POLL_SECONDS + 5
        )
        return found if isinstance(found, list) else []

    async def _take(
        self, update: dict[str, Any], accept: Callable[[Incoming], Awaitable[None]]
    ) -> None:
        try:
            incoming = reading.read(json.dumps(update).encode(), self._bot_id, self._username)
        except ValueError:
            log.warning("update not understood", extra={"channel": self.name})
            return
        if incoming is not None:
            await accept(incoming)

    async def acknowledge(self, incoming: Incoming) -> None:
        """Stops the pressed button's clock; a press that is too old to be answered is no fault."""
        if not incoming.callback:
            return
        try:
            await self._bot.answer_callback_query(incoming.callback, text_of("channels.pressed"))
        except TelegramError as error:
            log.warning("press not acknowledged", extra={"reason": type(error).__name__})

    async def send(self, incoming: Incoming, message: Message) -> None:
        """See ``Channel.send``. Where Telegram refuses the marks, the text goes without them."""
        try:
            await self._send(incoming, message["html"], ParseMode.HTML, message)
        except BadRequest as error:
            if "parse entities" not in error.message:
                raise Never(f"refused: {error.message[:80]}") from None
            log.error("telegram refused our marks")
            plain = html.unescape(re.sub(r"<[^>]*>", "", message["html"]))
            await self._send(incoming, plain, None, message)

    async def _send(
        self, incoming: Incoming, text: str, mode: str | None, message: Message
    ) -> None:
        try:
            async with self._overall:
                await self._bot.send_message(
                    incoming.chat,
                    text,
                    parse_mode=mode,
                    reply_markup=_keyboard(message),
                    disable_web_page_preview=True,
                    reply_parameters=_replied(incoming),
                )
        except BadRequest:
            raise
        except RetryAfter as error:
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
            raise NotNow("rate limit", seconds) from None
        except (Forbidden, ChatMigrated):
            raise Never("the person has left the chat") from None
        except InvalidToken:
            raise NotNow("token refused: see ASSISTANT_TELEGRAM_TOKEN") from None
        except TelegramError as error:
            raise NotNow(type(error).__name__) from None

    def pause(self, incoming: Incoming) -> float:
        """See ``Channel.pause``."""
        return GROUP_PAUSE if incoming.group else PRIVATE_PAUSE

    async def close(self) -> None:
        """See ``Channel.close``."""
        await self._requests.shutdown()


def _replied(incoming: Incoming) -> ReplyParameters | None:
    """The message that is answered, where others could take the answer for theirs."""
    if not incoming.message:
        return None
    return ReplyParameters(int(incoming.message), allow_sending_without_reply=True)


def _keyboard(message: Message) -> InlineKeyboardMarkup | None:
    if "buttons" not in message:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=payload)]
            for label, payload in message["buttons"]
        ]
    )
