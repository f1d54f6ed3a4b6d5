"""Ask the dossier system that holds a code: several systems at once, told apart by code prefix.

Around every system stand a time-out for the whole question, one retry where a second try may
help, a circuit breaker and a short cache, so that a slow or broken system costs a person one
plain sentence and the others go on.
"""

import asyncio
import datetime as dt
import functools
import logging
import operator
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from connectors.codes import ReadCode
from connectors.dossier import (
    NOT_OFFERED,
    Connector,
    Counts,
    DossierStatus,
    Elsewhere,
    Found,
    NotFound,
    SystemFailure,
    Unavailable,
)

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0
RETRY_PAUSE_SECONDS = 0.2
FAILURES_TO_OPEN = 5  # in a row
OPEN_SECONDS = 30.0
CACHE_SECONDS = 60.0
NOT_FOUND_SECONDS = 0.25
"""Not found is said at a multiple of this, so that its time does not tell absent from forbidden."""
CACHE_SIZE = 2000

T = TypeVar("T")
State = Literal["closed", "open", "trying"]


@dataclass
class Circuit:
    """Counts failures in a row; open, it refuses for a while and then lets one question through."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    opened_at: float | None = None
    probing: bool = False

    @property
    def state(self) -> State:
        if self.opened_at is None:
            return "closed"
        return "trying" if self.clock() - self.opened_at >= OPEN_SECONDS else "open"

    def admits(self) -> bool:
        """Whether a question may go through now."""
        if self.state == "trying" and not self.probing:
            self.probing = True
            return True
        return self.state == "closed"

    def succeeded(self) -> None:
        self.failures, self.opened_at, self.probing = 0, None, False

    def failed(self) -> None:
        self.failures, self.probing = self.failures + 1, False
        if self.failures >= FAILURES_TO_OPEN:
            self.opened_at = self.clock()


@dataclass
class Cache:
    """Answers of the last minute by question; no failure is kept."""

    clock: Callable[[], float] = time.monotonic
    kept: OrderedDict[tuple[str, str | None], tuple[float, DossierStatus | NotFound]] = field(
        default_factory=OrderedDict
    )

    def get(self, key: tuple[str, str | None]) -> DossierStatus | NotFound | None:
        found = self.kept.get(key)
        if found is None or self.clock() - found[0] > CACHE_SECONDS:
            return None
        return found[1]

    def put(self, key: tuple[str, str | None], answer: DossierStatus | NotFound) -> None:
        self.kept[key] = (self.clock(), answer)
        self.kept.move_to_end(key)
        while len(self.kept) > CACHE_SIZE:
            self.kept.popitem(last=False)


class System:
    """One dossier system behind its time-out, retry, circuit and cache.

    ``prefixes``: what the codes it holds begin with (``H37``, ``G09``, ``BHXH``); none: every code.
    ``answer_seconds``: for one question, retry included.
    """

    def __init__(
        self,
        connector: Connector,
        prefixes: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.connector = connector
        self.prefixes = tuple(prefixes)
        self._answer_seconds = answer_seconds
        self.circuit = Circuit(clock)
        self._cache = Cache(clock)

    def holds(self, code: ReadCode) -> bool:
        return not self.prefixes or code.prefix in self.prefixes

    async def find(self, code: str, second_factor: str | None) -> Found:
        """What the system knows of ``code``; never raises."""
        key = (code, second_factor)
        if (kept := self._cache.get(key)) is not None:
            return kept
        answer = await self._ask(lambda: self.connector.find(code, second_factor))
        if not isinstance(answer, Unavailable):
            self._cache.put(key, answer)
        return answer

    async def figures(self, agency: str, since: dt.date, until: dt.date) -> Counts | Unavailable:
        """How the agency's dossiers stand in this system; never raises."""
        return await self._ask(lambda: self.connector.counts(agency, since, until))

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | Unavailable:
        if not self.circuit.admits():
            return Unavailable(self.connector.name, "open")
        try:
            async with asyncio.timeout(self._answer_seconds):
                answer = await _twice(question)
        except SystemFailure as failure:
            if failure.reason == NOT_OFFERED:
                self.circuit.probing = False
                return Unavailable(self.connector.name, NOT_OFFERED)
            return self._failed(failure.reason)
        except TimeoutError:
            return self._failed("timeout")
        except asyncio.CancelledError:
            self.circuit.probing = False  # nobody waits for the probe: the next question probes
            raise
        except Exception as error:
            log.error("connector broke", extra={"part": self.connector.name}, exc_info=error)
            return self._failed("broke")
        self.circuit.succeeded()
        return answer

    def _failed(self, reason: str) -> Unavailable:
        self.circuit.failed()
        log.warning("dossier system failed", extra={"part": self.connector.name, "reason": reason})
        return Unavailable(self.connector.name, reason)


async def _twice(question: Callable[[], Awaitable[T]]) -> T:
    """Asks once more where that may help."""
    try:
        return await question()
    except SystemFailure as failure:
        if not failure.again:
            raise
    await asyncio.sleep(RETRY_PAUSE_SECONDS)
    return await question()


class Dossiers:
    """All dossier systems of the province. ``not_found_seconds``: what the time of a "not found"
    is rounded up to."""

    def __init__(
        self, systems: Sequence[System], not_found_seconds: float = NOT_FOUND_SECONDS
    ) -> None:
        self._systems = list(systems)
        self._not_found_seconds = not_found_seconds

    async def find(self, code: ReadCode, second_factor: str | None = None) -> Found:
        """Where the dossier stands: the first system that knows it answers.

        Not found only when every system that may hold the code says so; otherwise a system that
        could not be asked is told.
        """
        begun = time.perf_counter()
        answer = await self._ask(code, second_factor)
        if isinstance(answer, NotFound) and self._not_found_seconds:
            spent = time.perf_counter() - begun
            await asyncio.sleep(self._not_found_seconds - spent % self._not_found_seconds)
        return answer

    async def _ask(self, code: ReadCode, second_factor: str | None) -> Found:
        holders = [system for system in self._systems if system.holds(code)]
        failed: Unavailable | None = None
        for system in holders:
            answer = await system.find(code.code, second_factor)
            if isinstance(answer, DossierStatus):
                return answer
            if isinstance(answer, Unavailable):
                failed = failed or answer
        return failed or (NotFound() if holders else Elsewhere())

    async def figures(
        self, agency: str, since: dt.date, until: dt.date
    ) -> Counts | Unavailable | Elsewhere:
        """How the agency's dossiers stand, over all systems that hold its codes: half of the
        figures would mislead, so one that could not be asked is told instead."""
        holders = [system for system in self._systems if system.holds(ReadCode(agency))]
        told = await asyncio.gather(*(s.figures(agency, since, until) for s in holders))
        failed = [answer for answer in told if isinstance(answer, Unavailable)]
        if broken := [answer for answer in failed if answer.reason != NOT_OFFERED]:
            return broken[0]
        counts = [answer for answer in told if isinstance(answer, Counts)]
        return functools.reduce(operator.add, counts) if counts else Elsewhere()

    def health(self) -> dict[str, State]:
        """The state of each system's circuit by name."""
        return {system.connector.name: system.circuit.state for system in self._systems}

    async def close(self) -> None:
        for system in self._systems:
            await system.connector.close()
