"""What is left when the clock moves on: every table of the app's store, its file, the engine's
trackers. A new table must be told here, or the first test fails."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from channels_gateway import Channels, connected, until
from engine_fixture import RunningEngine
from fake_channels import Fault
from fake_engine import says
from messengers import PEOPLE
from sign_in import account, official, sign_in
from test_sign_in import browser

from bot.conversations import metadata
from bot.identity.officials import Person
from bot.retention import sweep
from knowledge.roles import Role

SECRET = "chuyện riêng của tôi"
TOLD = f"{SECRET}, số 020123456789, xe 12A-123.45, nongvidu@gmail.com"
ANSWERED = "trả lời riêng cho người ấy"
PERSONAL = (SECRET, ANSWERED, "020123456789", "12A-123.45", "nongvidu")

LEFT_AFTER = {
    # table -> what may still stand in it: after the days of text, after a year
    "conversations": ("a random id, closed", "a random id, closed"),
    "turns": ("outcome and times", "outcome and times"),
    "channel_updates": ("", ""),
    "channel_people": ("", ""),
    "channel_tokens": ("the account's own tokens", "the account's own tokens"),
    "officials": ("accounts", "local accounts"),
    "bad_logins": ("", ""),
    "sessions": ("", ""),
    "link_codes": ("", ""),
    "channel_links": ("", ""),
    "audit": ("references", ""),
    "notice_texts": ("the notice's own words", "the notice's own words"),
    "notices_told": ("a hash, channel and time", "a hash, channel and time"),
}


async def all_rows(channels: Channels) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    store = channels.gateway.services.store

    def read(db: sa.Connection) -> dict[str, list[dict[str, Any]]]:
        return {
            table.name: [dict(row._mapping) for row in db.execute(sa.select(table))]
            for table in metadata.sorted_tables
        }

    return await store.transaction(read)  # type: ignore[no-any-return]


async def days_pass(channels: Channels, days: int) -> None:
    """Moves every moment in every table into the past, then sweeps."""
    services = channels.gateway.services

    def age(db: sa.Connection) -> None:
        for table in metadata.sorted_tables:
            moments = [column for column in table.columns if isinstance(column.type, sa.DateTime)]
            key = next(iter(table.primary_key))
            for row in db.execute(sa.select(table)).all() if moments else ():
                old = {
                    column.name: row._mapping[column.name] - dt.timedelta(days=days)
                    for column in moments
                    if row._mapping[column.name] is not None
                }
                db.execute(sa.update(table).where(key == row._mapping[key.name]).values(old))

    await services.store.transaction(age)
    keep = services.settings.retention_days
    await sweep(services.store, services.engine, keep)


async def everything_used(channels: Channels) -> None:
    """Leaves a row in every table, and an update that nobody will answer."""
    gateway = channels.gateway
    identity = gateway.services.identity
    channels.engine.messages = [says(ANSWERED)]
    await (await gateway.begin()).send(text=TOLD)
    for channel in PEOPLE:
        await channels.say(PEOPLE[channel](channels.values), TOLD)
    lan = await official(identity)
    await identity.links.issue(lan)
    linked = PEOPLE["telegram"](channels.values)
    await channels.say(linked, f"/lienket {await identity.links.issue(lan)}")
    await identity.links.issue(lan)
    stranger = Person("https://agency.example#7", "Người của cơ quan", Role.OFFICIAL, "H37.1", "Sở")
    await identity.officials.signed_on(stranger)
    async with browser(gateway) as client:
        hoa = await account(identity, "hoa")
        await sign_in(client, hoa)
    async with browser(gateway) as other:
        await sign_in(other, hoa, password="sai mật khẩu rồi")
    stuck = PEOPLE["zalo_bot"](channels.values)
    channels.platforms.faults = [Fault(status=500)] * 1000
    await channels.deliver(stuck.text(TOLD))
    await until(lambda: len(channels.platforms.faults) < 1000)


def test_every_table_says_what_may_be_left() -> None:
    assert LEFT_AFTER.keys() == {table.name for table in metadata.sorted_tables}


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("conversations.db*"))


async def test_before_anything_is_purged_words_stand_in_it_redacted(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        await everything_used(channels)
        rows = await all_rows(channels)
    assert [name for name, found in rows.items() if not found] == []
    kept = " ".join(str(row["text"]) for row in rows["turns"])
    assert SECRET in kept
    for detail in PERSONAL[2:]:
        assert detail not in kept
    finished = [row for row in rows["channel_updates"] if row["done_at"]]
    assert finished and {row["payload"] for row in finished} == {None}


async def test_what_was_told_at_first_contact_can_be_shown_for_three_years(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        gateway = channels.gateway
        talk = await gateway.begin()
        await channels.say(PEOPLE["telegram"](channels.values), "xin chào")
        await gateway.client.post("/chat", data={"text": "câu"})
        await gateway.client.delete(talk.path, headers=talk.headers)
        await days_pass(channels, 3 * 365 + 30)
        rows = await all_rows(channels)
        told = {row["conversation"]: row for row in rows["notices_told"]}
        first = told[hashlib.sha256(talk.id.encode()).hexdigest()]
        [text] = rows["notice_texts"]
        await days_pass(channels, 10)
        left = (await all_rows(channels))["notices_told"]
    assert sorted(row["channel"] for row in told.values()) == ["telegram", "web", "web"]
    assert first["notice"] == text["id"] and "xóa dữ liệu" in text["text"]
    assert left == []


@pytest.mark.parametrize(("days", "column"), [(31, 0), (400, 1)])
async def test_later_nothing_is_left_but_what_was_promised(
    tmp_path: Path, days: int, column: int
) -> None:
    async with connected(tmp_path) as channels:
        await everything_used(channels)
        trackers = {asked["conversation"] for asked in channels.engine.seen}
        await days_pass(channels, days)
        rows = await all_rows(channels)
        on_disk = await asyncio.to_thread(_bytes, tmp_path)
    for name, found in rows.items():
        assert bool(found) == bool(LEFT_AFTER[name][column]), (name, found)
    for row in rows["turns"]:
        assert {row[name] for name in ("text", "blocks", "suggestions", "options")} == {None}
        assert row["outcome"]
    assert all(row["erased_at"] and not row["tracker_left"] for row in rows["conversations"])
    for secret in PERSONAL:
        assert secret.encode() not in on_disk, secret
    assert trackers <= set(channels.engine.erased)
    names = {row["name"] for row in rows["officials"]}
    assert ("Người của cơ quan" in names) == (days < 365)


async def test_a_day_before_its_time_the_words_are_still_there(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        await everything_used(channels)
        await days_pass(channels, 29)
        rows = await all_rows(channels)
    assert all(row["text"] and row["blocks"] for row in rows["turns"])


def _tracked(engine: RunningEngine, conversation: str) -> list[str]:
    """What the engine's file keeps of a conversation, as JSON with characters beyond ASCII."""
    query = "SELECT events FROM trackers WHERE conversation = ?"
    with contextlib.closing(sqlite3.connect(engine.trackers)) as db:
        return [str(json.loads(row[0])) for row in db.execute(query, [conversation])]


def test_the_engine_forgets_an_erased_talk_in_its_file_too(engine: RunningEngine) -> None:
    engine.say(f"tôi muốn hỏi {SECRET} và 020123456789", "talk-to-erase")
    (kept,) = _tracked(engine, "talk-to-erase")
    assert SECRET in kept and "020123456789" not in kept
    assert engine.erase("talk-to-erase").status_code == 204
    assert _tracked(engine, "talk-to-erase") == []
    left = b"".join(
        file.read_bytes() for file in engine.trackers.parent.glob(f"{engine.trackers.name}*")
    )
    for secret in (SECRET, json.dumps(SECRET)[1:-1], "talk-to-erase"):
        assert secret.encode() not in left


def test_a_session_that_is_over_is_not_taken_up_again(engine: RunningEngine) -> None:
    engine.say(f"cần hỏi {SECRET}", "talk-that-ended")
    with contextlib.closing(sqlite3.connect(engine.trackers)) as db, db:
        db.execute("UPDATE trackers SET updated = updated - 86400")
    engine.say("xin chào", "talk-that-ended")
    (kept,) = _tracked(engine, "talk-that-ended")
    assert SECRET not in kept
