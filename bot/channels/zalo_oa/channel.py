"""A Zalo Official Account as a channel."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from bot.channels.channel import NotNow
from bot.channels.incoming import Incoming
from bot.channels.updates import Message
from bot.channels.zalo_oa import drawing, reading
from bot.channels.zalo_oa.errors import TOKEN_REFUSED, failure
from bot.channels.zalo_oa.tokens import App, OaTokens
from bot.conversations import ConversationStore, StoreUnavailable

_SECONDS = 10.0


class ZaloOa:
    """``secret`` is the account's own, with which Zalo signs events; ``sealing`` encrypts tokens
    in the database."""

    name: ClassVar[str] = "zalo_oa"
    slug: ClassVar[str] = "zalo-oa"
    window: ClassVar[dt.timedelta] = dt.timedelta(hours=48)
    draw = staticmethod(drawing.draw)

    def __init__(
        self,
        app: App,
        secret: str,
        store: ConversationStore,
        sealing: str,
        api_url: str,
        oauth_url: str,
    ) -> None:
        self._app_id = app.id
        self._secret = secret
        self._http = httpx.AsyncClient(timeout=_SECONDS)
        self._send_url = f"{api_url.rstrip('/')}/v3.0/oa/message/cs"
        self.tokens = OaTokens(store, app, sealing, self._http, oauth_url)

    def read(self, headers: Mapping[str, str], body: bytes) -> Incoming | None:
        """See ``Channel.read``."""
        given = headers.get("x-zevent-signature", "")
        return reading.read(body, given, self._app_id, self._secret)

    async def acknowledge(self, incoming: Incoming) -> None:
        """Nothing waits for a sign in Zalo."""

    async def send(self, incoming: Incoming, message: Message) -> None:
        """See ``Channel.send``. A token that Zalo refuses is renewed once."""
        try:
            token, _ = await self.tokens.access()
            code = await self._post(token, incoming, message)
            if code == TOKEN_REFUSED:
                token, _ = await self.tokens.access(refused=token)
                code = await self._post(token, incoming, message)
        except StoreUnavailable:
            raise NotNow("no token while the database is down") from None
        if code == TOKEN_REFUSED:
            raise NotNow("token refused: see ASSISTANT_ZALO_OA_REFRESH_TOKEN")
        if code:
            raise failure(code)

    async def _post(self, token: str, incoming: Incoming, message: Message) -> int:
        """Zalo's error code, 0 for success: a status of 200 does not say that it went well."""
        body = {"recipient": {"user_id": incoming.chat}, "message": message}
        headers = {"access_token": token}
        try:
            reply = await self._http.post(self._send_url, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotNow(type(error).__name__) from None
        try:
            told: Any = reply.json()
            code = int(told["error"])
        except (ValueError, KeyError, TypeError):
            raise NotNow(f"status {reply.status_code} without a code") from None
        if reply.is_server_error:
            raise NotNow(f"status {reply.status_code}")
        return code

    def pause(self, incoming: Incoming) -> float:
        """See ``Channel.pause``; keeps the parts of an answer in order."""
        return 0.2

    async def close(self) -> None:
        """See ``Channel.close``."""
        await self._http.aclose()
