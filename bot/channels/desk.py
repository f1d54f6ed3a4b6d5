"""The messaging channels of one app: which are open, what they accept, who works on it."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any

from bot.channels.answering import Answering
from bot.channels.channel import Channel
from bot.channels.incoming import Incoming
from bot.channels.telegram.channel import Telegram
from bot.channels.updates import Updates
from bot.channels.worker import Worker
from bot.conversations import ConversationStore

log = logging.getLogger(__name__)


def person_key(secret: str, channel: str, person: str) -> str:
    """A keyed hash of who writes: without the secret nobody finds a person in the database."""
    digest = hmac.new(secret.encode(), f"{channel}:{person}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


class Desk:
    """Accepts updates for the worker."""

    def __init__(
        self,
        channels: list[Channel],
        store: ConversationStore,
        updates: Updates,
        answering: Answering,
        secret: str,
    ) -> None:
        self._by_slug = {channel.slug: channel for channel in channels}
        self._store = store
        self._updates = updates
        self._secret = secret
        self.worker = Worker(
            {channel.name: channel for channel in channels}, store, updates, answering
        )

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Open channels by their part of the webhook's address."""
        return self._by_slug

    async def accept(self, channel: str, incoming: Incoming) -> None:
        """Puts an update into the queue, unless it is there. Raises StoreUnavailable."""
        person = person_key(self._secret, channel, incoming.person)
        with self.worker.letting_in():
            new = await self._store.run(self._updates.accept, channel, person, incoming)
        if new:
            self.worker.wake()

    async def waiting(self) -> int:
        """How many accepted updates are not answered yet. Raises StoreUnavailable."""
        return await self._store.run(self._updates.open)

    @contextlib.asynccontextmanager
    async def working(self, *, polling: bool) -> AsyncIterator[None]:
        """Works on the queue for the time of the block."""
        if not self._by_slug:
            yield
            return
        work = asyncio.create_task(self.worker.run())
        asking = [asyncio.create_task(task) for task in self._asking(polling)]
        try:
            yield
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            self.worker.halt()
            await work
            for channel in self._by_slug.values():
                await channel.close()

    def _asking(self, polling: bool) -> list[Coroutine[Any, Any, None]]:
        telegram = self._by_slug.get(Telegram.slug)
        if not isinstance(telegram, Telegram):
            return []
        if not polling:
            return [telegram.learn_name()]

        async def accept(incoming: Incoming) -> None:
            await self.accept(telegram.name, incoming)

        return [telegram.poll(accept)]
