"""The engine under test: really trained, really run, once a session, over actions of our own."""

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.processes import Part, engine_part
from bot.supervisor import START_SECONDS, free_port
from bot.training import ROOT, train

SECRET = "a secret of the tests"
ANSWER = {"outcome": "answered", "blocks": [{"type": "text", "text": "từ hành động"}]}


@dataclass
class ActionStub:
    """Answers every action as ``reply`` says and keeps what it was asked; ``fails``: with a 500."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=lambda: [ANSWER])
    fails: bool = False

    def reply(self, call: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(call)
        return {"events": self.events, "responses": [{"custom": answer} for answer in self.answers]}


def _serve(stub: ActionStub) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(stub.reply(call)).encode()
            self.send_response(500 if stub.fails else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keeps the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _small_talk() -> dict[str, str]:
    """What each ``utter_*`` says -> its intent."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return {
        variant["custom"]["blocks"][0]["text"]: name.removeprefix("utter_")
        for name, variants in domain["responses"].items()
        for variant in variants
    }


@dataclass
class RunningEngine:
    """A client of one engine process; ``trackers``: its SQLite file, where it has one."""

    part: Part
    stub: ActionStub
    small_talk: dict[str, str]
    client: httpx.Client
    trackers: Path = Path()

    @property
    def url(self) -> str:
        return self.part.health_url.removesuffix("/health")

    def post(self, body: Any, secret: str | None = SECRET) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {"X-Engine-Secret": secret}
        return self.client.post(f"{self.url}/turns", content=content, headers=headers)

    def say(self, text: str, conversation: str = "c") -> list[dict[str, Any]]:
        """The ``custom`` payloads of one turn."""
        reply = self.post({"conversation": conversation, "text": text, "metadata": {}})
        assert reply.status_code == 200, reply.text
        return [message["custom"] for message in reply.json()["messages"]]

    def erase(self, conversation: str, secret: str = SECRET) -> httpx.Response:
        headers = {"X-Engine-Secret": secret}
        return self.client.delete(f"{self.url}/conversations/{conversation}", headers=headers)

    def understood(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """Intent of ``text`` and its entities; entities are known where an action was asked."""
        before = len(self.stub.calls)
        answers = self.say(text, uuid.uuid4().hex)
        if len(self.stub.calls) == before:
            return self.small_talk[answers[0]["blocks"][0]["text"]], []
        heard = self.stub.calls[-1]["tracker"]["latest_message"]
        return heard["intent"]["name"], [(e["entity"], e["value"]) for e in heard["entities"]]


@pytest.fixture(scope="session")
def engine_model(cache_dir: Path) -> Path:
    """The trained model of the present content, kept between test runs."""
    return train(cache_dir / "models")


@pytest.fixture(scope="session")
def started_engine(
    engine_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEngine]:
    """The session's engine; tests take ``engine``, which has a clean stub."""
    folder = tmp_path_factory.mktemp("engine")
    stub = ActionStub()
    server = _serve(stub)
    part = engine_part(
        engine_model,
        free_port(),
        SECRET,
        f"http://127.0.0.1:{server.server_port}/webhook",
        f"sqlite:///{folder / 'trackers.db'}",
        folder / "engine.log",
    )
    part.start()
    assert part.wait_until_it_answers(START_SECONDS), part.last_words()
    with httpx.Client(timeout=20) as client:
        yield RunningEngine(part, stub, _small_talk(), client, folder / "trackers.db")
    part.stop()
    server.shutdown()
    server.server_close()


@pytest.fixture
def engine(started_engine: RunningEngine) -> RunningEngine:
    """The running engine with a stub that has heard nothing yet."""
    fresh = ActionStub()
    stub = started_engine.stub
    stub.calls, stub.events, stub.answers, stub.fails = (
        fresh.calls,
        fresh.events,
        fresh.answers,
        fresh.fails,
    )
    return started_engine
