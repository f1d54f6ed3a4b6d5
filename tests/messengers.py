"""A person in Telegram or Zalo: what their platform posts to our webhook."""

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from fake_channels import FakePlatforms, Sent

from bot.channels.zalo_oa.reading import signature

Json = dict[str, Any]
_numbers = itertools.count(int(time.time()))


@dataclass
class Delivery:
    """One request of a platform to a webhook."""

    path: str
    body: bytes
    headers: dict[str, str]

    async def post(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(self.path, content=self.body, headers=self.headers)


class Messenger(Protocol):
    """A person's app. ``chat`` is where answers arrive."""

    channel: str
    chat: str

    def text(self, said: str) -> Delivery: ...

    def press(self, payload: str) -> Delivery: ...


def telegram(update: Json, settings: dict[str, str]) -> Delivery:
    headers = {"X-Telegram-Bot-Api-Secret-Token": settings["telegram_secret"]}
    return Delivery("/channels/telegram", json.dumps(update).encode(), headers)


def zalo_oa(event: Json, settings: dict[str, str], *, secret: str | None = None) -> Delivery:
    body = json.dumps(event, ensure_ascii=False).encode()
    signed = signature(
        settings["zalo_oa_app_id"], body, event["timestamp"], secret or settings["zalo_oa_secret"]
    )
    return Delivery("/channels/zalo-oa", body, {"X-ZEvent-Signature": signed})


def zalo_bot(event: Json, settings: dict[str, str]) -> Delivery:
    headers = {"X-Bot-Api-Secret-Token": settings["zalo_bot_secret"]}
    return Delivery("/channels/zalo-bot", json.dumps(event).encode(), headers)


def now_ms() -> str:
    return str(int(time.time() * 1000))


@dataclass
class TelegramUser:
    settings: dict[str, str]
    chat: str = field(default_factory=lambda: str(next(_numbers)))
    channel: str = "telegram"

    def text(self, said: str, **members: Any) -> Delivery:
        return telegram({"update_id": next(_numbers), "message": self.message(text=said) | members},
                        self.settings)  # fmt: skip

    def message(self, **members: Any) -> Json:
        person = {"id": int(self.chat), "first_name": "Người", "is_bot": False}
        chat = {"id": int(self.chat), "type": "private"}
        return {"message_id": 7, "date": 1, "chat": chat, "from": person} | members

    def press(self, payload: str) -> Delivery:
        person = {"id": int(self.chat), "first_name": "Người", "is_bot": False}
        pressed = {"id": f"q{next(_numbers)}", "from": person, "data": payload}
        update = {
            "update_id": next(_numbers),
            "callback_query": pressed | {"message": self.message()},
        }
        return telegram(update, self.settings)


@dataclass
class OaUser:
    settings: dict[str, str]
    chat: str = field(default_factory=lambda: str(next(_numbers)))
    channel: str = "zalo_oa"

    def event(self, name: str, **members: Any) -> Json:
        return {
            "app_id": self.settings["zalo_oa_app_id"],
            "sender": {"id": self.chat},
            "recipient": {"id": "388613280878808645"},
            "event_name": name,
            "timestamp": now_ms(),
        } | members

    def text(self, said: str) -> Delivery:
        message = {"text": said, "msg_id": f"m{next(_numbers)}"}
        return zalo_oa(self.event("user_send_text", message=message), self.settings)

    def press(self, payload: str) -> Delivery:
        """A query button returns as a text of the person."""
        return self.text(payload)


@dataclass
class ZaloBotUser:
    settings: dict[str, str]
    chat: str = field(default_factory=lambda: str(next(_numbers)))
    channel: str = "zalo_bot"

    def event(self, name: str, **members: Any) -> Json:
        message = {
            "from": {"id": self.chat, "display_name": "Người", "is_bot": False},
            "chat": {"id": self.chat, "chat_type": "PRIVATE"},
            "message_id": f"b{next(_numbers)}",
            "date": int(now_ms()),
        }
        return {"ok": True, "result": {"event_name": name, "message": message | members}}

    def text(self, said: str) -> Delivery:
        return zalo_bot(self.event("message.text.received", text=said), self.settings)

    def press(self, payload: str) -> Delivery:
        """There are no buttons: the person types the number."""
        return self.text(payload)


PEOPLE: dict[str, type[TelegramUser] | type[OaUser] | type[ZaloBotUser]] = {
    "telegram": TelegramUser,
    "zalo_oa": OaUser,
    "zalo_bot": ZaloBotUser,
}


def heard(platforms: FakePlatforms, chat: str, after: int = 0) -> str:
    """Everything a person read, from message ``after`` on."""
    return "\n".join(sent.text for sent in platforms.to(chat)[after:])


def last(platforms: FakePlatforms, chat: str) -> Sent:
    return platforms.to(chat)[-1]
