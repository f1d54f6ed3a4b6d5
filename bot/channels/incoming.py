"""What a person did in a messaging channel, reduced to what an answer needs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["text", "press", "command", "attachment", "arrival"]


class Incoming(BaseModel):
    """One update. It is kept in the queue until it is answered, and not a moment longer.

    ``kind``: ``text`` (with ``attached`` where a photo came along), ``press`` of a button,
    ``command`` (``start``, ``help``, ``trangthai``, ``xoa``), ``attachment`` without words,
    ``arrival`` (gets the first notice unless it was shown before).
    ``value`` is the words, the button's payload or the command's name.
    """

    model_config = ConfigDict(extra="forbid")

    update_id: str
    kind: Kind
    value: str = ""
    attached: bool = False
    person: str
    """The platform's id of who wrote, within a group also of the group."""
    chat: str
    """Where the answer goes."""
    group: bool = False
    message: str = ""
    """The platform's id of the message that is answered in a group."""
    callback: str = ""
    """The platform's id of a pressed button, which waits for a sign."""
