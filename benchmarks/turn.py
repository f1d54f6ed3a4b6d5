"""Whole turns over HTTP, engine included: ``python -m benchmarks.turn``.

Starts an assistant of its own on the catalogue and index in force and prints: time to ready, one
talker, 16 talkers at once, a conversation of 150 turns, and memory.
"""

import asyncio
import time

import httpx

from benchmarks.figures import line, machine, percentiles
from benchmarks.running import Running, assistant, questions

ONE_TALKER_TURNS = 200
TALKERS, TURNS_EACH = 16, 25
LONG_TURNS = 150


class Talker:
    """One conversation; ``ask`` gives milliseconds and whether the answer had a block."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._path, self._headers = "", {"Authorization": ""}

    async def open(self) -> None:
        opened = (await self._http.post("/api/v1/conversations")).raise_for_status().json()
        self._path = f"/api/v1/conversations/{opened['conversation_id']}/messages"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}

    async def ask(self, text: str) -> tuple[float, bool]:
        started = time.perf_counter()
        reply = await self._http.post(self._path, json={"text": text}, headers=self._headers)
        ms = (time.perf_counter() - started) * 1e3
        body = reply.json()
        whole = reply.status_code == 200 and body["outcome"] != "engine_unavailable"
        return ms, whole and bool(body["blocks"])


def _client(running: Running) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=running.url, timeout=30, trust_env=False)


async def _talk(talker: Talker, turns: int, start: int) -> list[tuple[float, bool]]:
    script = questions()
    await talker.open()
    return [await talker.ask(script[(start + turn) % len(script)]) for turn in range(turns)]


async def one_talker(running: Running) -> None:
    async with _client(running) as http:
        await _talk(Talker(http), 20, 0)
        turns = await _talk(Talker(http), ONE_TALKER_TURNS, 0)
    p50, p95, p99 = percentiles([ms for ms, _ in turns])
    line("one talker p50", p50, "ms", 40)
    line("one talker p95", p95, "ms", 90)
    line("one talker p99", p99, "ms")
    line("one talker, empty answers", sum(not whole for _, whole in turns), "", 0)


async def throughput(running: Running, turns_each: int = TURNS_EACH) -> tuple[float, float]:
    """Turns a second and p95 in ms of ``TALKERS`` at once. Raises where an answer was empty."""
    async with _client(running) as http:
        talkers = [Talker(http) for _ in range(TALKERS)]
        started = time.perf_counter()
        talks = await asyncio.gather(*(_talk(t, turns_each, i * 7) for i, t in enumerate(talkers)))
        seconds = time.perf_counter() - started
    turns = [turn for talk in talks for turn in talk]
    empty = sum(not whole for _, whole in turns)
    if empty:
        raise RuntimeError(f"{empty} of {len(turns)} answers were empty")
    return len(turns) / seconds, percentiles([ms for ms, _ in turns])[1]


async def many_talkers(running: Running) -> None:
    rate, p95 = await throughput(running)
    line(f"{TALKERS} talkers, none answered emptily", rate, "turns/s", 40, least=True)
    line(f"{TALKERS} talkers p95", p95, "ms", 700)


async def long_conversation(running: Running) -> None:
    async with _client(running) as http:
        turns = await _talk(Talker(http), LONG_TURNS, 3)
    times, script = [ms for ms, _ in turns], len(questions())
    early, late = (percentiles(part)[0] for part in (times[5 : 5 + script], times[-script:]))
    line(
        f"{LONG_TURNS} turns: last {script} over turns 6-{5 + script}",
        late / early,
        "x",
        1.3,
    )


def main() -> None:
    with assistant() as running:
        print(machine())
        line("run to ready (everything built)", running.ready_seconds, "s", 45)
        asyncio.run(one_talker(running))
        asyncio.run(many_talkers(running))
        asyncio.run(long_conversation(running))
        sizes = running.resident_mb()
        for name, size in sizes.items():
            line(f"memory of the {name}", size, "MiB")
        line("memory, app + engine", sum(sizes.values()) / 1024, "GiB", 1.8)


if __name__ == "__main__":
    main()
