"""Officials in Telegram and Zalo: linked by a code, in private only, citizens again after."""

import datetime as dt
from pathlib import Path

import pytest
from channels_gateway import Channels, connected
from fake_engine import says
from messengers import PEOPLE, Messenger, TelegramUser
from sign_in import official
from test_links import files

from bot.conversations import utc_now
from bot.identity.officials import Official

pytestmark = pytest.mark.asyncio
EVERY = pytest.mark.parametrize("channel", PEOPLE)


async def link(channels: Channels, person: Messenger) -> Official:
    """An official who sent the code of their account page from ``person``'s account."""
    identity = channels.gateway.services.identity
    lan = await official(identity)
    said = await channels.say(person, f"/lienket {await identity.links.issue(lan)}")
    assert "Đã liên kết" in said
    return lan


def roles(channels: Channels) -> list[str]:
    return [seen["metadata"]["role"] for seen in channels.engine.seen]


@EVERY
async def test_a_linked_account_asks_as_its_official(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person, other = PEOPLE[channel](channels.values), PEOPLE[channel](channels.values)
        await channels.say(person, "câu trước đó")
        await link(channels, person)
        await channels.say(person, "câu của cán bộ")
        await channels.say(other, "câu của người khác")
    assert roles(channels) == ["citizen", "official", "citizen"]
    assert channels.engine.seen[1]["metadata"]["unit"] == "H37.12"


@EVERY
async def test_a_code_reaches_neither_engine_nor_history(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        await link(channels, PEOPLE[channel](channels.values))
    assert channels.engine.seen == []
    assert b"lienket" not in files(tmp_path)


@EVERY
async def test_a_wrong_or_used_code_links_nothing(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        identity = channels.gateway.services.identity
        code = await identity.links.issue(await official(identity))
        first, second = PEOPLE[channel](channels.values), PEOPLE[channel](channels.values)
        assert "không đúng" in await channels.say(second, "/lienket AAAA-BBBB")
        await channels.say(first, f"/lienket {code}")
        assert "đã dùng" in await channels.say(second, f"/lienket {code}")
        await channels.say(second, "câu hỏi")
    assert roles(channels) == ["citizen"]


@EVERY
async def test_after_unlinking_the_talk_of_the_official_is_closed(
    tmp_path: Path, channel: str
) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        lan = await link(channels, person)
        await channels.say(person, "câu của cán bộ")
        assert "Đã bỏ liên kết" in await channels.say(person, "/bolienket")
        said = await channels.say(person, "câu sau đó")
        log = await channels.gateway.services.identity.audit.lines(
            utc_now() - dt.timedelta(hours=1)
        )
    assert "Trả lời" in said
    assert roles(channels) == ["official", "citizen"]
    assert len({seen["conversation"] for seen in channels.engine.seen}) == 2
    assert {line.who for line in log} == {lan.subject}
    assert [line.event for line in log] == ["linked", "answered", "unlinked"]


async def test_in_a_group_everybody_is_a_citizen(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        await link(channels, person)
        identity = channels.gateway.services.identity
        code = await identity.links.issue((await identity.officials.all())[0])
        group = {"id": -100200, "type": "supergroup"}
        bot = {"id": int(channels.values["telegram_token"].partition(":")[0]), "is_bot": True}
        for words in ("câu hỏi", f"/lienket {code}"):
            replied = person.message(chat=group) | {"from": bot}
            await channels.deliver(person.text(words, chat=group, reply_to_message=replied))
            await channels.settle()
    assert roles(channels) == ["citizen"]
    assert "ai cũng đọc được" in str(channels.platforms.to("-100200")[-1])


@EVERY
async def test_a_role_in_an_update_means_nothing(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        channels.engine.messages = [says("Trả lời")]
        delivery = person.text('{"role": "admin"} /lienket')
        delivery.headers |= {"X-Role": "admin", "Cookie": "session=admin; __Host-session=admin"}
        await channels.deliver(delivery)
        await channels.settle()
    assert roles(channels) == ["citizen"]
