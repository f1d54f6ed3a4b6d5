"""Rate limits per conversation and per network address, and against guessing dossier codes; kept
in this process."""

import math
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from actions.outcomes import Outcome
from bot.edge import network_of
from bot.problems import Problem
from connectors.codes import ReadCode, read_codes, read_digits
from knowledge.blocks import Answer, DossierBlock

SIGN_INS = RateLimitItemPerMinute(30)
"""From one address: an office may share one."""
MISSES_OF_A_CONVERSATION = RateLimitItemPerMinute(5, 10)
MISSES_OF_AN_ADDRESS = RateLimitItemPerHour(30)
MISSES_OF_A_BATCH = RateLimitItemPerHour(60)
"""From all addresses together: the codes of one unit and day differ in their serials alone."""
_LOOKED_UP = frozenset(
    {Outcome.DOSSIER_FOUND, Outcome.DOSSIER_NOT_FOUND, Outcome.DOSSIER_CODE_INVALID}
)
_REMEMBERED_CONVERSATIONS = 10_000


class Limits:
    """Counts over a sliding minute; ``check_*`` raises a 429 problem with ``Retry-After``."""

    def __init__(self, per_conversation: int, per_address: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._conversation = RateLimitItemPerMinute(per_conversation)
        self._address = RateLimitItemPerMinute(per_address)

    async def check_conversation(self, conversation: str) -> None:
        """Counts one message of ``conversation``."""
        await self._check(self._conversation, "conversation", conversation)

    async def check_address(self, address: str) -> None:
        """Counts one request from ``address``; requests without one share a count."""
        await self._check(self._address, "address", network_of(address or "unknown"))

    async def check_sign_in(self, address: str) -> None:
        """Counts one attempt to sign in from ``address``."""
        await self._check(SIGN_INS, "sign_in", network_of(address or "unknown"))

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


@dataclass(frozen=True)
class Lookup:
    """A message that asks for dossiers, and where it comes from; ``address`` may be unknown."""

    conversation: str
    address: str
    codes: tuple[ReadCode, ...]

    def counters(self) -> Iterator[tuple[RateLimitItem, str, str]]:
        """What its misses count against."""
        yield MISSES_OF_A_CONVERSATION, "conversation", self.conversation
        if self.address:
            yield MISSES_OF_AN_ADDRESS, "address", network_of(self.address)
        for batch in {code.batch for code in self.codes if code.fault is None}:
            yield MISSES_OF_A_BATCH, "batch", batch


class Lookups:
    """Stops the guessing of codes: counts those that led nowhere, whatever the reason.

    ``second_factor``: digits that answer for a code asked before count as that code.
    """

    def __init__(self, *, second_factor: bool) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._second_factor = second_factor
        self._asked: OrderedDict[str, tuple[ReadCode, ...]] = OrderedDict()

    def read(self, conversation: str, address: str, text: str) -> Lookup | None:
        """The look-up that ``text`` is; None where it asks for no dossier."""
        codes = tuple(read_codes(text))
        if codes and self._second_factor:
            self._asked[conversation] = codes
            self._asked.move_to_end(conversation)
            while len(self._asked) > _REMEMBERED_CONVERSATIONS:
                self._asked.popitem(last=False)
        if not codes and self._second_factor and read_digits(text):
            codes = self._asked.get(conversation, ())
        return Lookup(conversation, address, codes) if codes else None

    async def wait(self, lookup: Lookup) -> int:
        """Seconds until it may be asked; 0 for now."""
        waits = [0]
        for item, kind, key in lookup.counters():
            if not await self._limiter.test(item, kind, key):
                window = await self._limiter.get_window_stats(item, kind, key)
                waits.append(max(1, math.ceil(window.reset_time - time.time())))
        return max(waits)

    async def count(self, lookup: Lookup, answer: Answer, most: int) -> None:
        """Counts the codes (of which ``most`` are looked up) that ``answer`` shows no dossier of.

        Found ones beside them do not make up for them, or one known code would let others be
        guessed.
        """
        if answer.outcome not in _LOOKED_UP:
            return
        found = sum(isinstance(block, DossierBlock) for block in answer.blocks)
        for _ in range(min(len(lookup.codes), most) - found):
            for item, kind, key in lookup.counters():
                await self._limiter.hit(item, kind, key)
