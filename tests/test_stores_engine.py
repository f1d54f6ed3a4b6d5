"""Two real engines over one PostgreSQL, one Redis and one Kafka."""

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from engine_fixture import SECRET, ActionStub, RunningEngine, _serve, _small_talk
from redis import Redis
from redis_fixture import RedisServer

from bot.processes import engine_part
from bot.supervisor import START_SECONDS, free_port
from bot.training import ENGINE_PYTHON, ROOT
from knowledge.database import open_database

QUESTION = "làm khai sinh cần giấy tờ gì, số tôi là 0912345678"


@dataclass
class Overlaps(ActionStub):
    """An action server that takes its time, and knows the most calls it had at once."""

    most: int = 0
    _now: list[int] = field(default_factory=list)
    pause: threading.Event = field(default_factory=threading.Event)

    def reply(self, call: dict[str, Any]) -> dict[str, Any]:
        self._now.append(1)
        self.most = max(self.most, len(self._now))
        self.pause.wait(0.3)
        self._now.pop()
        return super().reply(call)


@dataclass
class Engines:
    """Two engines over the same stores."""

    engines: list[RunningEngine]
    stub: Overlaps
    redis: RedisServer
    tracker_db: str

    def at_once(self, conversation: str) -> list[list[dict[str, Any]]]:
        """Both engines are asked for the same conversation."""
        self.stub.most = 0
        with ThreadPoolExecutor(2) as threads:
            asked = [threads.submit(one.say, QUESTION, conversation) for one in self.engines]
            return [each.result() for each in asked]


@contextmanager
def _engine(
    model: Path, folder: Path, stub: ActionStub, tracker_db: str, **stores: str
) -> Iterator[RunningEngine]:
    server = _serve(stub)
    action_url = f"http://127.0.0.1:{server.server_port}/webhook"
    log = folder / f"engine-{server.server_port}.log"
    part = engine_part(model, free_port(), SECRET, action_url, tracker_db, log, **stores)
    part.start()
    try:
        assert part.wait_until_it_answers(START_SECONDS), part.last_words()
        with httpx.Client(timeout=20) as client:
            yield RunningEngine(part, stub, _small_talk(), client)
    finally:
        part.stop()
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def kafka() -> Iterator[str]:
    command = [str(ENGINE_PYTHON), str(ROOT / "tests" / "kafka_broker.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as broker:
        assert broker.stdout is not None
        yield broker.stdout.readline().decode().strip()
        broker.communicate()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def engines(
    engine_model: Path,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: str,
    redis: RedisServer,
    kafka: str,
) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("engines")
    named = folder / "broker.yml"
    settings = {"url": kafka, "topic": "assistant", "security_protocol": "PLAINTEXT"}
    named.write_text(json.dumps({"event_broker": {"type": "kafka", **settings}}))
    stub = Overlaps()
    stores = {"redis_url": redis.url, "event_broker": str(named)}
    with ExitStack() as stack:
        started = [
            stack.enter_context(_engine(engine_model, folder, stub, postgres, **stores))
            for _ in range(2)
        ]
        yield Engines(started, stub, redis, postgres)


def _consume(kafka: str, lines: int) -> list[dict[str, Any]]:
    """What the consumer of the documentation prints."""
    page = (ROOT / "docs" / "stores.md").read_text("utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.S)
    command = [str(ENGINE_PYTHON), "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=os.environ | {"KAFKA": kafka}
    ) as run:
        assert run.stdout is not None
        watch = threading.Timer(60, run.kill)
        watch.start()
        told = [json.loads(run.stdout.readline() or "null") for _ in range(lines)]
        watch.cancel()
        run.kill()
    return told


def test_a_talk_moves_between_engines_and_is_told_without_words(
    engines: Engines, kafka: str
) -> None:
    one, two = engines.engines
    stub = engines.stub
    stub.events = [{"event": "slot", "name": "procedure_code", "value": "1.001193"}]
    one.say(QUESTION, "c1")
    stub.events = []
    two.say("lệ phí bao nhiêu", "c1")
    assert stub.calls[-1]["tracker"]["slots"]["procedure_code"] == "1.001193"
    database = open_database(engines.tracker_db)
    with database.connect() as connection:
        kept = connection.execute(sa.text("SELECT events FROM trackers")).scalars().all()
    database.dispose()
    assert len(kept) == 1 and "0912345678" not in kept[0]
    told = _consume(kafka, 2)
    assert [turn["outcome"] for turn in told] == ["answered"] * 2
    assert all(turn["intent"] for turn in told)


def test_a_conversation_has_one_turn_at_a_time_over_both_engines(engines: Engines) -> None:
    assert all(engines.at_once("c2")) and engines.stub.most == 1


def test_conversations_do_not_wait_for_each_other(engines: Engines) -> None:
    engines.stub.most = 0
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda one: one.say(QUESTION, one.url), engines.engines))
    assert engines.stub.most == 2


def test_an_engine_that_dies_holds_nobody_up_for_long(engines: Engines) -> None:
    lock = "assistant-lock:c3"
    with Redis.from_url(engines.redis.url) as client:
        client.set(lock, "of an engine that died", px=1000)
        assert engines.engines[0].say(QUESTION, "c3")
        assert client.ttl(lock) == -2


def test_without_redis_both_engines_answer(engines: Engines) -> None:
    assert engines.redis.process is not None
    os.kill(engines.redis.process.pid, signal.SIGSTOP)
    assert all(engines.at_once("c4")), "one that hangs"
    os.kill(engines.redis.process.pid, signal.SIGCONT)
    engines.redis.kill()
    assert all(engines.at_once("c5")), "one that is gone"
    engines.redis.start()


def test_an_engine_whose_broker_is_away_answers(engine_model: Path, tmp_path: Path) -> None:
    named = tmp_path / "broker.yml"
    nobody = {"type": "pika", "url": "127.0.0.1:9", "username": "a", "password": "b"}
    named.write_text(json.dumps({"event_broker": nobody}))
    tracker_db = f"sqlite:///{tmp_path}/trackers.db"
    broker = {"event_broker": str(named)}
    with _engine(engine_model, tmp_path, ActionStub(), tracker_db, **broker) as engine:
        assert [engine.say(QUESTION, str(number)) for number in range(3)]


@pytest.mark.parametrize(
    ("stores", "said"),
    [
        ({"redis_url": "localhost"}, "ASSISTANT_REDIS_URL is no Redis URL"),
        ({"event_broker": "/nowhere/broker.yml"}, "ASSISTANT_EVENT_BROKER: /nowhere/broker.yml"),
    ],
)
def test_a_wrong_store_ends_the_engine_with_one_line(
    engine_model: Path, tmp_path: Path, stores: dict[str, str], said: str
) -> None:
    tracker_db = f"sqlite:///{tmp_path}/trackers.db"
    part = engine_part(
        engine_model,
        free_port(),
        SECRET,
        "http://127.0.0.1:9",
        tracker_db,
        tmp_path / "log",
        **stores,
    )
    part.start()
    assert not part.wait_until_it_answers(START_SECONDS)
    assert part.exit_code() == 1 and said in part.last_words()
