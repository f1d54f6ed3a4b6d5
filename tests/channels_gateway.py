"""The gateway with every messaging channel connected to fake platforms."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fake_channels import FakePlatforms
from fake_engine import FakeEngine, serving
from gateway import Gateway, running
from messengers import Delivery, Messenger, heard

from bot.channels.telegram import channel as telegram_channel

WAIT_SECONDS = 20.0


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Returns when it is so; fails after WAIT_SECONDS."""
    async with asyncio.timeout(WAIT_SECONDS):
        for _ in itertools.count():
            so = true()
            if so if isinstance(so, bool) else await so:
                return
            await asyncio.sleep(0.01)


@dataclass
class Channels:
    """A gateway, its platforms, and what a test asks of both."""

    gateway: Gateway
    platforms: FakePlatforms
    values: dict[str, str]

    @property
    def engine(self) -> FakeEngine:
        return self.gateway.engine

    async def deliver(self, delivery: Delivery) -> httpx.Response:
        return await delivery.post(self.gateway.client)

    async def settled(self) -> bool:
        waiting: int = await self.gateway.services.desk.waiting()
        return waiting == 0

    async def settle(self) -> None:
        """Returns when every accepted update is answered."""
        await until(self.settled)

    async def say(self, person: Messenger, said: str) -> str:
        """What the person reads as the answer to a text."""
        return await self._exchange(person, person.text(said))

    async def press(self, person: Messenger, payload: str) -> str:
        return await self._exchange(person, person.press(payload))

    async def _exchange(self, person: Messenger, delivery: Delivery) -> str:
        before = len(self.platforms.to(person.chat))
        accepted = await self.deliver(delivery)
        assert accepted.status_code == 200, accepted.text
        await self.settle()
        return heard(self.platforms, person.chat, before)


@contextlib.asynccontextmanager
async def connected(
    folder: Path, platforms: FakePlatforms | None = None, **values: Any
) -> AsyncIterator[Channels]:
    """The app with all channels; ``values`` are settings. Telegram is sent to without pauses."""
    platforms = platforms or FakePlatforms()
    async with serving(platforms.app()) as url:
        platforms.url = url
        settings = platforms.settings() | values
        pauses = telegram_channel.PRIVATE_PAUSE, telegram_channel.GROUP_PAUSE
        telegram_channel.PRIVATE_PAUSE = telegram_channel.GROUP_PAUSE = 0.0
        try:
            async with running(folder, **settings) as gateway:
                yield Channels(gateway, platforms, settings)
        finally:
            telegram_channel.PRIVATE_PAUSE, telegram_channel.GROUP_PAUSE = pauses
