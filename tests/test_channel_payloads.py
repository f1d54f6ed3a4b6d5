"""The platforms' own sample updates: each leads to the right answer or is left alone on purpose."""

import json
from pathlib import Path
from typing import Any

import pytest
from channels_gateway import Channels, connected
from messengers import Delivery, now_ms, telegram, zalo_oa

pytestmark = pytest.mark.asyncio

NOTICE = "trợ lý tự động (AI)"
ATTACHMENT = "Tôi chỉ đọc được chữ"
ATTACHED = "Tôi không xem được phần gửi kèm"
GONE = "không còn dùng được"
ANSWER = "Trả lời"

# file -> what the person reads, None where nothing is answered, and why
TELEGRAM: dict[str, str | None] = {
    "01-message-minimal": NOTICE,
    "02-message-text": NOTICE,
    "03-forwarded-message": NOTICE,
    "04-forwarded-channel-message": NOTICE,
    "05-message-with-reply": NOTICE,
    "06-edited-message": None,  # its first form was answered
    "07-message-with-entities": ANSWER,
    "08-message-with-audio": ATTACHMENT,
    "09-voice-message": ATTACHMENT,
    "10-message-with-document": ATTACHMENT,
    "11-inline-query": None,  # the bot has no inline mode
    "12-chosen-inline-result": None,
    "13-callback-query": GONE,  # a button that we did not issue
}
ZALO: dict[str, str | None] = {
    "01-user_send_text": ANSWER,
    "02-user_send_text-quote": ANSWER,
    "03-user_send_image": ATTACHED,
    "04-user_send_gif": ATTACHED,
    "05-user_send_link": ATTACHED,
    "06-user_send_audio": ATTACHMENT,
    "07-user_send_video": ATTACHED,
    "08-user_send_sticker": ATTACHMENT,
    "09-user_send_location": ATTACHED,
    "10-user_send_file": ATTACHMENT,
    "11-follow": NOTICE,
    "12-unfollow": None,
    "13-user_submit_info": None,  # personal data that we never ask for
    "14-user_submit_info-older": None,
    "15-user_received_message": None,  # receipts
    "16-user_seen_message": None,
    "17-oa_send_text": None,  # our own words
    "18-anonymous_send_text": None,  # the account's messages do not reach them
    "19-user_reacted_message": None,
    "20-user_click_chatnow": None,  # has read the first notice before
    "21-add_user_to_tag": None,
}


async def _read_by_people(channels: Channels, delivery: Delivery) -> str:
    before = len(channels.platforms.sent)
    accepted = await channels.deliver(delivery)
    assert accepted.status_code == 200, accepted.text
    await channels.settle()
    return "\n".join(sent.text for sent in channels.platforms.sent[before:])


def _load(folder: Path, table: dict[str, str | None]) -> list[tuple[str, str | None, Any]]:
    names = [file.stem for file in sorted(folder.glob("*.json"))]
    assert names == sorted(table)
    return [
        (name, table[name], json.loads((folder / f"{name}.json").read_text("utf-8")))
        for name in names
    ]


def _right(name: str, expected: str | None, read: str) -> None:
    if expected is None:
        assert read == "", name
    else:
        assert expected in read, name


async def test_telegrams_own_updates(tmp_path: Path, real_data: Path) -> None:
    async with connected(tmp_path) as channels:
        rows = _load(real_data / "webhooks" / "telegram", TELEGRAM)
        for number, (name, expected, update) in enumerate(rows):
            delivery = telegram(update | {"update_id": 10_000 + number}, channels.values)
            _right(name, expected, await _read_by_people(channels, delivery))
            await channels.deliver(delivery)
        await channels.settle()
    assert len(channels.engine.seen) == 1
    assert channels.platforms.callbacks == ["4382bfdwdsb323b2d9"]


async def test_zalos_own_events(tmp_path: Path, real_data: Path) -> None:
    async with connected(tmp_path) as channels:
        app = channels.values["zalo_oa_app_id"]
        for name, expected, event in _load(real_data / "webhooks" / "zalo", ZALO):
            event |= {"app_id": app, "timestamp": now_ms()}
            if "msg_id" in event.get("message", {}):
                event["message"]["msg_id"] += name
            delivery = zalo_oa(event, channels.values)
            _right(name, expected, await _read_by_people(channels, delivery))
            await channels.deliver(delivery)
        await channels.settle()
    assert [asked["text"] for asked in channels.engine.seen] == ["message"] * 7
