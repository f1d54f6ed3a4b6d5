"""Linked channel accounts: one-time codes, whose role counts, how a link ends."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from gateway import Gateway, running
from sign_in import account, field_of, official, sign_in
from test_sign_in import browser, change, events

from bot.conversations import utc_now
from bot.identity.audit import Event
from bot.identity.links import LINK
from bot.identity.officials import local
from bot.identity.tables import channel_links, link_codes
from knowledge.roles import Role

pytestmark = pytest.mark.asyncio
CHAT = ("telegram", "100000123")


async def linked(gateway: Gateway, **values: Any) -> Any:
    """An official whose Telegram account is linked."""
    identity = gateway.services.identity
    lan = await official(identity, **values)
    assert await identity.links.redeem(*CHAT, await identity.links.issue(lan)) == lan
    return lan


async def test_a_code_links_an_account_to_the_official_who_got_it(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        identity = gateway.services.identity
        assert await identity.role_of(*CHAT) is Role.CITIZEN
        lan = await linked(gateway, role=Role.EDITOR)
        assert await identity.role_of(*CHAT) is Role.EDITOR
        assert await identity.official_of(*CHAT) == lan
        assert await identity.role_of("zalo_bot", CHAT[1]) is Role.CITIZEN
        assert await identity.role_of("telegram", "100000124") is Role.CITIZEN


async def test_a_code_is_good_once_for_ten_minutes_however_it_is_typed(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        identity = gateway.services.identity
        lan = await official(identity)
        code = await identity.links.issue(lan)
        typed = f" {code.lower().replace('-', ' ')} "
        assert await identity.links.redeem("telegram", "1", typed) == lan
        assert await identity.links.redeem("telegram", "2", code) is None
        late = await identity.links.issue(lan)
        await change(gateway, sa.update(link_codes).values(expires_at=utc_now()))
        assert await identity.links.redeem("telegram", "2", late) is None
        replaced = await identity.links.issue(lan)
        await identity.links.issue(lan)
        assert await identity.links.redeem("telegram", "2", replaced) is None
        assert await identity.links.redeem("telegram", "2", "") is None


async def test_the_role_is_the_officials_of_this_moment(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        identity = gateway.services.identity
        await linked(gateway)
        await account(identity, role=Role.ADMIN)
        assert await identity.role_of(*CHAT) is Role.ADMIN
        await identity.officials.remove(local("lan"))
        assert await identity.role_of(*CHAT) is Role.CITIZEN


async def test_a_link_lapses_when_its_official_no_longer_signs_in(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        identity = gateway.services.identity
        lan = await account(identity)
        await linked(gateway)
        lan = await account(identity)
        soon = utc_now() + dt.timedelta(minutes=1)
        await change(gateway, sa.update(channel_links).values(expires_at=soon))
        await sign_in(client, lan)
        [link] = await identity.links.of((await identity.officials.all())[0])
        assert link.expires_at > utc_now() + LINK - dt.timedelta(minutes=1)
        await change(gateway, sa.update(channel_links).values(expires_at=utc_now()))
        assert await identity.role_of(*CHAT) is Role.CITIZEN


async def test_an_account_is_linked_to_one_official_at_a_time(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        identity = gateway.services.identity
        lan = await linked(gateway)
        binh = await official(identity, "binh")
        await identity.links.redeem(*CHAT, await identity.links.issue(binh))
        assert await identity.official_of(*CHAT) == binh
        assert await identity.links.of(lan) == []
        assert await identity.links.leave(*CHAT) is True
        assert await identity.role_of(*CHAT) is Role.CITIZEN


async def test_the_account_page_gives_a_code_shows_the_link_and_removes_it(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        identity = gateway.services.identity
        await sign_in(client, await account(identity))
        form = {"form": field_of((await client.get("/account")).text)}
        shown = await client.post("/account/code", data=form)
        code = shown.text.partition("/lienket ")[2][:9]
        assert await identity.links.redeem(*CHAT, code)
        page = (await client.get("/account")).text
        link = page.partition('name="link" value="')[2].partition('"')[0]
        gone = await client.post("/account/unlink", data=form | {"link": link})
        after = (await client.get("/account")).text
        log = await events(gateway)
    assert "Telegram, đến" in page and "Chưa liên kết" in after
    assert gone.headers["location"] == "/account?unlinked=1"
    assert own_events(log) == [Event.SIGNED_IN, Event.UNLINKED]


def own_events(log: list[tuple[str, str]]) -> list[str]:
    return [event for who, event in log if who == "local:lan"]


async def test_another_officials_link_cannot_be_removed(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        identity = gateway.services.identity
        lan = await linked(gateway)
        [link] = await identity.links.of(lan)
        await sign_in(client, await account(identity, "binh"))
        form = {"form": field_of((await client.get("/account")).text)}
        await client.post("/account/unlink", data=form | {"link": link.id})
        assert await identity.role_of(*CHAT) is Role.OFFICIAL


async def test_neither_the_code_nor_the_channels_user_lies_in_the_store(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        identity = gateway.services.identity
        lan = await linked(gateway)
        code = await identity.links.issue(lan)
    content = files(tmp_path)
    assert CHAT[1].encode() not in content
    assert code.encode() not in content and code.replace("-", "").encode() not in content


def files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("conversations.db*"))
