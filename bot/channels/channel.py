"""What a messaging channel is to the queue that it fills and the worker that sends."""

import datetime as dt
import hmac
from collections.abc import Mapping
from typing import ClassVar, Protocol

from bot.channels.incoming import Incoming
from bot.channels.rendering import Draw
from bot.channels.updates import Message


class NotNow(Exception):
    """A message was not taken but may be later: after ``seconds`` if told, else after a pause
    that grows. ``reason`` is for the log."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class Never(Exception):
    """A message cannot reach this person; ``reason`` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Exception):
    """A request to the webhook that does not come from the platform."""


class Channel(Protocol):
    """One platform. ``slug`` stands in its webhook's address; ``window``: how long after a message
    it may be answered."""

    name: ClassVar[str]
    slug: ClassVar[str]
    window: ClassVar[dt.timedelta]
    draw: Draw

    def read(self, headers: Mapping[str, str], body: bytes) -> Incoming | None:
        """The update in a request, None for one that wants no answer. Raises Refused, and
        ValueError for a body that is none of the platform's."""
        ...

    async def acknowledge(self, incoming: Incoming) -> None:
        """Shows the person that they were heard, where the platform waits for that."""
        ...

    async def send(self, incoming: Incoming, message: Message) -> None:
        """Sends one message to who wrote. Raises NotNow and Never."""
        ...

    def pause(self, incoming: Incoming) -> float:
        """Seconds between two messages to the same chat."""
        ...

    async def close(self) -> None:
        """Gives connections back."""
        ...


def same_secret(given: str, ours: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(given.encode(), ours.encode())
