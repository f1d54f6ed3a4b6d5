"""Takes accepted updates from the queue, answers them and sends the answers.

Of each person one update at a time, in order; of all people many. What the worker holds when it is
stopped is given back at once; what it held when it was killed is free when its lease runs out.
"""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from bot.channels.answering import Answering
from bot.channels.channel import Channel, Never, NotNow
from bot.channels.updates import LEASE, Held, Message, Updates
from bot.conversations import ConversationStore, StoreUnavailable, utc_now
from bot.messages import message
from knowledge.blocks import NoticeBlock

log = logging.getLogger(__name__)

AT_ONCE = 64
"""Updates in hand; most of them wait for their platform."""
TURNS_AT_ONCE = 2
"""Turns in the engine; more would make everybody wait, on the web too."""
_BATCH = 8
"""Updates taken from the queue at once."""
_DOOR_SECONDS = 2.0
"""How long a turn lets updates at the door go first."""
LONGEST_PAUSE = 300.0
_TICK_SECONDS = 1.0
_RENEW_SECONDS = LEASE.total_seconds() / 3
_GRACE_SECONDS = 3.0
"""How long a stopped worker goes on with the turns it holds."""
_SEND_SECONDS = 5.0
"""How long it then waits for what is being sent: it would be sent again otherwise."""
_REMEMBERED_CHATS = 10_000


class Pacing:
    """Keeps messages to one chat apart."""

    def __init__(self) -> None:
        self._free: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def wait(self, channel: str, chat: str, pause: float) -> None:
        """Returns when the chat may get a message, and takes that place."""
        now = time.monotonic()
        at = max(now, self._free.pop((channel, chat), 0.0))
        self._free[channel, chat] = at + pause
        while len(self._free) > _REMEMBERED_CHATS:
            self._free.popitem(last=False)
        await asyncio.sleep(at - now)


