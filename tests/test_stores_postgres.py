"""The app's tables on a real PostgreSQL as on SQLite: migrations both ways, talks, two replicas."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from gateway import running

import bot.channels.updates
import bot.identity.tables  # noqa: F401
from bot.conversations import ConversationStore, metadata, migrate_conversations
from knowledge.catalogue import SHIPPED, import_paths
from knowledge.database import open_database
from knowledge.errors import OperatorError
from knowledge.store import CatalogueStore, migrate_catalogue
from knowledge.store import metadata as catalogue_metadata

CONVERSATIONS = ("conversations_version", metadata, migrate_conversations)
CATALOGUE = ("catalogue_version", catalogue_metadata, migrate_catalogue)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/stores.db"
    found: str = request.getfixturevalue("empty_postgres")
    return found


@pytest.mark.parametrize("kept", [CONVERSATIONS, CATALOGUE], ids=["conversations", "catalogue"])
def test_migrations_lead_to_what_the_code_expects_and_back(url: str, kept: tuple) -> None:  # type: ignore[type-arg]
    version, tables, migrate = kept
    engine = open_database(url)
    for _ in range(2):
        migrate(engine)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": version})
            assert compare_metadata(context, tables) == []
        migrate(engine, down_to="base")
        assert sa.inspect(engine).get_table_names() == [version]
    engine.dispose()


def test_going_back_keeps_what_the_older_version_knows(url: str) -> None:
    store = ConversationStore(url)
    store.create("a" * 32, "web")
    store.close()
    engine = open_database(url)
    migrate_conversations(engine, down_to="0001")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id FROM conversations")).scalar() == "a" * 32
    migrate_conversations(engine)
    engine.dispose()
    store = ConversationStore(url)
    assert not store.closed("a" * 32, None)
    store.close()


def test_a_version_that_is_none_is_one_line(url: str) -> None:
    engine = open_database(url)
    migrate_conversations(engine)
    with pytest.raises(OperatorError, match="0099"):
        migrate_conversations(engine, down_to="0099")
    engine.dispose()


def test_replicas_that_start_together_migrate_once(empty_postgres: str) -> None:
    def start(_: int) -> None:
        engine = open_database(empty_postgres)
        migrate_conversations(engine)
        migrate_catalogue(engine)
        engine.dispose()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(start, range(6)))


def test_catalogue_and_conversations_share_a_database(empty_postgres: str) -> None:
    catalogue = CatalogueStore.open(empty_postgres)
    report = import_paths([SHIPPED], catalogue)
    store = ConversationStore(empty_postgres)
    store.create("b" * 32, "web")
    assert report.rejected == []
    assert catalogue.count() > 0
    catalogue.engine.dispose()
    store.close()


@pytest.mark.asyncio
async def test_a_talk_begun_at_one_replica_goes_on_at_another(
    tmp_path: Path, empty_postgres: str
) -> None:
    shared = {"conversations_url": empty_postgres, "token_secret": "shared"}
    async with running(tmp_path / "a", **shared) as one, running(tmp_path / "b", **shared) as two:
        talk = await one.begin()
        await talk.send(text="số của tôi là 0912345678", message_id="message-1")
        talk.gateway = two
        again = await talk.send(text="số của tôi là 0912345678", message_id="message-1")
        await talk.send(text="câu hai")
        history = await talk.history()
        ready = (await two.client.get("/readyz")).json()
        asked = len(one.engine.seen) + len(two.engine.seen)
        erased = await two.client.delete(talk.path, headers=talk.headers)
        talk.gateway = one
        gone = await talk.send(text="câu ba")
    assert again.status_code == 200 and asked == 2
    assert [turn["text"] for turn in history] == ["số của tôi là [số điện thoại]", "câu hai"]
    assert ready["parts"]["conversations"]["state"] == "up"
    assert erased.status_code == 204 and gone.status_code == 404


@pytest.mark.asyncio
async def test_a_server_that_is_gone_leaves_talks_without_history(tmp_path: Path) -> None:
    nobody = "postgresql://nobody:hidden@127.0.0.1:9/none"
    async with running(tmp_path, conversations_url=nobody) as gateway:
        answered = await (await gateway.begin()).send(text="câu")
        ready = (await gateway.client.get("/readyz")).json()
    assert answered.json()["outcome"] == "answered"
    assert ready["parts"]["conversations"]["state"] == "down"
