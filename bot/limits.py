"""Rate limits per conversation and per network address, kept in this process."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from actions.outcomes import Outcome
from bot.edge import network_of
from bot.problems import Problem


class Limits:
    """Counts over a sliding minute; ``check_*`` raises a 429 problem with ``Retry-After``."""

    def __init__(self, per_conversation: int, per_address: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._conversation = RateLimitItemPerMinute(per_conversation)
        self._address = RateLimitItemPerMinute(per_address)

    async def check_conversation(self, conversation: str) -> None:
        """Counts one message of ``conversation``."""
        await self._check(self._conversation, "conversation", conversation)

    async def check_address(self, address: str | None) -> None:
        """Counts one request from ``address``; requests without one share a count."""
        await self._check(self._address, "address", network_of(address or "unknown"))

    async def _check(self, item: RateLimitItemPerMinute, kind: str, key: str) -> None:
        if await self._limiter.hit(item, kind, key):
            return
        window = await self._limiter.get_window_stats(item, kind, key)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        raise Problem(
            429,
            "rate_limited",
            seconds=seconds,
            extra={"outcome": Outcome.RATE_LIMITED},
            headers={"Retry-After": str(seconds)},
        )
