"""Rate limits per conversation, person of a channel and network address, and against guessing
dossier codes. Where they are counted: ``bot.counting``."""

import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from actions.outcomes import Outcome
from bot.counting import Counts
from bot.edge import network_of
from bot.metrics import Metrics
from bot.problems import Problem
from connectors.codes import ReadCode, read_codes, read_digits
from knowledge.blocks import Answer, DossierBlock

MESSAGE_COST = 5
SEARCH_COST = 2
"""Points of an address: a turn takes the engine's time, a search the encoder's; reading costs 1."""
NEAR = 0.75
"""The used part of a limit from which the metrics say so."""
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


@dataclass(frozen=True)
class Standing:
    """How far one limit is used: ``left`` of ``quota`` points in a window of ``window`` seconds;
    whole again in ``reset`` seconds."""

    limit: str
    quota: int
    window: int
    left: int
    reset: int


def headers_of(standings: Sequence[Standing]) -> dict[str, str]:
    """``RateLimit`` and ``RateLimit-Policy`` of draft-ietf-httpapi-ratelimit-headers."""
    if not standings:
        return {}
    policies = (f'"{each.limit}";q={each.quota};w={each.window}' for each in standings)
    states = (f'"{each.limit}";r={each.left};t={each.reset}' for each in standings)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}


class Limits:
    """Counts over a sliding minute; ``check_*`` raises a 429 problem with ``Retry-After``."""

    def __init__(
        self, per_conversation: int, per_address: int, counts: Counts, metrics: Metrics
    ) -> None:
        self._limiter = counts.limiter(SlidingWindowCounterRateLimiter)
        self._conversation = RateLimitItemPerMinute(per_conversation)
        self._address = RateLimitItemPerMinute(per_address)
        self._metrics = metrics

    async def check_conversation(self, conversation: str) -> Standing:
        """Counts one message of ``conversation``."""
        return await self._check(self._conversation, "conversation", conversation)

    async def check_person(self, person: str) -> Standing:
        """Counts one message of a person of a messaging channel, whatever the conversation."""
        return await self._check(self._conversation, "person", person)

    async def check_address(self, address: str, cost: int = 1) -> Standing:
        """Counts ``cost`` points for ``address``; requests without one share a count."""
        return await self._check(
            self._address, "address", network_of(address or "unknown"), cost=cost
        )

    async def check_sign_in(self, address: str) -> Standing:
        """Counts one attempt to sign in from ``address``."""
        return await self._check(SIGN_INS, "sign_in", network_of(address or "unknown"))

    async def _check(
        self, item: RateLimitItemPerMinute, limit: str, key: str, cost: int = 1
    ) -> Standing:
        allowed = await self._limiter.hit(item, limit, key, cost=cost)
        window = await self._limiter.window(item, limit, key)
        reset = max(1, math.ceil(window.reset_time - time.time()))
        standing = Standing(limit, item.amount, item.get_expiry(), window.remaining, reset)
        near = window.remaining <= (1 - NEAR) * item.amount
        self._metrics.limit(limit, "refused" if not allowed else "near" if near else "within")
        if allowed:
            return standing
        raise Problem(
            429,
            "rate_limited",
            seconds=reset,
            extra={"outcome": Outcome.RATE_LIMITED},
            headers={"Retry-After": str(reset), **headers_of([standing])},
        )


@dataclass(frozen=True)
class Lookup:
    """A message that asks for dossiers, and where it comes from; ``address`` may be unknown, and
    ``codes`` of the digits of a second factor."""

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

    ``second_factor``: digits that answer for a code asked before count as that code. Another
    replica may have heard the code; the digits then count without it.
    """

    def __init__(self, counts: Counts, *, second_factor: bool) -> None:
        self._limiter = counts.limiter(MovingWindowRateLimiter)
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
            return Lookup(conversation, address, self._asked.get(conversation, ()))
        return Lookup(conversation, address, codes) if codes else None

    async def wait(self, lookup: Lookup) -> int:
        """Seconds until it may be asked; 0 for now."""
        waits = [0]
        for item, kind, key in lookup.counters():
            if not await self._limiter.test(item, kind, key):
                window = await self._limiter.window(item, kind, key)
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
        for _ in range(min(max(len(lookup.codes), 1), most) - found):
            for item, kind, key in lookup.counters():
                await self._limiter.hit(item, kind, key)
