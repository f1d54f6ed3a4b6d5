"""The queue itself, on SQLite and PostgreSQL: unique, in order, held by one, free after a crash."""

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from channels_gateway import connected
from fake_channels import FakePlatforms
from messengers import TelegramUser, heard

from bot.channels import updates as queue
from bot.channels.incoming import Incoming
from bot.channels.updates import REMEMBERED, Updates
from bot.conversations import ConversationStore, utc_now

pytestmark = pytest.mark.asyncio
_numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[list[ConversationStore]]:
    """Two replicas' stores over one database."""
    url = f"sqlite:///{tmp_path}/conversations.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
    found = [ConversationStore(url), ConversationStore(url)]
    for store in found:
        await store.run(store.ping)
    with found[0].begin() as db:
        db.execute(sa.delete(queue.updates))
    yield found
    for store in found:
        store.close()


def _incoming(update_id: str) -> Incoming:
    return Incoming(update_id=update_id, kind="text", value="câu", person="1", chat="1")


async def _accept(store: ConversationStore, update_id: str, person: str = "a") -> bool:
    return await store.run(Updates(store).accept, "telegram", person, _incoming(update_id))


async def test_an_id_is_taken_once_and_by_channel(stores: list[ConversationStore]) -> None:
    one, two = stores
    taken = await asyncio.gather(*(_accept(store, "7") for store in (one, two, one, two)))
    assert sorted(taken) == [False, False, False, True]
    assert await one.run(Updates(one).accept, "zalo_oa", "a", _incoming("7"))


async def test_two_replicas_never_hold_the_same_update(stores: list[ConversationStore]) -> None:
    for number in range(30):
        await _accept(stores[0], str(number), person=str(number))
    claims = await asyncio.gather(*(store.run(Updates(store).claim, 20) for store in stores * 3))
    held = [update.number for claim in claims for update in claim]
    assert len(held) == len(set(held)) == 30


async def test_a_persons_next_update_waits_for_the_one_before(
    stores: list[ConversationStore],
) -> None:
    one, two = stores
    for update_id in ("1", "2"):
        await _accept(one, update_id)
    [first] = await one.run(Updates(one).claim, 10)
    assert await two.run(Updates(two).claim, 10) == []
    await one.run(Updates(one).put_off, first.number, 60.0)
    assert await two.run(Updates(two).claim, 10) == []
    await one.run(Updates(one).done, first.number)
    [second] = await two.run(Updates(two).claim, 10)
    assert (first.incoming.update_id, second.incoming.update_id) == ("1", "2")


async def test_what_a_dead_worker_held_is_free_when_its_lease_ends(
    stores: list[ConversationStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = stores
    await _accept(one, "1")
    [held] = await one.run(Updates(one).claim, 10)
    await one.run(Updates(one).answered, held.number, [{"text": "một"}, {"text": "hai"}])
    await one.run(Updates(one).sent, held.number, 1)
    assert await two.run(Updates(two).claim, 10) == []
    monkeypatch.setattr(queue, "LEASE", dt.timedelta(0))
    await one.run(Updates(one).hold, [held.number])
    [again] = await two.run(Updates(two).claim, 10)
    assert (again.sent, again.attempts, again.messages) == (
        1,
        1,
        [{"text": "một"}, {"text": "hai"}],
    )


async def test_old_updates_and_people_are_purged(stores: list[ConversationStore]) -> None:
    [store, _] = stores
    for update_id in ("old", "new"):
        await _accept(store, update_id)
    person = f"p{next(_numbers)}{store._url[:6]}"
    await store.run(Updates(store).person, "telegram", person)
    long_ago = utc_now() - REMEMBERED - dt.timedelta(hours=1)
    with store.begin() as db:
        old = sa.update(queue.updates).where(queue.updates.c.update_id == "old")
        db.execute(old.values(accepted_at=long_ago))
        db.execute(sa.update(queue.people).values(seen_at=utc_now() - dt.timedelta(days=31)))
    await store.run(Updates(store).purge, 30)
    with store.begin() as db:
        assert db.execute(sa.select(queue.updates.c.update_id)).scalars().all() == ["new"]
        assert db.execute(sa.select(queue.people)).all() == []


async def test_who_returns_after_their_talk_was_closed_begins_anew(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        await channels.say(person, "một")
        store = channels.gateway.services.store
        await store.run(store.purge, -1)  # everything seen before tomorrow
        assert "Trả lời" in await channels.say(person, "hai")
    conversations = [asked["conversation"] for asked in channels.engine.seen]
    assert len(set(conversations)) == 2


async def test_a_killed_app_leaves_what_the_next_one_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platforms = FakePlatforms()
    async with connected(tmp_path, platforms) as channels:
        person = TelegramUser(channels.values)
        worker = channels.gateway.services.desk.worker
        monkeypatch.setattr(queue, "LEASE", dt.timedelta(seconds=1))
        channels.engine.delay = 60.0
        await channels.deliver(person.text("câu hỏi"))
        await asyncio.sleep(0.3)
        assert len(worker._tasks) == 1
        monkeypatch.setattr(
            worker._updates, "put_off", lambda *_: None
        )  # killed: gives nothing back
        monkeypatch.setattr("bot.channels.worker._GRACE_SECONDS", 0.05)
    async with connected(tmp_path, platforms) as again:
        await again.settle()
    assert heard(platforms, person.chat).count("Trả lời") == 1
