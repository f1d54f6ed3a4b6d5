"""Telegram's own habits: commands, groups, buttons, limits, asking for updates."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from channels_gateway import connected, until
from fake_channels import FakePlatforms, Fault
from fake_engine import says
from messengers import TelegramUser, heard, last, telegram

from bot.channels.telegram import channel as telegram_channel
from bot.channels.telegram.reading import read

pytestmark = pytest.mark.asyncio
GROUP = {"id": -100200300, "type": "supergroup", "title": "Tổ dân phố"}


async def test_start_says_the_notice_and_offers_questions(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        for _ in range(2):
            assert "trợ lý tự động (AI)" in await channels.say(person, "/start")
        sent = last(channels.platforms, person.chat)
        label, payload = sent.buttons[0]
        assert label == "Làm khai sinh cho con cần giấy tờ gì?"
        assert "trợ lý tự động" not in await channels.press(person, payload)
    assert [asked["text"] for asked in channels.engine.seen] == [label]


async def test_commands_lead_to_the_gateways_own_intents(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        for command in ("/help", "/trangthai", "/TrangThai@LangSonBot tiếp theo"):
            await until(lambda: channels.platforms.calls != [])
            await channels.say(person, command)
        assert "đã xóa toàn bộ" in await channels.say(person, "/xoa")
    intents = [asked["intent"] for asked in channels.engine.seen]
    assert intents == ["help", "dossier_status", "dossier_status"]
    assert len(channels.engine.erased) == 1


async def test_an_edited_message_is_not_answered_again(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        await channels.say(person, "câu hỏi")
        edited = {"update_id": 5, "edited_message": person.message(text="câu hỏi khác")}
        assert (await channels.deliver(telegram(edited, channels.values))).json() == {
            "status": "ignored"
        }
        await channels.settle()
    assert len(channels.engine.seen) == 1


def _in_group(person: TelegramUser, **members: Any) -> dict[str, Any]:
    return person.message(chat=GROUP) | members


async def test_a_groups_talk_is_left_alone_unless_it_addresses_the_bot(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        one, two = TelegramUser(channels.values), TelegramUser(channels.values)
        await until(lambda: channels.gateway.services.desk.channels["telegram"]._username != "")
        ours = {"message_id": 3, "chat": GROUP, "from": {"id": 4242}}
        theirs = {"message_id": 3, "chat": GROUP, "from": {"id": 7}}
        messages = [
            (_in_group(one, text="chào cả nhà"), None),
            (_in_group(one, text="ừ", reply_to_message=theirs), None),
            (_in_group(one, photo=[{}]), None),
            (_in_group(one, text="@langsonbot làm khai sinh"), "làm khai sinh"),
            (_in_group(one, text="hỏi @LangSonBot chút nhé"), "hỏi chút nhé"),
            (_in_group(two, text="lệ phí", reply_to_message=ours), "lệ phí"),
        ]
        for number, (message, _) in enumerate(messages):
            update = {"update_id": number, "message": message}
            assert (await channels.deliver(telegram(update, channels.values))).status_code == 200
        await channels.settle()
        sent = channels.platforms.to(str(GROUP["id"]))
    wanted = [text for _, text in messages if text]
    assert sorted(asked["text"] for asked in channels.engine.seen) == sorted(wanted)
    assert len({asked["conversation"] for asked in channels.engine.seen}) == 2
    assert all(json.loads(s.body["reply_parameters"])["message_id"] == 7 for s in sent)


async def test_a_press_is_always_acknowledged(tmp_path: Path) -> None:
    option = {"label": "Lệ phí", "intent": "ask"}
    async with connected(tmp_path) as channels:
        channels.engine.messages = [says("Trả lời", suggestions=[option])]
        person = TelegramUser(channels.values)
        await channels.say(person, "làm khai sinh")
        payload = last(channels.platforms, person.chat).buttons[0][1]
        for pressed in (payload, payload, "lạ", '/ask{"a": 1}'):
            await channels.press(person, pressed)
    assert len(channels.platforms.callbacks) == 4
    assert [asked.get("intent") for asked in channels.engine.seen] == [None, "ask", "ask"]


async def test_text_of_records_is_never_read_as_marks(tmp_path: Path) -> None:
    hostile = '<b>a & b</b> <a href="x">"y"</a> </blockquote> &lt;'
    async with connected(tmp_path) as channels:
        channels.engine.messages = [says(hostile)]
        person = TelegramUser(channels.values)
        assert hostile in await channels.say(person, "câu")


async def test_where_the_marks_are_refused_the_text_goes_without(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        channels.platforms.refuse_marks = True
        channels.engine.messages = [says("a < b & c")]
        person = TelegramUser(channels.values)
        assert "a < b & c" in await channels.say(person, "câu")


async def test_retry_after_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        await channels.say(person, "một")
        channels.platforms.faults = [Fault(429, retry_after=2)]
        await channels.say(person, "hai")
    [line] = [r for r in caplog.records if r.getMessage() == "message put off"]
    assert (line.reason, line.seconds) == ("rate limit", 2.0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [403, 400])
async def test_who_blocked_the_bot_is_not_tried_again(
    tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(tmp_path) as channels:
        person, other = TelegramUser(channels.values), TelegramUser(channels.values)
        channels.platforms.faults = [Fault(status)]
        assert await channels.say(person, "câu") == ""
        assert "Trả lời" in await channels.say(other, "câu")
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == ["answer not sent"]


async def test_messages_to_one_chat_are_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    slept = asyncio.sleep

    async def sleep(seconds: float, result: Any = None) -> Any:
        waits.append(seconds)
        return await slept(min(seconds, 0.01), result)

    async with connected(tmp_path) as channels:
        channels.engine.messages = [says("\n\n".join(["chữ " * 700] * 3))]
        person = TelegramUser(channels.values)
        await channels.say(person, "một")
        monkeypatch.setattr(telegram_channel, "PRIVATE_PAUSE", 1.05)
        monkeypatch.setattr("bot.channels.worker.asyncio.sleep", sleep)
        await channels.say(person, "hai")
        monkeypatch.undo()
    between = [wait for wait in waits if wait > 0.5 and wait != 1.0]
    assert len(between) == 2


async def test_updates_are_asked_for_where_there_is_no_webhook(tmp_path: Path) -> None:
    platforms = FakePlatforms()
    async with connected(
        tmp_path, platforms, telegram_polling=True, telegram_secret=""
    ) as channels:
        person = TelegramUser(platforms.settings())
        platforms.updates = [
            {"update_id": 1, "message": {"odd": True}},
            {"update_id": 2, "message": person.message(text="câu hỏi")},
            {"update_id": 3, "edited_message": person.message(text="câu khác")},
        ]
        await until(lambda: "Trả lời" in heard(platforms, person.chat))
        await until(lambda: any(form.get("offset") == "4" for _, form in platforms.calls))
        posted = await channels.deliver(telegram({"update_id": 9}, platforms.settings()))
    assert posted.status_code == 401
    assert [method for method, _ in platforms.calls].count("deleteWebhook") >= 1
    assert len(channels.engine.seen) == 1


@pytest.mark.parametrize(
    "message",
    [
        {"new_chat_members": [{"id": 1}]},
        {"pinned_message": {}},
        {"text": "bài đăng", "chat": {"id": -5, "type": "channel"}},
        {"text": "ẩn danh", "from": None},
    ],
)
async def test_what_nobody_wrote_to_us_is_left_alone(message: dict[str, Any]) -> None:
    person = TelegramUser({"telegram_secret": "s"})
    update = {"update_id": 1, "message": person.message() | message}
    assert read(json.dumps(update).encode(), 4242, "LangSonBot") is None


async def test_a_photo_with_words_is_answered_by_its_words(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = TelegramUser(channels.values)
        message = person.message(photo=[{"file_id": "x"}], caption="làm khai sinh")
        await channels.deliver(telegram({"update_id": 1, "message": message}, channels.values))
        await channels.settle()
    told = heard(channels.platforms, person.chat)
    assert "không xem được phần gửi kèm" in told and "Trả lời" in told
    assert [asked["text"] for asked in channels.engine.seen] == ["làm khai sinh"]
