"""``assistant run`` as an operator starts it, for tests that break its parts, and people who go on
talking meanwhile."""

import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot.cli.conversation import Talk
from bot.supervisor import START_SECONDS, free_port
from bot.tokens import turn_id_of

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 90.0
CONSOLE = [sys.executable, "-c", "from bot.cli import main; main()"]
QUESTIONS = ("làm khai sinh cần giấy tờ gì", "lệ phí bao nhiêu", "dang ky ket hon", "mấy ngày")
PARTS = {"engine": "nlu.serve", "app": "bot.app:create_app", "sandbox": "connectors.sandbox"}


def until(holds: Callable[[], Any], what: str) -> Any:
    """What ``holds`` gives as soon as it is true."""
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)
    return found


def console(
    *words: str, most_written: int = resource.RLIM_INFINITY, **environment: str
) -> subprocess.CompletedProcess[str]:
    """One command of the console script, run to its end; a file takes ``most_written`` bytes."""
    bound = (most_written, resource.RLIM_INFINITY)
    return subprocess.run(
        [*CONSOLE, *words], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, bound),
    )  # fmt: skip


@dataclass
class Service:
    """A supervisor with its parts; ``var``: where it writes."""

    port: int
    var: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when every part answers."""
        with (self.var / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*CONSOLE, "run"], cwd=ROOT, env=os.environ | self.environment,
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while self.status() != "ready":
            assert self.process.poll() is None and time.monotonic() < end, self.said()
            time.sleep(0.1)

    def said(self) -> str:
        """What the operator sees."""
        return (self.var / "run.log").read_text("utf-8")

    def log(self, part: str) -> str:
        """What a part has logged since it started last."""
        return (self.var / "log" / f"{part}.log").read_text("utf-8")

    def ready(self) -> dict[str, Any]:
        """``/readyz``; {} while the app does not answer."""
        try:
            told: dict[str, Any] = httpx.get(f"{self.url}/readyz", trust_env=False).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return told

    def status(self) -> str:
        return str(self.ready().get("status", ""))

    def part(self, name: str) -> psutil.Process | None:
        """The process of a part, where it runs."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if any(PARTS[name] in word for word in child.cmdline()):
                    return child
            except psutil.Error:
                continue
        return None

    def kill(self, name: str) -> None:
        """Ends a part as the kernel would; it is gone when this returns."""
        found = self.part(name)
        assert found is not None
        found.kill()
        until(lambda: self.part(name) != found, f"{name} is gone")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


@contextlib.contextmanager
def service(var: Path, cache_dir: Path, database: str, **more: str) -> Iterator[Service]:
    """A running service on the index and model of the tests."""
    var.mkdir(parents=True, exist_ok=True)
    port = free_port()
    running = Service(
        port,
        var,
        {
            "ASSISTANT_PORT": str(port),
            "ASSISTANT_VAR_DIR": str(var),
            "ASSISTANT_CACHE_DIR": str(cache_dir),
            "ASSISTANT_DATABASE_URL": database,
            "ASSISTANT_CONVERSATIONS_URL": f"sqlite:///{var / 'conversations.db'}",
            "ASSISTANT_LIMIT_CONVERSATION": "100000",
            "ASSISTANT_LIMIT_ADDRESS": "1000000",
            **more,
        },
    )
    try:
        running.start()
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


def history(talk: Talk) -> list[str]:
    """Ids of the turns that are kept of a conversation."""
    told = talk._http.get(talk._path).raise_for_status().json()
    return [turn["turn_id"] for turn in told["turns"]]


class Crowd:
    """People who talk until told to stop, each in a conversation of their own. A message that got
    no answer is sent again under its id, as the widget does."""

    def __init__(self, url: str, people: int = 4) -> None:
        self._talks = [Talk(url) for _ in range(people)]
        self._stop = threading.Event()
        self.answered: list[dict[str, dict[str, Any]]] = [{} for _ in self._talks]
        """Of each person: message id -> the answer."""
        self.sent: list[list[str]] = [[] for _ in self._talks]
        """Of each person: the ids of their messages, however often they had to be sent."""
        self.given_up: list[str] = []
        self._threads = [
            threading.Thread(target=self._talk, args=(number,)) for number in range(people)
        ]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        for talk in self._talks:
            talk.close()

    def answers(self) -> int:
        return sum(map(len, self.answered))

    def go_on(self, more: int = 8) -> None:
        """Waits until there are ``more`` answers."""
        wanted = self.answers() + more
        until(lambda: self.answers() >= wanted, "people are answered")

    def _talk(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            message = uuid.uuid4().hex
            self.sent[number].append(message)
            reply = self._say(self._talks[number], QUESTIONS[turn % len(QUESTIONS)], message)
            if reply is not None:
                self.answered[number][message] = reply
            turn += 1
            time.sleep(0.05)

    def _say(self, talk: Talk, text: str, message: str) -> dict[str, Any] | None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return talk._send({"text": text, "message_id": message})
            except (httpx.HTTPError, ValueError):
                if self._stop.is_set():
                    return None
                time.sleep(0.1)
        self.given_up.append(message)
        return None

    def check(self, database: Path) -> None:
        """No answer was lost or empty, and a message that was sent again became one turn."""
        assert not self.given_up
        query = "SELECT id FROM turns WHERE conversation = ?"
        with contextlib.closing(sqlite3.connect(database)) as db:
            for talk, sent, answered in zip(self._talks, self.sent, self.answered, strict=True):
                conversation = talk._path.split("/")[-2]
                stored = [row[0] for row in db.execute(query, (conversation,))]
                told = [reply["turn_id"] for reply in answered.values()]
                assert not set(told) - set(stored), "answers are not kept"
                assert not set(stored) - {turn_id_of(conversation, one) for one in sent}
                assert all(reply["blocks"] for reply in answered.values())
