"""Many people at once: ``python -m benchmarks.load``; hours of them: ``... --soak 30``.

Each talker opens a conversation, says a mixed script with a pause before each message, looks
something up in the catalogue now and then, and begins anew after a dozen messages. Printed for 1,
10, 50 and 200 talkers: times, turns a second, errors, and memory; every answer is compared with
what the conversation's history holds. Loopback only; the talkers share the machine with the
assistant, which is part of the figures.
"""

import argparse
import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from benchmarks.figures import line, machine, percentiles
from benchmarks.running import Running, assistant, questions

STAGES = (1, 10, 50, 200)
STAGE_SECONDS = 60.0
THINK_SECONDS = 5.0
"""Mean pause before a message, exponentially distributed; people take longer to read an answer."""
MESSAGES = 12
SEARCH_SHARE = 0.1
SOAK_TALKERS = 20
WARM_UP = 5.0
"""Minutes of a soak that fill caches and pools."""
SAMPLE_SECONDS = 15.0
SEED = 7


@dataclass
class Seen:
    """What talkers saw: milliseconds of whole answers, and what went wrong by kind."""

    turns: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def wrong(self, kind: str) -> None:
        self.errors[kind] = self.errors.get(kind, 0) + 1


class Person:
    """One who talks until ``end`` (seconds of the monotonic clock)."""

    def __init__(self, http: httpx.AsyncClient, number: int, seen: Seen, end: float) -> None:
        self._http, self._seen, self._end = http, seen, end
        self._rng = random.Random(SEED * 10_000 + number)
        script = questions()
        self._script = itertools.cycle(script[number % len(script) :] + script)

    async def live(self) -> None:
        """Conversation after conversation."""
        while await self._pause():
            await self._conversation()

    async def _pause(self) -> bool:
        seconds = self._rng.expovariate(1 / THINK_SECONDS)
        await asyncio.sleep(max(0.0, min(seconds, self._end - time.monotonic())))
        return time.monotonic() < self._end

    async def _conversation(self) -> None:
        opened = await self._call("open", "POST", "/api/v1/conversations")
        if opened is None:
            return
        path = f"/api/v1/conversations/{opened['conversation_id']}/messages"
        headers = {"Authorization": f"Bearer {opened['token']}"}
        answered: list[str] = []
        for _ in range(MESSAGES):
            if self._rng.random() < SEARCH_SHARE:
                await self._timed(self._seen.searches, "search", "GET", "/api/v1/procedures",
                                  params={"q": next(self._script), "limit": "5"})  # fmt: skip
            body = await self._timed(
                self._seen.turns, "turn", "POST", path,
                json={"text": next(self._script)}, headers=headers,
            )  # fmt: skip
            if body is not None:
                answered.append(body["turn_id"])
                if not body["blocks"] or body["outcome"] == "engine_unavailable":
                    self._seen.wrong("empty answers")
            if not await self._pause():
                break
        kept = await self._call("history", "GET", path, headers=headers)
        if kept is not None:
            stored = [turn["turn_id"] for turn in kept["turns"]]
            if stored != answered:
                self._seen.wrong("histories that differ from the answers")

    async def _timed(self, times: list[float], what: str, *call: str, **more: Any) -> Any:
        started = time.perf_counter()
        body = await self._call(what, *call, **more)
        if body is not None:
            times.append((time.perf_counter() - started) * 1e3)
        return body

    async def _call(self, what: str, *call: str, **more: Any) -> Any:
        try:
            reply = await self._http.request(*call, **more)
        except httpx.HTTPError as error:
            self._seen.wrong(f"{what}: {type(error).__name__}")
            return None
        if reply.status_code >= 300:
            self._seen.wrong(f"{what}: {reply.status_code}")
            return None
        return reply.json()


@contextlib.asynccontextmanager
async def _clients(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None, keepalive_expiry=4.0)
    async with httpx.AsyncClient(
        base_url=running.url, timeout=30, trust_env=False, limits=limits
    ) as http:
        yield http


async def _memory(running: Running, end: float, samples: list[tuple[float, float]]) -> None:
    """Adds (minutes since the start, MiB of app and engine) until ``end``."""
    begun = time.monotonic()
    while time.monotonic() < end:
        minutes = (time.monotonic() - begun) / 60
        samples.append((minutes, sum(running.resident_mb().values())))
        await asyncio.sleep(min(SAMPLE_SECONDS, max(0.0, end - time.monotonic())))


async def crowd(
    running: Running, talkers: int, seconds: float
) -> tuple[Seen, list[tuple[float, float]]]:
    """``talkers`` for ``seconds``; what they saw, and memory over time."""
    seen, samples = Seen(), list[tuple[float, float]]()
    end = time.monotonic() + seconds
    async with _clients(running) as http:
        people = [Person(http, number, seen, end).live() for number in range(talkers)]
        await asyncio.gather(_memory(running, end, samples), *people)
    return seen, samples


def _report(name: str, seen: Seen, seconds: float) -> None:
    p50, p95, p99 = percentiles(seen.turns)
    line(f"{name}: turns", len(seen.turns) / seconds, "turns/s")
    for what, value in (("p50", p50), ("p95", p95), ("p99", p99)):
        line(f"{name}: {what}", value, "ms")
    if seen.searches:
        line(f"{name}: search over HTTP p95", percentiles(seen.searches)[1], "ms")
    line(f"{name}: errors", sum(seen.errors.values()), "", 0)
    for kind, count in sorted(seen.errors.items()):
        print(f"    {kind}: {count}")


def growth(samples: list[tuple[float, float]], minutes: float) -> float:
    """Percent by which memory grew from after the warm-up to the end; medians of a quarter of
    what lies between."""
    lasting = [mb for minute, mb in samples if minute >= min(WARM_UP, minutes / 3)]
    quarter = max(1, len(lasting) // 4)
    first, last = np.median(lasting[:quarter]), np.median(lasting[-quarter:])
    return float((last / first - 1) * 100)


def load() -> None:
    """Prints the figures of every stage, on one assistant."""
    print(machine())
    with assistant() as running:
        asyncio.run(crowd(running, 2, 10.0))
        for talkers in STAGES:
            seen, samples = asyncio.run(crowd(running, talkers, STAGE_SECONDS))
            name = f"{talkers} talker{'s' if talkers > 1 else ''}"
            _report(name, seen, STAGE_SECONDS)
            line(f"{name}: memory, app + engine", max(mb for _, mb in samples), "MiB", 1843)


def soak(minutes: float) -> None:
    """Prints the figures of a long run of ``SOAK_TALKERS``, and memory over time."""
    print(machine())
    with assistant() as running:
        seen, samples = asyncio.run(crowd(running, SOAK_TALKERS, minutes * 60))
    name = f"{SOAK_TALKERS} talkers, {minutes:g} minutes"
    _report(name, seen, minutes * 60)
    step = max(1, len(samples) // 12)
    for minute, mb in samples[::step]:
        print(f"    minute {minute:5.1f}: {mb:7.1f} MiB")
    line(f"{name}: memory grew after warm-up", growth(samples, minutes), "%", 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="one long run instead")
    minutes = parser.parse_args().soak
    if minutes is None:
        load()
    else:
        soak(minutes)


if __name__ == "__main__":
    main()
