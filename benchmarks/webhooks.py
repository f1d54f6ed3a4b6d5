"""A burst of updates, and a stop in its middle: ``python -m benchmarks.webhooks``.

1,000 deliveries of Telegram in 10 s, a third of them repeats, to a real engine and app; the app is
stopped with SIGTERM, then in a second run with SIGKILL, half-way, and started again. A platform of
the benchmark's own takes the answers and repeats what was not accepted, as Telegram does. Printed:
how long the webhook takes to say 200, how many updates were answered once, twice or never.
"""

import asyncio
import collections
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI, Request

from benchmarks.figures import line, machine, percentiles
from benchmarks.running import Running, assistant, questions
from bot.processes import Part

UPDATES, REPEATS, SECONDS = 667, 333, 10.0
SECRET, TOKEN = "secret-of-the-benchmark", "1:token-of-the-benchmark"
RETRY_SECONDS = 0.5
LONGEST_SECONDS = 600.0


class Platform:
    """The Bot API as far as the app needs it; ``answers`` counts whole answers by chat."""

    def __init__(self) -> None:
        self.parts: collections.Counter[tuple[str, str]] = collections.Counter()

    async def call(self, method: str, request: Request) -> dict[str, object]:
        form = await request.form()
        if method == "sendMessage":
            self.parts[str(form["chat_id"]), str(form["text"])] += 1
        me = {"id": 1, "is_bot": True, "first_name": "B", "username": "b"}
        sent = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
        return {"ok": True, "result": sent if method == "sendMessage" else me}

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = FastAPI()
        app.post(f"/bot{TOKEN}/{{method}}")(self.call)
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


def deliveries() -> list[dict[str, object]]:
    """Updates of as many people, each the first of theirs, with repeats, in a fixed order."""
    rng = random.Random(7)
    asked = questions()
    numbers = [*range(UPDATES), *rng.choices(range(UPDATES), k=REPEATS)]
    rng.shuffle(numbers)
    return [_update(number, asked[number % len(asked)]) for number in numbers]


def _update(number: int, text: str) -> dict[str, object]:
    chat = {"id": 1_000_000 + number, "type": "private"}
    person = {"id": 1_000_000 + number, "is_bot": False, "first_name": "N"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text}
    return {"update_id": number, "message": message}


async def _deliver(http: httpx.AsyncClient, update: dict[str, object], times: list[float]) -> None:
    """Until it is accepted, as Telegram does; ``times`` gets the accepted request's time."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    while True:
        begun = time.perf_counter()
        with contextlib.suppress(httpx.HTTPError):
            reply = await http.post("/channels/telegram", json=update, headers=headers)
            if reply.status_code == 200:
                times.append((time.perf_counter() - begun) * 1e3)
                return
        await asyncio.sleep(RETRY_SECONDS)


async def _burst(running: Running, stop: int | None) -> list[float]:
    """All deliveries within SECONDS; with ``stop``, a signal, the app ends half-way."""
    times: list[float] = []
    limits = httpx.Limits(max_connections=40)
    async with httpx.AsyncClient(
        base_url=running.url, limits=limits, timeout=30, trust_env=False
    ) as http:
        tasks = []
        begun = time.perf_counter()
        restart: asyncio.Task[None] | None = None
        for number, update in enumerate(deliveries()):
            await asyncio.sleep(max(0.0, begun + number * SECONDS / 1000 - time.perf_counter()))
            tasks.append(asyncio.create_task(_deliver(http, update, times)))
            if stop is not None and number == 500:
                restart = asyncio.create_task(asyncio.to_thread(_restart, running, stop))
        await asyncio.gather(*tasks)
        if restart is not None:
            await restart
    return times


def _restart(running: Running, stop: int) -> None:
    app: Part = running.parts[-1]
    assert app.process is not None
    os.kill(app.process.pid, stop)
    app.process.wait()
    app.start()
    assert app.wait_until_it_answers(60), app.last_words()


async def _until_answered(database: Path) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    query = "SELECT count(*) FROM channel_updates WHERE done_at IS NULL"
    while await asyncio.to_thread(_count, database, query):
        if time.monotonic() > until:
            return
        await asyncio.sleep(0.5)


def _count(database: Path, query: str) -> int:
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as db:
        return int(db.execute(query).fetchone()[0])


def _own_times(log: Path) -> list[float]:
    """How long the app itself took for each accepted request, from its log."""
    rows = (json.loads(row) for row in log.read_text("utf-8").splitlines() if row[:1] == "{")
    return [row["ms"] for row in rows if row.get("route") == "/channels/{slug}"]


def _report(platform: Platform, database: Path, stop: int | None) -> None:
    chats = {chat for chat, _ in platform.parts}
    turns = "SELECT count(*) FROM turns"
    line("answered", len(chats), "people", UPDATES, least=True)
    line("never answered", UPDATES - len(chats), "people", 0)
    twice = {chat for (chat, _), count in platform.parts.items() if count > 1}
    # A SIGKILL between sending and noting it is the one way to a second copy: decision 0009.
    most = None if stop == signal.SIGKILL else 0
    line("a message of an answer sent twice", len(twice), "people", most)
    line("turns taken", _count(database, turns), "")
    left = "SELECT count(*) FROM channel_updates WHERE payload IS NOT NULL"
    line("words left in the queue", _count(database, left), "updates", 0)


async def _measure(stop: int | None) -> None:
    platform = Platform()
    async with platform.serving() as url:
        os.environ |= {
            "ASSISTANT_TELEGRAM_TOKEN": TOKEN,
            "ASSISTANT_TELEGRAM_SECRET": SECRET,
            "ASSISTANT_TELEGRAM_API_URL": url,
        }
        opened = assistant()
        running = await asyncio.to_thread(opened.__enter__)
        try:
            database = Path(os.environ["ASSISTANT_VAR_DIR"]) / "conversations.db"
            begun = time.perf_counter()
            times = await _burst(running, stop)
            p50, p95, p99 = percentiles(times)
            line("accepted", len(times), "requests", UPDATES + REPEATS, least=True)
            line("200 of the webhook p50", p50, "ms")
            line("200 of the webhook p95", p95, "ms", 100 if stop is None else None)
            line("200 of the webhook p99", p99, "ms")
            if stop is None:
                own = _own_times(database.parent / "log" / "app.log")
                line("the app's own part of it p95", percentiles(own)[1], "ms")
            await _until_answered(database)
            line("until the last was answered", time.perf_counter() - begun, "s")
            _report(platform, database, stop)
        finally:
            await asyncio.to_thread(opened.__exit__, None, None, None)


def main() -> None:
    print(machine())
    for title, stop in (
        ("burst", None),
        ("burst, SIGTERM in its middle", signal.SIGTERM),
        ("burst, SIGKILL in its middle", signal.SIGKILL),
    ):
        print(f"-- {title}")
        asyncio.run(_measure(stop))


if __name__ == "__main__":
    main()
