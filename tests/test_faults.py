"""Parts are killed, filled and damaged under ``assistant run``: what a person hears, that the
service comes back by itself, and that nothing accepted is lost or answered twice. What one part
does alone when another fails stands with that part: a silent or talkative engine in
``test_api_failures``, dossier systems in ``test_connector_faults``, Redis in ``test_limits_redis``,
PostgreSQL in ``test_stores_postgres``, an import that is killed in ``test_catalogue``.
"""

import contextlib
import resource
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from faulty import Crowd, Service, console, history, service, until
from gateway import running as gateway
from postgres_fixture import OwnPostgres
from redis_fixture import RedisServer

from bot.cli.conversation import Talk
from knowledge.catalogue import SHIPPED
from knowledge.rules.service import Rules
from knowledge.service import Knowledge
from knowledge.store import CatalogueStore

BIRTH = "làm khai sinh cho con cần giấy tờ gì"
ENOUGH = resource.RLIM_INFINITY


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, cache_dir: Path, knowledge: Knowledge, rules: Rules
) -> Path:
    """A folder to build in: encoder and engine model of the tests, an index of its own."""
    folder = tmp_path_factory.mktemp("faults")
    for name in ("encoder", "models"):
        (folder / name).symlink_to(cache_dir / name)
    for name in ("index", "rules"):
        shutil.copytree(cache_dir / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def running(folder: Path, shipped_database: str, engine_model: Path) -> Iterator[Service]:
    with service(folder / "var", folder, shipped_database) as one:
        yield one


@pytest.fixture
def whole(running: Service) -> Service:
    """The service with every part at work again."""
    until(lambda: running.status() == "ready", "every part works")
    return running


@pytest.fixture
def talk(whole: Service) -> Iterator[Talk]:
    """A conversation with it."""
    with contextlib.closing(Talk(whole.url)) as one:
        yield one


def database(running: Service) -> Path:
    return running.var / "conversations.db"


def test_a_killed_engine_is_told_and_comes_back_with_the_talk(whole: Service, talk: Talk) -> None:
    assert talk.say(BIRTH)["outcome"] == "answered"
    whole.kill("engine")
    reply = talk.say("còn lệ phí?")
    assert reply["outcome"] == "engine_unavailable"
    assert [block["type"] for block in reply["blocks"]] == ["notice", "contact"]
    assert whole.ready()["parts"]["engine"]["state"] == "down"
    until(lambda: whole.status() == "ready", "the engine is back")
    again = talk.say("còn lệ phí?")
    assert again["outcome"] == "answered" and "khai sinh" in str(again["blocks"]).lower()


@pytest.mark.parametrize("part", ["engine", "app"])
def test_killed_under_load_loses_no_answer_and_gives_none_twice(whole: Service, part: str) -> None:
    with Crowd(whole.url) as crowd:
        crowd.go_on()
        whole.kill(part)
        until(lambda: whole.status() == "ready", f"{part} is back")
        crowd.go_on()
    crowd.check(database(whole))


def test_without_a_dossier_system_everything_else_is_answered(whole: Service, talk: Talk) -> None:
    assert talk.say("H37.12-260601-0004")["outcome"] == "dossier_found"
    sandbox = whole.part("sandbox")
    assert sandbox is not None
    sandbox.suspend()
    try:
        lost = talk.say("H37.12-260601-0005")
        assert lost["outcome"] == "dossier_system_unavailable"
        assert "gián đoạn" in str(lost["blocks"]) and "https://" in str(lost["blocks"])
        assert talk.say(BIRTH)["outcome"] == "answered"
    finally:
        sandbox.resume()
    found = until(
        lambda: (reply := talk.say("H37.12-260601-0005"))["outcome"] == "dossier_found" and reply,
        "the dossier system is asked again",
    )
    assert "H37.12-260601-0005" in str(found["blocks"])


def test_on_a_full_disk_answers_go_on_and_history_comes_back(whole: Service, talk: Talk) -> None:
    app = whole.part("app")
    assert app is not None
    assert talk.say("dang ky ket hon")["outcome"] == "answered"
    app.rlimit(psutil.RLIMIT_FSIZE, (1, ENOUGH))
    try:
        assert talk.say("còn lệ phí?")["outcome"] == "answered"
        assert whole.ready()["parts"]["conversations"]["state"] == "down"
        assert whole.status() == "degraded"
    finally:
        app.rlimit(psutil.RLIMIT_FSIZE, (ENOUGH, ENOUGH))
    until(lambda: whole.status() == "ready", "turns are kept again")
    kept = talk.say("bao lâu thì xong")
    assert kept["turn_id"] in history(talk)


def test_on_a_full_disk_an_index_is_not_built_and_the_old_one_serves(
    whole: Service, folder: Path, shipped_database: str
) -> None:
    before = sorted(path.name for path in (folder / "index").iterdir())
    (folder / "full").mkdir()
    (folder / "full" / "encoder").symlink_to(folder / "encoder")
    built = console(
        "index", most_written=4_000_000,
        ASSISTANT_CACHE_DIR=str(folder / "full"), ASSISTANT_DATABASE_URL=shipped_database,
    )  # fmt: skip
    assert built.returncode == 1 and "Traceback" not in built.stderr
    assert len(built.stderr.strip().splitlines()) == 1 and "index" in built.stderr
    assert not [path for path in (folder / "full").rglob("*.faiss") if "rules" not in path.parts]
    assert not list((folder / "full").rglob("*.building"))
    assert sorted(path.name for path in (folder / "index").iterdir()) == before


def test_on_a_full_disk_an_import_changes_nothing_and_is_one_line(
    tmp_path: Path, shipped_database: str
) -> None:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    refused = console(
        "catalogue", "import", str(SHIPPED), most_written=400_000, ASSISTANT_DATABASE_URL=url
    )
    assert refused.returncode == 1 and len(refused.stderr.strip().splitlines()) == 1
    assert refused.stderr.startswith("error: database")
    assert CatalogueStore.open(url).count() == 0
    assert console("catalogue", "import", str(SHIPPED), ASSISTANT_DATABASE_URL=url).returncode == 0


def test_a_damaged_new_index_is_left_and_the_old_one_serves(
    whole: Service, talk: Talk, folder: Path
) -> None:
    current = folder / "index" / "CURRENT"
    serving = current.read_text()
    damaged = folder / "index" / "damaged"
    shutil.copytree(folder / "index" / serving, damaged)
    (damaged / "dense.faiss").write_bytes(b"damaged")
    current.write_text("damaged")
    try:
        until(lambda: "new index left" in whole.log("app"), "it is noticed")
        assert talk.say(BIRTH)["outcome"] == "answered"
    finally:
        current.write_text(serving)
        shutil.rmtree(damaged)
    assert "damaged cannot be read" in whole.log("app")


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
async def test_a_clock_that_jumps_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    async with gateway(tmp_path, limit_conversation=3) as one:
        talk = await one.begin()
        said = [(await talk.send(text="câu")).status_code for _ in range(4)]
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        said += [(await talk.send(text="câu")).status_code for _ in range(4)]
        said.append((await (await one.begin()).send(text="câu")).status_code)
    assert said == [200, 200, 200, 429] * 2 + [200]


def test_killed_stores_cost_history_and_no_answer(
    folder: Path, shipped_database: str, engine_model: Path,
    own_postgres: OwnPostgres, redis_server: RedisServer,
) -> None:  # fmt: skip
    stores = {
        "ASSISTANT_CONVERSATIONS_URL": own_postgres.url,
        "ASSISTANT_TRACKER_DB": own_postgres.url,
        "ASSISTANT_REDIS_URL": redis_server.url,
        "ASSISTANT_LIMIT_CONVERSATION": "3",
    }
    with (
        service(folder / "stores", folder, shipped_database, **stores) as one,
        contextlib.closing(Talk(one.url)) as talk,
    ):
        said = [talk.say(BIRTH)]
        own_postgres.kill()
        redis_server.kill()
        said += [talk.say(BIRTH) for _ in range(3)]
        parts = one.ready()["parts"]
        own_postgres.start()
        redis_server.start()
        until(lambda: one.status() == "ready", "both are used again")
        with contextlib.closing(Talk(one.url)) as later:
            again = later.say(BIRTH)
            kept = history(talk) + history(later)
    assert [reply.get("outcome") for reply in said[:3]] == ["answered"] * 3
    assert said[3]["status"] == 429
    assert {name for name, part in parts.items() if part["state"] == "down"} == {
        "conversations", "redis",
    }  # fmt: skip
    assert kept == [said[0]["turn_id"], again["turn_id"]]


def test_told_to_end_under_load_it_answers_what_it_took_and_leaves_nothing(
    folder: Path, shipped_database: str, engine_model: Path
) -> None:
    with service(folder / "ended", folder, shipped_database) as one, Crowd(one.url) as crowd:
        crowd.go_on()
        children = psutil.Process(one.process.pid).children(recursive=True)
        assert one.stop() == 0
        assert not [child for child in children if child.is_running()]
        assert one.said().count("stopped") == 3
        one.start()
        crowd.go_on()
    crowd.check(database(one))


def test_a_start_on_a_damaged_index_ends_with_one_line(
    folder: Path, tmp_path: Path, shipped_database: str, engine_model: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for name in ("encoder", "models"):
        (cache / name).symlink_to(folder / name)
    shutil.copytree(folder / "index", cache / "index")
    for found in (cache / "index").glob("*/dense.faiss"):
        found.write_bytes(b"damaged")
    told = console(
        "run", ASSISTANT_CACHE_DIR=str(cache), ASSISTANT_VAR_DIR=str(tmp_path / "var"),
        ASSISTANT_DATABASE_URL=shipped_database,
    )  # fmt: skip
    assert told.returncode == 1
    assert "assistant index" in told.stderr and "Traceback" not in told.stdout + told.stderr
