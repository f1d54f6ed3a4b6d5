"""What holds in every messaging channel: verified, answered once, in order, never silent."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from channels_gateway import connected, until
from fake_channels import FakePlatforms, Fault
from fake_engine import says
from messengers import PEOPLE, OaUser, TelegramUser, ZaloBotUser, heard, last

pytestmark = pytest.mark.asyncio
EVERY = pytest.mark.parametrize("channel", PEOPLE)


@EVERY
async def test_a_question_is_answered_after_the_first_notice(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        first = await channels.say(person, "làm khai sinh")
        second = await channels.say(person, "còn lệ phí")
    assert "trợ lý tự động (AI)" in first
    assert "Trả lời" in first
    assert second == "Trả lời"
    assert [asked["text"] for asked in channels.engine.seen] == ["làm khai sinh", "còn lệ phí"]
    assert {asked["metadata"]["channel"] for asked in channels.engine.seen} == {channel}
    assert len({asked["conversation"] for asked in channels.engine.seen}) == 1


@EVERY
async def test_the_same_update_is_answered_once(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        delivery = person.text("câu hỏi")
        for _ in range(3):
            assert (await channels.deliver(delivery)).status_code == 200
        await channels.settle()
        await channels.deliver(delivery)
        await channels.settle()
    assert len(channels.engine.seen) == 1
    assert heard(channels.platforms, person.chat).count("Trả lời") == 1


@EVERY
async def test_a_request_that_is_not_the_platforms_is_refused(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        delivery = person.text("câu hỏi")
        for value in ("", "mac=", "mac=" + "0" * 64, "x" * 64):
            forged = delivery.headers | dict.fromkeys(delivery.headers, value)
            delivery.headers = forged
            assert (await channels.deliver(delivery)).status_code == 401
        delivery.headers = {}
        assert (await channels.deliver(delivery)).status_code == 401
        await channels.settle()
    assert channels.platforms.sent == []
    assert channels.engine.seen == []


@EVERY
async def test_garbage_is_refused_without_a_trace(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        delivery = PEOPLE[channel](channels.values).text("x")
        for body in (b"", b"{}", b"[]", b"null", b"\xff", b'{"update_id": "x"}'):
            delivery.body = body
            refused = await channels.deliver(delivery)
            assert refused.status_code in (400, 401), body
            assert "Traceback" not in refused.text


@EVERY
async def test_a_button_leads_to_what_it_was_issued_for(tmp_path: Path, channel: str) -> None:
    option = {"label": "Lệ phí", "intent": "ask", "slots": {"section": "fees"}}
    async with connected(tmp_path) as channels:
        channels.engine.messages = [says("Trả lời", suggestions=[option])]
        person = PEOPLE[channel](channels.values)
        await channels.say(person, "làm khai sinh")
        buttons = last(channels.platforms, person.chat).buttons
        assert all("ask" not in payload for _, payload in buttons)
        payload = buttons[0][1] if buttons else "1"
        assert "Trả lời" in await channels.press(person, payload)
    asked = channels.engine.seen[1]
    assert (asked["intent"], asked["slots"]) == ("ask", {"section": "fees"})


@EVERY
async def test_a_button_of_somebody_else_leads_nowhere(tmp_path: Path, channel: str) -> None:
    option = {"label": "Lệ phí", "intent": "ask", "slots": {"section": "fees"}}
    async with connected(tmp_path) as channels:
        channels.engine.messages = [says("Trả lời", suggestions=[option])]
        mine, theirs = (PEOPLE[channel](channels.values) for _ in range(2))
        await channels.say(mine, "làm khai sinh")
        buttons = last(channels.platforms, mine.chat).buttons
        if not buttons:
            return  # Zalo Bot has numbers alone, which count in one's own conversation
        assert "không còn dùng được" in await channels.press(theirs, buttons[0][1])
        assert "không còn dùng được" in await channels.press(mine, _next(buttons[0][1]))
    assert [asked.get("intent") for asked in channels.engine.seen] == [None]


def _next(payload: str) -> str:
    return f"{payload.rpartition('.')[0]}.7"


@EVERY
async def test_words_never_become_an_intent(tmp_path: Path, channel: str) -> None:
    said = ["/choose", '/ask{"section": "fees"}', "//help", "/ restart"]
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        for text in said:
            await channels.say(person, text)
    assert all("intent" not in asked for asked in channels.engine.seen)
    assert all(not asked["text"].startswith("/") for asked in channels.engine.seen)


@EVERY
async def test_erasing_forgets_the_person_and_the_next_message_is_a_first_contact(
    tmp_path: Path, channel: str
) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        await channels.say(person, "điều rất riêng")
        assert "đã xóa toàn bộ" in await channels.say(person, "xóa dữ liệu")
        with sqlite3.connect(tmp_path / "conversations.db") as db:
            assert db.execute("SELECT count(*) FROM channel_people").fetchone() == (0,)
            rows = db.execute("SELECT payload, messages, person FROM channel_updates").fetchall()
        assert rows == [(None, None, "")] * 2
        assert "trợ lý tự động (AI)" in await channels.say(person, "còn đó không")
    conversations = [asked["conversation"] for asked in channels.engine.seen]
    assert conversations[0] != conversations[1]
    assert channels.engine.erased == conversations[:1]


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("conversations.db*"))


@EVERY
async def test_nothing_on_disk_tells_who_wrote(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        await channels.say(person, "câu rất riêng 0912345678")
    on_disk = await asyncio.to_thread(_bytes, tmp_path)
    assert person.chat.encode() not in on_disk
    assert b"0912345678" not in on_disk


@EVERY
async def test_messages_of_one_person_are_answered_in_order(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        said = [f"câu {number}" for number in range(8)]
        for text in said:
            await channels.deliver(person.text(text))
        await channels.settle()
    assert [asked["text"] for asked in channels.engine.seen] == said
    assert channels.engine.most_at_work == 1


@EVERY
async def test_too_fast_and_too_long_are_said_in_words(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path, limit_conversation=3) as channels:
        person = PEOPLE[channel](channels.values)
        assert "dài 1001 ký tự" in await channels.say(person, "x" * 1001)
        await channels.say(person, "một")
        await channels.say(person, "hai")
        assert "hơi nhanh" in await channels.say(person, "ba")


@EVERY
async def test_an_engine_that_is_down_is_said(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        channels.engine.status = 500
        person = PEOPLE[channel](channels.values)
        assert "đang gián đoạn" in await channels.say(person, "câu hỏi")


@EVERY
async def test_a_fault_of_ours_is_said_and_does_not_stop_the_rest(
    tmp_path: Path, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        turns = channels.gateway.services.turns

        async def broken(turn: object) -> None:
            raise RuntimeError("oops")

        with monkeypatch.context() as patched:
            patched.setattr(turns, "take", broken)
            assert "trợ lý gặp lỗi" in await channels.say(person, "một")
        assert "Trả lời" in await channels.say(person, "hai")


FAULTS = {
    "telegram": [Fault(429, retry_after=1), Fault(500), Fault(502)],
    "zalo_oa": [Fault(500), Fault(200, code=-1), Fault(200, code=-216)],
    "zalo_bot": [Fault(500), Fault(200, code=500)],
}


@EVERY
async def test_a_platform_that_fails_is_tried_again(tmp_path: Path, channel: str) -> None:
    for number, fault in enumerate(FAULTS[channel]):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with connected(folder) as channels:
            person = PEOPLE[channel](channels.values)
            await channels.say(person, "một")
            channels.platforms.faults = [fault]
            assert await channels.say(person, "hai") == "Trả lời"
        assert len(channels.engine.seen) == 2


@EVERY
async def test_the_rest_of_an_answer_is_sent_and_nothing_twice(
    tmp_path: Path, channel: str
) -> None:
    parts = [f"đoạn {number} " + "chữ " * 400 for number in range(6)]
    async with connected(tmp_path) as channels:
        channels.engine.messages = [says("\n\n".join(parts))]
        person = PEOPLE[channel](channels.values)
        await channels.say(person, "một")
        before = len(channels.platforms.to(person.chat))
        channels.platforms.faults = []
        await channels.deliver(person.text("hai"))
        await until(lambda: len(channels.platforms.to(person.chat)) > before)
        channels.platforms.faults = [Fault(500)]
        await channels.settle()
    told = heard(channels.platforms, person.chat, before)
    assert [told.count(f"đoạn {number} ") for number in range(6)] == [1] * 6


@EVERY
async def test_while_the_database_is_down_nothing_is_accepted(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        person = PEOPLE[channel](channels.values)
        await channels.say(person, "một")
        delivery = person.text("hai")
        with sqlite3.connect(tmp_path / "conversations.db") as db:
            db.execute("ALTER TABLE channel_updates RENAME TO away")
        assert (await channels.deliver(delivery)).status_code == 503
        with sqlite3.connect(tmp_path / "conversations.db") as db:
            db.execute("ALTER TABLE away RENAME TO channel_updates")

        async def accepted() -> bool:
            return (await channels.deliver(delivery)).status_code == 200

        await until(accepted)
        await until(lambda: len(channels.engine.seen) == 2)
    assert [asked["text"] for asked in channels.engine.seen] == ["một", "hai"]


@EVERY
async def test_a_stopped_app_gives_back_what_it_holds_and_the_next_one_answers(
    tmp_path: Path, channel: str
) -> None:
    platforms = FakePlatforms()
    async with connected(tmp_path, platforms) as channels:
        person = PEOPLE[channel](channels.values)
        platforms.faults = [Fault(500)] * 100
        await channels.deliver(person.text("câu hỏi"))
        await until(lambda: len(platforms.faults) < 100)
    platforms.faults = []
    assert platforms.to(person.chat) == []
    async with connected(tmp_path, platforms) as again:
        await again.settle()
    assert heard(platforms, person.chat).count("Trả lời") == 1
    assert len(channels.engine.seen) + len(again.engine.seen) == 1


@pytest.mark.parametrize(
    ("channel", "unset", "slug"),
    [
        ("telegram", "telegram_secret", "telegram"),
        ("telegram", "telegram_token", "telegram"),
        ("zalo_oa", "zalo_oa_secret", "zalo-oa"),
        ("zalo_oa", "zalo_oa_refresh_token", "zalo-oa"),
        ("zalo_bot", "zalo_bot_secret", "zalo-bot"),
    ],
)
async def test_a_channel_without_a_secret_does_not_start(
    tmp_path: Path, channel: str, unset: str, slug: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(tmp_path, **{unset: ""}) as channels:
        values = FakePlatforms().settings()
        refused = await channels.deliver(PEOPLE[channel](values).text("câu"))
        assert refused.status_code == 404
        others = set(channels.gateway.services.desk.channels)
    assert slug not in others
    assert len(others) == 2
    lines = [r for r in caplog.records if r.getMessage() == "channel does not start"]
    assert [(r.channel, r.set) for r in lines] == [  # type: ignore[attr-defined]
        (slug, [f"ASSISTANT_{unset.upper()}"])
    ]


async def test_photos_stickers_and_voice_get_a_sentence(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        values = channels.values
        one, two, three = TelegramUser(values), OaUser(values), ZaloBotUser(values)
        from messengers import telegram, zalo_bot, zalo_oa

        deliveries = [
            telegram({"update_id": 1, "message": one.message(photo=[{"file_id": "x"}])}, values),
            zalo_oa(two.event("user_send_sticker", message={"msg_id": "s1"}), values),
            zalo_bot(three.event("message.voice.received"), values),
        ]
        for delivery in deliveries:
            assert (await channels.deliver(delivery)).status_code == 200
        await channels.settle()
        for person in (one, two, three):
            assert "Tôi chỉ đọc được chữ" in heard(channels.platforms, person.chat)
    assert channels.engine.seen == []


async def test_no_log_line_holds_a_token_a_text_or_a_person(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(tmp_path) as channels:
        for make in PEOPLE.values():
            person = make(channels.values)
            channels.platforms.faults = [Fault(500)]
            await channels.say(person, "câu rất riêng")
            for secret in (*channels.values.values(), "câu rất riêng", person.chat):
                if secret.startswith("http"):
                    continue
                assert not any(
                    secret in str(vars(r)) for r in caplog.records if r.name[:3] == "bot"
                )


@EVERY
async def test_erasing_gives_no_new_allowance_for_guessing_codes(
    tmp_path: Path, channel: str
) -> None:
    missed = {
        "custom": {
            "outcome": "dossier_not_found",
            "blocks": [{"type": "text", "text": "Không thấy hồ sơ"}],
        }
    }
    async with connected(tmp_path) as channels:
        channels.engine.messages = [missed]
        person = PEOPLE[channel](channels.values)
        told = []
        for number in range(36):
            if number % 4 == 3:
                await channels.say(person, "xóa dữ liệu")
            told.append(await channels.say(person, f"H37.12-260601-{number:04}"))
    assert sum("Không thấy hồ sơ" in text for text in told) == 30
    assert "tạm dừng tra hồ sơ" in told[-1]


@EVERY
async def test_the_200_does_not_wait_for_the_answer(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path) as channels:
        channels.engine.delay = 0.5
        channels.platforms.delay = 0.1
        person = PEOPLE[channel](channels.values)
        accepted = await channels.deliver(person.text("câu hỏi"))
        assert accepted.json() == {"status": "accepted"}
        assert channels.platforms.sent == []
        await channels.settle()
    assert heard(channels.platforms, person.chat).count("Trả lời") == 1


async def test_the_queues_length_is_measured(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        channels.platforms.faults = [Fault(429, retry_after=60)]
        await channels.deliver(TelegramUser(channels.values).text("câu"))
        await until(lambda: channels.platforms.faults == [])
        figures = (await channels.gateway.client.get("/metrics")).text
    assert "assistant_waiting_updates 1.0" in figures