class Worker:
    """One app's worker."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        store: ConversationStore,
        updates: Updates,
        answering: Answering,
    ) -> None:
        self._channels = channels
        self._store = store
        self._updates = updates
        self._answering = answering
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)
        self._pacing = Pacing()
        self._sending: set[asyncio.Task[None]] = set()
        self._door = asyncio.Event()
        self._door.set()
        self._arriving = 0
        self._stopping = False
        self._renewed = 0.0

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    @contextlib.contextmanager
    def letting_in(self) -> Iterator[None]:
        """While an update is accepted no turn begins: the platform waits for its 200."""
        self._arriving += 1
        self._door.clear()
        try:
            yield
        finally:
            self._arriving -= 1
            if not self._arriving:
                self._door.set()

    async def run(self) -> None:
        """Works until :meth:`halt`, then finishes what is nearly done and gives the rest back."""
        while not self._stopping:
            self._wake.clear()
            taken = 0
            try:
                await self._renew()
                taken = await self._take_up()
            except StoreUnavailable:
                log.warning("queue not reached; tried again in a moment")
            if not taken:
                await self._rest()
        await self._finish()

    def halt(self) -> None:
        """Makes :meth:`run` end soon."""
        self._stopping = True
        self._wake.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_TICK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _renew(self) -> None:
        if self._tasks and time.monotonic() - self._renewed > _RENEW_SECONDS:
            self._renewed = time.monotonic()
            await self._store.run(self._updates.hold, list(self._tasks))

    async def _take_up(self) -> int:
        room = min(AT_ONCE - len(self._tasks), _BATCH)
        if room <= 0:
            return 0
        found = await self._store.run(self._updates.claim, room)
        new = [held for held in found if held.number not in self._tasks]
        for held in new:
            task = asyncio.create_task(self._work(held))
            self._tasks[held.number] = task
            task.add_done_callback(partial(self._finished, held.number))
        return len(new)

    def _finished(self, number: int, task: asyncio.Task[None]) -> None:
        self._tasks.pop(number, None)
        self._wake.set()

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=_GRACE_SECONDS)
        left = dict(self._tasks)
        for task in left.values():
            task.cancel()
        await asyncio.gather(*left.values(), return_exceptions=True)
        if self._sending:
            await asyncio.wait(list(self._sending), timeout=_SEND_SECONDS)
        for number in left:
            try:
                await self._store.run(self._updates.put_off, number, 0.0)
            except StoreUnavailable:
                return

    async def _work(self, held: Held) -> None:
        """One update, to the end or to a later time; raises nothing."""
        channel = self._channels.get(held.channel)
        if channel is None:
            await self._put_off(held, LONGEST_PAUSE)
            return
        age = utc_now() - held.accepted_at
        if age > channel.window:
            self._give_up(held, "the time in which it may be answered is over", age.total_seconds())
            await self._kept(self._updates.done, held.number)
            return
        try:
            messages = held.messages
            if messages is None:
                messages = await self._answer(held, channel)
                await self._store.run(self._updates.answered, held.number, messages)
            if messages:
                await self._send(held, channel, messages)
                return
        except NotNow as error:
            await self._later(held, error.reason, error.seconds)
            return
        except Never as error:
            self._give_up(held, error.reason, age.total_seconds())
        except StoreUnavailable:
            return  # its lease runs out
        except Exception as error:
            log.error("message not sent", exc_info=error)
            await self._later(held, "fault", None)
            return
        await self._kept(self._updates.done, held.number)

    async def _later(self, held: Held, reason: str, seconds: float | None) -> None:
        """Puts the update off, where nobody told how long, longer each time."""
        pause = min(2.0**held.attempts, LONGEST_PAUSE) if seconds is None else seconds
        details = {"channel": held.channel, "reason": reason, "seconds": pause}
        log.warning("message put off", extra=details)
        await self._put_off(held, pause)

    def _give_up(self, held: Held, why: str, age: float) -> None:
        details = {"channel": held.channel, "reason": why, "hours": round(age / 3600, 1)}
        log.error("answer not sent", extra=details)

    async def _answer(self, held: Held, channel: Channel) -> list[Message]:
        if held.attempts == 0:
            await channel.acknowledge(held.incoming)
        async with self._turns:
            await self._let_others_in()
            try:
                return await self._answering.answer(held, channel.draw)
            except StoreUnavailable:
                raise
            except Exception as error:
                log.error("update not answered", exc_info=error)
                failed = NoticeBlock(text=message("channels.failed"), level="warning")
                return channel.draw([failed], [])

    async def _let_others_in(self) -> None:
        try:
            async with asyncio.timeout(_DOOR_SECONDS):
                await self._door.wait()
        except TimeoutError:
            return

    async def _send(self, held: Held, channel: Channel, messages: list[Message]) -> None:
        for number in range(held.sent, len(messages)):
            pause = channel.pause(held.incoming)
            await self._pacing.wait(held.channel, held.incoming.chat, pause)
            if self._stopping:
                raise NotNow("stopping", 0.0)
            sending = asyncio.create_task(self._send_one(held, channel, messages, number))
            self._sending.add(sending)
            sending.add_done_callback(self._sent)
            await asyncio.shield(sending)

    def _sent(self, sending: asyncio.Task[None]) -> None:
        self._sending.discard(sending)
        if not sending.cancelled():
            sending.exception()  # told to who waits for it; after a stop nobody does

    async def _send_one(
        self, held: Held, channel: Channel, messages: list[Message], number: int
    ) -> None:
        """Sends a message and notes that; a stop does not come between the two."""
        await channel.send(held.incoming, messages[number])
        if number + 1 < len(messages):
            await self._kept(self._updates.sent, held.number, number + 1)
        else:
            await self._kept(self._updates.done, held.number)

    async def _put_off(self, held: Held, seconds: float) -> None:
        try:
            await self._store.run(self._updates.put_off, held.number, seconds)
        except StoreUnavailable:
            return  # its lease runs out

    async def _kept(self, work: Callable[..., Any], *args: Any) -> None:
        """Notes what has happened, however long the database is away: forgotten, it would happen
        again."""
        while True:
            try:
                await self._store.run(work, *args)
            except StoreUnavailable:
                await asyncio.sleep(_TICK_SECONDS)
            else:
                return
