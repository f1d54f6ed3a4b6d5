"""The Zalo Bot Platform's own habits: numbers for buttons, one object an event, groups."""

from pathlib import Path

import pytest
from channels_gateway import connected
from fake_channels import Fault
from fake_engine import says
from messengers import ZaloBotUser, zalo_bot

pytestmark = pytest.mark.asyncio
OPTIONS = [
    {"label": "Lệ phí", "intent": "ask", "slots": {"section": "fees"}},
    {"label": "Thời hạn", "intent": "ask", "slots": {"section": "time"}},
]


async def test_a_typed_number_picks_what_stands_beside_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        channels.engine.messages = [says("Trả lời", suggestions=OPTIONS)]
        person = ZaloBotUser(channels.values)
        told = await channels.say(person, "làm khai sinh")
        assert "1. Lệ phí\n2. Thời hạn" in told
        await channels.say(person, " 2 ")
        await channels.say(person, "3")
        await channels.say(person, "2000")
    asked = channels.engine.seen[1:]
    assert [a.get("slots", a.get("text")) for a in asked] == [{"section": "time"}, "3", "2000"]


async def test_the_notices_examples_have_numbers_too(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = ZaloBotUser(channels.values)
        assert "trợ lý tự động" in await channels.say(person, "xin chào")
        channels.engine.messages = [says("Đã xong")]
        await channels.say(person, "xóa dữ liệu")
        await channels.say(person, "1")
    assert channels.engine.seen[-1]["text"] == "Làm khai sinh cho con cần giấy tờ gì?"


async def test_events_come_with_or_without_an_envelope_and_with_numbers_for_ids(
    tmp_path: Path,
) -> None:
    async with connected(tmp_path) as channels:
        for number, bare in enumerate((False, True)):
            person = ZaloBotUser(channels.values)
            event = person.event("message.text.received", text=f"câu {number}")
            event["result"]["message"]["chat"]["id"] = int(person.chat)
            delivery = zalo_bot(event["result"] if bare else event, channels.values)
            assert (await channels.deliver(delivery)).json() == {"status": "accepted"}
        await channels.settle()
    assert len(channels.engine.seen) == 2


async def test_groups_and_unknown_events_are_left_alone(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = ZaloBotUser(channels.values)
        group = person.event("message.text.received", text="câu")
        group["result"]["message"]["chat"]["chat_type"] = "GROUP"
        for event in (group, person.event("message.new.received"), {"event_name": "x"}):
            accepted = await channels.deliver(zalo_bot(event, channels.values))
            assert accepted.json() == {"status": "ignored"}
        unsupported = zalo_bot(person.event("message.unsupported.received"), channels.values)
        await channels.deliver(unsupported)
        await channels.settle()
        assert "Tôi chỉ đọc được chữ" in channels.platforms.sent[-1].text
    assert channels.engine.seen == []


@pytest.mark.parametrize("code", [400, 403])
async def test_a_refused_message_is_not_tried_again(
    tmp_path: Path, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(tmp_path) as channels:
        channels.platforms.faults = [Fault(200, code=code)]
        assert await channels.say(ZaloBotUser(channels.values), "câu") == ""
    assert "answer not sent" in caplog.text
