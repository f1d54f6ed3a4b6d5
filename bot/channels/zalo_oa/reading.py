"""Reads the events of a Zalo Official Account, after checking that Zalo signed them."""

import hashlib
import time
from typing import Any

from pydantic import BaseModel, Field

from bot.channels.channel import Refused, same_secret
from bot.channels.incoming import Incoming
from bot.channels.zalo_oa.drawing import MARK
from bot.replies import is_choice_id

OLDEST_SECONDS = 2 * 3600
"""Zalo repeats an unanswered event for 1 h 51 min, with the time and signature of the first."""
_AHEAD_SECONDS = 300
_WRITTEN = "user_send_text"
_ATTACHED = frozenset(
    f"user_send_{kind}"
    for kind in ("image", "link", "audio", "video", "sticker", "gif", "location", "file",
                 "business_card")
)  # fmt: skip
_ARRIVED = frozenset({"follow", "user_click_chatnow"})


class _Id(BaseModel):
    id: str = ""


class _Message(BaseModel):
    text: str = ""
    msg_id: str = ""


class _Event(BaseModel):
    """Ids and times are texts, larger than a double can hold."""

    event_name: str
    app_id: str
    timestamp: str = Field(pattern=r"^\d{1,20}$")
    sender: _Id = _Id()
    follower: _Id = _Id()
    user_id: str = ""
    message: _Message = _Message()

    @property
    def person(self) -> str:
        return self.sender.id or self.follower.id or self.user_id

    @property
    def key(self) -> str:
        """What is the same when Zalo sends the event again."""
        return self.message.msg_id or f"{self.event_name}:{self.person}:{self.timestamp}"


def signature(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Value of ``X-ZEvent-Signature``: plain SHA-256, not an HMAC, of app id + body as it came +
    time + the account's secret."""
    signed = app_id.encode() + body + timestamp.encode() + secret.encode()
    return f"mac={hashlib.sha256(signed).hexdigest()}"


def read(body: bytes, given: str, app_id: str, secret: str) -> Incoming | None:
    """The update in ``body``, None for an event that wants no answer: our own messages coming
    back, receipts, reactions, tags, contact data that we did not ask for, and what people without
    an account write, whom the account's messages do not reach. Raises Refused, ValueError."""
    event = _Event.model_validate_json(body)
    age = time.time() - int(event.timestamp) / 1000
    ours = signature(app_id, body, event.timestamp, secret)
    if not same_secret(given, ours) or event.app_id != app_id:
        raise Refused
    if not -_AHEAD_SECONDS < age < OLDEST_SECONDS:
        raise Refused
    found = _meant(event)
    if found is None or not event.person:
        return None
    where = {"update_id": event.key, "person": event.person, "chat": event.person}
    return Incoming.model_validate(found | where)


def _meant(event: _Event) -> dict[str, Any] | None:
    text = event.message.text
    if event.event_name == _WRITTEN:
        payload = text.removeprefix(MARK)
        if text.startswith(MARK) and is_choice_id(payload):
            return {"kind": "press", "value": payload}
        return {"kind": "text", "value": text}
    if event.event_name in _ATTACHED:
        return {"kind": "text" if text else "attachment", "value": text, "attached": bool(text)}
    return {"kind": "arrival"} if event.event_name in _ARRIVED else None
