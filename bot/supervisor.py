"""``assistant run``: engine and app as children of one process that keeps them running."""

import contextlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console

from bot.processes import (
    Alone,
    Part,
    app_part,
    engine_part,
    reachable,
    sandbox_part,
    sandbox_settings,
)
from bot.settings import Settings, redis_url, shared_engine_secret
from bot.training import ENGINE_PYTHON, model_path
from knowledge.errors import OperatorError
from knowledge.index_versions import current_version

START_SECONDS = 90.0
LONGEST_PAUSE = 30.0
STABLE_SECONDS = 60.0
_TICK_SECONDS = 0.1

Report = Callable[[str, str], None]
"""Told the name of a part and its new state."""


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_port(host: str, port: int, setting: str) -> None:
    """Raises OperatorError when ``port`` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OperatorError(
                f"port {port} on {host}: {error.strerror}; stop what uses it or set {setting}"
            ) from error


@dataclass
class Watched:
    """A part under watch: did it ever answer, how often did it fall, when may it start again."""

    part: Part
    ready: bool = False
    ever_ready: bool = False
    falls: int = 0
    start_after: float = field(default=0.0)


class Supervisor:
    """Starts all parts, restarts what dies, with pauses that grow from 1 s to 30 s.

    A part that ends, or does not answer in time, before it ever answered ends the run: it would
    fail again.
    """

    def __init__(self, parts: Sequence[Part], report: Report) -> None:
        self._watched = [Watched(part) for part in parts]
        self._report = report
        self._stopping = False

    def stop(self) -> None:
        """Make :meth:`run` return soon; safe in a signal handler."""
        self._stopping = True

    def run(self, when_ready: Callable[[], None]) -> None:
        """Returns after :meth:`stop`. ``when_ready`` is called once, when every part answers.

        Raises OperatorError when a part cannot be started. All parts are stopped either way.
        """
        announced = False
        try:
            for watched in self._watched:
                self._start(watched)
            while not self._stopping:
                for watched in self._watched:
                    self._look_after(watched)
                if not announced and all(watched.ready for watched in self._watched):
                    announced = True
                    when_ready()
                time.sleep(_TICK_SECONDS)
        finally:
            self._stop_all()

    def _start(self, watched: Watched) -> None:
        self._report(watched.part.name, "starting")
        watched.part.start()

    def _look_after(self, watched: Watched) -> None:
        part, now = watched.part, time.monotonic()
        if watched.start_after:
            if now >= watched.start_after:
                watched.start_after = 0.0
                self._start(watched)
        elif part.exit_code() is not None:
            self._fallen(watched, f"ended with code {part.exit_code()}")
        elif not watched.ready and part.answers():
            watched.ready = watched.ever_ready = True
            self._report(part.name, f"ready after {now - part.started_at:.1f} s")
        elif not watched.ready and now - part.started_at > START_SECONDS:
            part.stop()
            self._fallen(watched, f"no answer within {START_SECONDS:.0f} s")

    def _fallen(self, watched: Watched, why: str) -> None:
        part, now = watched.part, time.monotonic()
        if not watched.ever_ready:
            raise OperatorError(f"{part.name}: {why}: {part.last_words()} (log: {part.log})")
        stable = watched.ready and now - part.started_at > STABLE_SECONDS
        watched.falls = 1 if stable else watched.falls + 1
        watched.ready = False
        pause = min(2.0 ** (watched.falls - 1), LONGEST_PAUSE)
        watched.start_after = now + pause
        self._report(part.name, f"{why}; starts again in {pause:.0f} s (log: {part.log})")

    def _stop_all(self) -> None:
        for watched in reversed(self._watched):
            watched.part.stop()
            self._report(watched.part.name, "stopped")


def _ports(settings: Settings) -> tuple[int, int]:
    """Ports of engine and actions: those set, else free ones."""
    chosen = settings.model_fields_set
    engine = urlsplit(settings.engine_url).port if "engine_url" in chosen else None
    action = settings.action_port if "action_port" in chosen else 0
    if engine:
        require_port("127.0.0.1", engine, "ASSISTANT_ENGINE_URL")
    if action:
        require_port("127.0.0.1", action, "ASSISTANT_ACTION_PORT")
    return engine or free_port(), action or free_port()


def _require_model(settings: Settings) -> Path:
    """The engine's model; raises OperatorError naming what an engine misses."""
    if not ENGINE_PYTHON.is_file():
        raise OperatorError(f"{ENGINE_PYTHON}: the engine's environment is missing; run `make env`")
    model = model_path(settings.cache_dir.absolute() / "models")
    if not model.is_file():
        raise OperatorError(f"{model}: the engine's model is missing; run `assistant train`")
    return model


