"""Reads the events of a bot of the Zalo Bot Platform."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.channels.incoming import Incoming

_ATTACHED = frozenset(
    f"message.{kind}.received" for kind in ("image", "sticker", "voice", "unsupported")
)
_WRITTEN = "message.text.received"


class _Ids(BaseModel):
    """Ids are texts or numbers, as the platform likes."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class _Chat(_Ids):
    id: str
    chat_type: str = "PRIVATE"


class _Message(_Ids):
    chat: _Chat
    message_id: str
    text: str = ""
    caption: str = ""


class _Event(BaseModel):
    event_name: str
    message: _Message | None = None


class _Envelope(BaseModel):
    result: _Event


def read(body: bytes) -> Incoming | None:
    """The update in ``body``, with or without its envelope; None for an event without a message
    and for groups, which are a trial of Zalo's. Raises ValueError."""
    event = _unwrapped(body)
    message = event.message
    if message is None or message.chat.chat_type != "PRIVATE":
        return None
    if event.event_name not in _ATTACHED | {_WRITTEN}:
        return None
    attached = event.event_name != _WRITTEN
    words = message.text or message.caption
    found: dict[str, Any] = {
        "kind": "text" if words else "attachment",
        "value": words,
        "attached": attached and bool(words),
    }
    chat = message.chat.id
    return Incoming(update_id=message.message_id, person=chat, chat=chat, **found)


def _unwrapped(body: bytes) -> _Event:
    try:
        return _Envelope.model_validate_json(body).result
    except ValueError:
        return _Event.model_validate_json(body)
