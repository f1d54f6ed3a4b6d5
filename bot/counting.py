"""Where limits are counted: in Redis for all replicas, and in this process at the same time.

Redis decides while it answers. While it does not, this process goes on from what it has counted
itself: its loss neither opens a limit nor hands anybody a fresh one.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from limits import RateLimitItem, WindowStats
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from knowledge.errors import OperatorError

log = logging.getLogger(__name__)

T = TypeVar("T")
Strategy = type[MovingWindowRateLimiter] | type[SlidingWindowCounterRateLimiter]
PREFIX = "assistant-limits"
"""Of every key in Redis; each ends by itself with its window."""
_WAIT_SECONDS = 0.25
REST_SECONDS = 3.0
"""How long a failing Redis is left alone before it is asked again."""
_SET_BACK_SECONDS = 5.0
"""Clocks are put right by less than this all the time."""


class Counts:
    """The counts of an app. ``redis_url`` '': this process counts alone. Raises OperatorError."""

    def __init__(self, redis_url: str = "") -> None:
        self.own = MemoryStorage()
        self.shared: RedisStorage | None = None
        self._rest_until = 0.0
        self._seen = time.time()
        if redis_url:
            self._pool = _pool(redis_url)
            self.shared = RedisStorage(
                redis_url.replace("redis", "async+redis", 1),
                implementation="redispy",
                key_prefix=PREFIX,
                connection_pool=self._pool,  # type: ignore[arg-type]
            )

    def limiter(self, strategy: Strategy) -> "Limiter":
        """Counts by ``strategy``."""
        return Limiter(self, strategy)

    async def watch_clock(self) -> None:
        """Where the clock was set back, counts anew: what was counted then lies in the future and
        would count until the clock is there again."""
        now = time.time()
        if now < self._seen - _SET_BACK_SECONDS:
            log.warning("clock set back, limits count anew")
            await self.own.reset()
        self._seen = now

    async def ask(self, work: Callable[..., Awaitable[T]], *args: object, cost: int) -> T | None:
        """What Redis answers; None while it cannot."""
        if time.monotonic() < self._rest_until:
            return None
        try:
            return await work(*args, cost=cost) if cost else await work(*args)
        except (RedisError, OSError) as error:
            self._rest_until = time.monotonic() + REST_SECONDS
            log.error("redis failed, counting alone", extra={"error": type(error).__name__})
            return None

    async def up(self) -> bool | None:
        """Whether Redis answers; None where there is none."""
        if self.shared is None:
            return None
        return bool(await self.ask(self.shared.check, cost=0))

    async def close(self) -> None:
        """Closes the connections."""
        if self.shared is not None:
            await self._pool.disconnect()


class Limiter:
    """One strategy over both counts; the interface of a limiter of ``limits``."""

    def __init__(self, counts: Counts, strategy: Strategy) -> None:
        self._counts = counts
        self._own = strategy(counts.own)
        self._shared = strategy(counts.shared) if counts.shared else None

    async def hit(self, item: RateLimitItem, *key: str, cost: int = 1) -> bool:
        """Counts ``cost`` and says whether it was within the limit; what was not is not counted."""
        await self._counts.watch_clock()
        if self._shared is None:
            return await self._own.hit(item, *key, cost=cost)
        if not await self._own.test(item, *key, cost=cost):
            return False
        allowed = await self._counts.ask(self._shared.hit, item, *key, cost=cost)
        if allowed is not False:
            counted = await self._own.hit(item, *key, cost=cost)
            return counted if allowed is None else True
        return False

    async def test(self, item: RateLimitItem, *key: str) -> bool:
        """Whether one more would be within the limit."""
        await self._counts.watch_clock()
        within = await self._own.test(item, *key)
        if within and self._shared is not None:
            return await self._counts.ask(self._shared.test, item, *key, cost=1) is not False
        return within

    async def window(self, item: RateLimitItem, *key: str) -> WindowStats:
        """What is left, and when it is whole again (seconds since 1970)."""
        own = await self._own.get_window_stats(item, *key)
        if self._shared is None:
            return own
        shared = await self._counts.ask(self._shared.get_window_stats, item, *key, cost=0)
        return own if shared is None or own.remaining < shared.remaining else shared


def _pool(url: str) -> ConnectionPool:
    """Connections that fail soon: a turn waits for them. One retry finds a Redis that restarted."""
    try:
        return ConnectionPool.from_url(
            url,
            socket_timeout=_WAIT_SECONDS,
            socket_connect_timeout=_WAIT_SECONDS,
            retry=Retry(NoBackoff(), 1),
        )
    except ValueError as error:
        raise OperatorError(
            "ASSISTANT_REDIS_URL is no Redis URL; write it as redis://host:6379/0"
        ) from error