def _require_index(settings: Settings) -> None:
    if current_version(settings.cache_dir / "index") is None:
        raise OperatorError(
            f"{settings.cache_dir / 'index'}: no search index; run `assistant prepare`"
        )


def _require_built(settings: Settings) -> Path:
    """The engine's model; raises OperatorError naming what a run misses."""
    model = _require_model(settings)
    _require_index(settings)
    return model


def _engine(settings: Settings, model: Path, port: int, secret: str, action_url: str) -> Part:
    var = settings.var_dir.absolute()
    var.mkdir(parents=True, exist_ok=True)
    tracker_db = os.environ.get("ASSISTANT_TRACKER_DB", f"sqlite:///{var / 'trackers.db'}")
    return engine_part(
        model,
        port,
        secret,
        action_url,
        tracker_db,
        var / "log" / "engine.log",
        redis_url=redis_url(settings),
        event_broker=os.environ.get("ASSISTANT_EVENT_BROKER", ""),
    )


def parts_of(settings: Settings) -> list[Part]:
    """Engine and app with fresh secrets where none are set, and a sandbox where no dossier
    systems are named. Raises OperatorError."""
    model = _require_built(settings)
    require_port(settings.host, settings.port, "ASSISTANT_PORT")
    engine_port, action_port = _ports(settings)
    given = settings.engine_secret.get_secret_value() if settings.engine_secret else ""
    secret = given or secrets.token_urlsafe(32)
    action_url = f"http://127.0.0.1:{action_port}/webhook"
    engine = _engine(settings, model, engine_port, secret, action_url)
    environment = os.environ | {
        "ASSISTANT_ENGINE_SECRET": secret,
        "ASSISTANT_ENGINE_URL": f"http://127.0.0.1:{engine_port}",
        "ASSISTANT_ACTION_PORT": str(action_port),
    }
    sandboxes = []
    if settings.dossier_systems is None:
        port = free_port()
        sandbox_secret = secrets.token_urlsafe(32)
        sandboxes.append(
            sandbox_part(port, sandbox_secret, settings.var_dir.absolute() / "log" / "sandbox.log")
        )
        environment |= sandbox_settings(port, sandbox_secret)
    app = app_part(
        settings.host, settings.port, environment, settings.var_dir.absolute() / "log" / "app.log"
    )
    return [engine, *sandboxes, app]


def part_alone(settings: Settings, which: Alone) -> Part:
    """One part, which finds the other by ASSISTANT_ENGINE_URL, ASSISTANT_ACTION_URL and the secret
    that is set for both. Raises OperatorError naming what it misses."""
    secret = shared_engine_secret(settings)
    if which is Alone.APP:
        _require_index(settings)
        log = settings.var_dir.absolute() / "log" / "app.log"
        return app_part(settings.host, settings.port, os.environ, log)
    model = _require_model(settings)
    port = urlsplit(settings.engine_url).port
    if port is None:
        raise OperatorError("ASSISTANT_ENGINE_URL names no port; add the one to listen on")
    loopback = f"http://127.0.0.1:{settings.action_port}/webhook"
    action_url = os.environ.get("ASSISTANT_ACTION_URL", loopback)
    return _engine(settings, model, port, secret, action_url)


def become(part: Part) -> NoReturn:
    """Turn this process into the part: who started it watches it and gets its output."""
    os.execve(part.command[0], list(part.command), dict(part.environment))  # noqa: S606


@contextlib.contextmanager
def started(settings: Settings) -> Iterator[list[Part]]:
    """Engine and app, answering, for the time of the block; nobody restarts them.

    Raises OperatorError when a part does not come up.
    """
    parts = parts_of(settings)
    try:
        for part in parts:
            part.start()
        for part in parts:
            if not part.wait_until_it_answers(START_SECONDS):
                raise OperatorError(f"{part.name}: {part.last_words()} (log: {part.log})")
        yield parts
    finally:
        for part in reversed(parts):
            part.stop()


def run(settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code. Raises OperatorError when a part cannot start."""
    console = Console()

    def report(name: str, state: str) -> None:
        console.print(f"{name:<8}{state}", highlight=False, soft_wrap=True)

    supervisor = Supervisor(parts_of(settings), report)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.stop())
    page = f"http://{reachable(settings.host)}:{settings.port}/"
    supervisor.run(lambda: report("page", page))
    return 0
