"""A bot of the Zalo Bot Platform as a channel."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from bot.channels.channel import Never, NotNow, Refused, same_secret
from bot.channels.incoming import Incoming
from bot.channels.updates import Message
from bot.channels.zalo_bot import drawing, reading

_SECONDS = 10.0
_RATE = 429
_TOKEN = (401, 404)


class ZaloBotApi:
    """A client of the platform's methods. The token is a part of every address."""

    def __init__(self, token: str, api_url: str) -> None:
        self._http = httpx.AsyncClient(timeout=_SECONDS)
        self._base = f"{api_url.rstrip('/')}/bot{token}"

    async def call(self, method: str, **body: Any) -> Any:
        """``result`` of a method. Raises NotNow and Never."""
        try:
            reply = await self._http.post(f"{self._base}/{method}", json=body)
            told = reply.json()
        except httpx.HTTPError as error:
            raise NotNow(type(error).__name__) from None
        except ValueError:
            raise NotNow(f"status {reply.status_code}") from None
        if isinstance(told, dict) and told.get("ok"):
            return told.get("result")
        raise _failure(told if isinstance(told, dict) else {}, reply.status_code)

    async def close(self) -> None:
        """Gives connections back."""
        await self._http.aclose()


def _failure(told: dict[str, Any], status: int) -> NotNow | Never:
    code = told.get("error_code") or status
    if code == _RATE:
        after = (told.get("parameters") or {}).get("retry_after")
        return NotNow("rate limit", float(after) if after else 60.0)
    if code in _TOKEN:
        return NotNow("token refused: see ASSISTANT_ZALO_BOT_TOKEN")
    if isinstance(code, int) and 400 <= code < 500:
        return Never(f"refused ({code}): {str(told.get('description', ''))[:80]}")
    return NotNow(f"error {code}")


class ZaloBot:
    """``secret`` is what the platform sends along with every event."""

    name: ClassVar[str] = "zalo_bot"
    slug: ClassVar[str] = "zalo-bot"
    window: ClassVar[dt.timedelta] = dt.timedelta(hours=24)
    draw = staticmethod(drawing.draw)

    def __init__(self, token: str, secret: str, api_url: str) -> None:
        self._secret = secret
        self._api = ZaloBotApi(token, api_url)

    def read(self, headers: Mapping[str, str], body: bytes) -> Incoming | None:
        """See ``Channel.read``."""
        if not same_secret(headers.get("x-bot-api-secret-token", ""), self._secret):
            raise Refused
        return reading.read(body)

    async def acknowledge(self, incoming: Incoming) -> None:
        """Nothing waits for a sign in Zalo."""

    async def send(self, incoming: Incoming, message: Message) -> None:
        """See ``Channel.send``."""
        await self._api.call("sendMessage", chat_id=incoming.chat, text=message["text"])

    def pause(self, incoming: Incoming) -> float:
        """See ``Channel.pause``; keeps the parts of an answer in order."""
        return 0.2

    async def close(self) -> None:
        """See ``Channel.close``."""
        await self._api.close()
