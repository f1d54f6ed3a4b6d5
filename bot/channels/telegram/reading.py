"""Reads Telegram's updates: only what an answer needs, and only what is meant for us.

The fields are those of the Bot API. They are read here and not by the library's types, which refuse
whole updates for want of a field that nobody needs.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from bot.channels.incoming import Incoming

COMMANDS = ("start", "help", "trangthai", "xoa")
_ATTACHMENTS = frozenset(
    {
        *("animation", "audio", "document", "photo", "sticker", "story", "video", "video_note"),
        *("voice", "contact", "dice", "game", "location", "venue", "poll", "paid_media"),
        "checklist",
    }
)


class _User(BaseModel):
    id: int


class _Chat(BaseModel):
    """``type`` is missing in the oldest updates, which come from private chats."""

    id: int
    type: Literal["private", "group", "supergroup", "channel"] = "private"


class _Replied(BaseModel):
    sender: _User | None = Field(default=None, alias="from")


class _Message(BaseModel):
    message_id: int
    chat: _Chat
    sender: _User | None = Field(default=None, alias="from")
    text: str = ""
    caption: str = ""
    reply_to_message: _Replied | None = None


class _Pressed(BaseModel):
    """``message`` is missing where the button stands under a message that is not ours."""

    id: str
    sender: _User = Field(alias="from")
    data: str = ""
    message: _Message | None = None


class _Update(BaseModel):
    update_id: int
    message: _Message | None = None
    callback_query: _Pressed | None = None


def read(body: bytes, bot_id: int, username: str) -> Incoming | None:
    """The update in ``body``; None for one that is to be left alone: an edited message (its first
    form was answered), a channel's post, an inline query, a service message, a group's talk that
    does not address the bot. Raises ValueError. ``username`` may not be known yet ('')."""
    update = _Update.model_validate_json(body)
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query)
    if update.message is None:
        return None
    return _written(update, update.message, body, bot_id, username)


def _pressed(update_id: int, pressed: _Pressed) -> Incoming:
    chat = pressed.message.chat if pressed.message else _Chat(id=pressed.sender.id)
    return Incoming(
        update_id=str(update_id),
        kind="press",
        value=pressed.data,
        callback=pressed.id,
        **_where(chat, pressed.sender, pressed.message),
    )


def _where(chat: _Chat, sender: _User, message: _Message | None) -> dict[str, Any]:
    """In a group everybody has a conversation of their own."""
    group = chat.type != "private"
    return {
        "person": f"{chat.id}:{sender.id}" if group else str(chat.id),
        "chat": str(chat.id),
        "group": group,
        "message": str(message.message_id) if group and message else "",
    }


def _written(
    update: _Update, message: _Message, body: bytes, bot_id: int, username: str
) -> Incoming | None:
    if message.sender is None or message.chat.type == "channel":
        return None
    told = message.text or message.caption
    group = message.chat.type != "private"
    if group and not _addressed(message, told, bot_id, username):
        return None
    attached = not message.text and _has_attachment(body)
    words = _without_name(told, username) if group else told
    command = _command(words, username)
    if not (words or attached):
        return None
    kind = "command" if command else "text" if words else "attachment"
    return Incoming.model_validate(
        {
            "update_id": str(update.update_id),
            "kind": kind,
            "value": command or words,
            "attached": attached and kind == "text",
        }
        | _where(message.chat, message.sender, message)
    )


def _addressed(message: _Message, told: str, bot_id: int, username: str) -> bool:
    """Whether a group's message is for the bot: its name stands in it, or it answers the bot."""
    replied = message.reply_to_message
    if replied and replied.sender and replied.sender.id == bot_id:
        return True
    return bool(username) and f"@{username.lower()}" in told.lower()


def _without_name(told: str, username: str) -> str:
    place = told.lower().find(f"@{username.lower()}") if username else -1
    if place < 0:
        return told
    return f"{told[:place].rstrip()} {told[place + len(username) + 1 :].lstrip()}".strip()


def _command(words: str, username: str) -> str:
    """The name of one of our commands at the beginning of ``words``; '' for any other text, which
    never becomes an intent, slash or not."""
    first = words.split(maxsplit=1)[0].lower() if words.strip() else ""
    name = first.removesuffix(f"@{username.lower()}") if username else first
    return name[1:] if name[:1] == "/" and name[1:] in COMMANDS else ""


def _has_attachment(body: bytes) -> bool:
    message = _Attached.model_validate_json(body).message
    return not _ATTACHMENTS.isdisjoint(message)


class _Attached(BaseModel):
    message: dict[str, object]
