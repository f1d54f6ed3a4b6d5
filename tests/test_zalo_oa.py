"""Zalo OA's own habits: signatures, tokens, windows, error codes, lists."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from pathlib import Path

import httpx
import pytest
from channels_gateway import connected
from fake_channels import FIRST_REFRESH, FakePlatforms, Fault
from fake_engine import says, serving
from messengers import OaUser, heard, last, zalo_oa

from bot.channels.channel import NotNow
from bot.channels.zalo_oa.errors import failure
from bot.channels.zalo_oa.reading import signature
from bot.channels.zalo_oa.tokens import App, OaTokens, RefreshUsed
from bot.conversations import ConversationStore

pytestmark = pytest.mark.asyncio


async def test_the_signature_is_a_plain_hash_over_the_raw_bytes() -> None:
    body = '{"a":  "ộ", "timestamp": "12"}'.encode()
    expected = hashlib.sha256(b"app" + body + b"12" + b"secret").hexdigest()
    assert signature("app", body, "12", "secret") == f"mac={expected}"


async def test_other_signatures_and_changed_bytes_are_refused(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = OaUser(channels.values)
        event = person.event("user_send_text", message={"text": "câu", "msg_id": "1"})
        good = zalo_oa(event, channels.values)
        secret = channels.values["zalo_oa_secret"].encode()
        keyed = hmac.new(secret, good.body, hashlib.sha256).hexdigest()
        wrong = [
            zalo_oa(event, channels.values, secret="another"),
            zalo_oa(event | {"app_id": "1"}, channels.values),
        ]
        reordered = zalo_oa(event, channels.values)
        reordered.body = json.dumps(json.loads(good.body), sort_keys=True).encode()
        spoofed = zalo_oa(event, channels.values)
        spoofed.headers = {"X-ZEvent-Signature": f"mac={keyed}"}
        for delivery in (*wrong, reordered, spoofed):
            assert (await channels.deliver(delivery)).status_code == 401
        assert (await channels.deliver(good)).status_code == 200
        await channels.settle()
    assert len(channels.engine.seen) == 1


@pytest.mark.parametrize(("hours", "status"), [(0, 200), (1.9, 200), (2.1, 401), (-0.2, 401)])
async def test_events_of_another_time_are_refused(
    tmp_path: Path, hours: float, status: int
) -> None:
    async with connected(tmp_path) as channels:
        person = OaUser(channels.values)
        stamp = str(int((time.time() - hours * 3600) * 1000))
        event = person.event("user_send_text", message={"text": "câu", "msg_id": "1"})
        delivery = zalo_oa(event | {"timestamp": stamp}, channels.values)
        assert (await channels.deliver(delivery)).status_code == status


async def test_choices_are_lists_and_their_payloads_opaque(tmp_path: Path) -> None:
    options = [
        {"label": f"Thủ tục {number}", "intent": "choose", "slots": {"procedure_code": "1"}}
        for number in range(7)
    ]
    answer = says("x")
    answer["custom"]["blocks"] = [{"type": "choices", "text": "Bạn chọn:", "options": options}]
    async with connected(tmp_path) as channels:
        channels.engine.messages = [answer]
        person = OaUser(channels.values)
        await channels.say(person, "đăng ký")
        lists = [
            sent.body["attachment"]["payload"]
            for sent in channels.platforms.to(person.chat)
            if "attachment" in sent.body
        ]
        sizes = [len(found["elements"]) for found in lists]
        actions = [e["default_action"] for found in lists for e in found["elements"]]
        await channels.press(person, actions[6]["payload"])
    assert sizes == [5, 2]
    assert {action["type"] for action in actions} == {"oa.query.hide"}
    assert channels.engine.seen[1]["intent"] == "choose"


async def test_following_says_the_notice_once(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = OaUser(channels.values)
        follow = {
            key: value for key, value in person.event("follow").items() if key != "sender"
        } | {"follower": {"id": person.chat}, "oa_id": "1"}
        await channels.deliver(zalo_oa(follow, channels.values))
        await channels.settle()
        sent = last(channels.platforms, person.chat)
        assert "trợ lý tự động" in heard(channels.platforms, person.chat)
        assert sent.buttons[0] == ("Làm khai sinh cho con cần giấy tờ gì?",) * 2
        assert await channels.say(person, "câu") == "Trả lời"


@pytest.mark.parametrize("code", [-213, -230, -305, -311, -201, -210, -233, -218])
async def test_what_zalo_will_not_deliver_is_said_in_the_log(
    tmp_path: Path, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(tmp_path) as channels:
        person = OaUser(channels.values)
        channels.platforms.faults = [Fault(200, code=code)]
        assert await channels.say(person, "câu") == ""
    [line] = [r for r in caplog.records if r.getMessage() == "answer not sent"]
    assert f"({code})" in line.reason  # type: ignore[attr-defined]


async def test_a_full_quota_waits_and_a_rate_limit_too() -> None:
    for code, seconds in ((-32, 60.0), (-211, 600.0), (-224, 600.0), (-320, 600.0)):
        error = failure(code)
        assert isinstance(error, NotNow)
        assert error.seconds == seconds
    unknown = failure(-99999)
    assert isinstance(unknown, NotNow) and unknown.seconds is None


async def test_nothing_is_sent_after_the_48_hours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    platforms = FakePlatforms()
    async with connected(tmp_path, platforms) as channels:
        person = OaUser(channels.values)
        platforms.faults = [Fault(200, code=-211)]
        await channels.deliver(person.text("câu"))
        while platforms.faults:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    with sqlite3.connect(tmp_path / "conversations.db") as db:
        db.execute(
            "UPDATE channel_updates SET not_before = accepted_at, accepted_at ="
            " strftime('%Y-%m-%d %H:%M:%f000', 'now', '-49 hours')"
        )
    async with connected(tmp_path, platforms) as again:
        await again.settle()
    assert platforms.sent == []
    [line] = [r for r in caplog.records if r.getMessage() == "answer not sent"]
    assert line.hours == 49.0  # type: ignore[attr-defined]


def _tokens(folder: Path, http: httpx.AsyncClient, url: str, refresh: str = FIRST_REFRESH):  # type: ignore[no-untyped-def]
    store = ConversationStore(f"sqlite:///{folder}/conversations.db")
    app = App("360846524940903967", "app-secret-of-the-tests", refresh)
    return store, OaTokens(store, app, "sealing", http, f"{url}/zalo")


async def test_of_two_replicas_one_renews(tmp_path: Path) -> None:
    platforms = FakePlatforms(delay=0.05)
    async with serving(platforms.app()) as url, httpx.AsyncClient() as http:
        replicas = [_tokens(tmp_path, http, url) for _ in range(3)]
        for store, _ in replicas:
            await store.run(store.ping)
        given = await asyncio.gather(*(tokens.access() for _, tokens in replicas))
        assert {access for access, _ in given} == {"access-1"}
        again = await asyncio.gather(*(tokens.access(refused="access-1") for _, tokens in replicas))
        assert {access for access, _ in again} == {"access-2"}
        for store, _ in replicas:
            store.close()
    assert [form["refresh_token"] for _, form in platforms.calls] == ["refresh-0", "refresh-1"]


async def test_tokens_outlive_a_restart_and_lie_encrypted(tmp_path: Path) -> None:
    platforms = FakePlatforms()
    async with serving(platforms.app()) as url, httpx.AsyncClient() as http:
        for _ in range(2):
            store, tokens = _tokens(tmp_path, http, url)
            assert (await tokens.access())[0] == "access-1"
            store.close()
    with sqlite3.connect(tmp_path / "conversations.db") as db:
        told = str(db.execute("SELECT * FROM channel_tokens").fetchall())
    assert "access-1" not in told and "refresh-" not in told


async def test_a_used_refresh_token_is_told_and_a_new_one_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    platforms = FakePlatforms(refresh_tokens=["refresh-0", "spent-elsewhere"])
    async with serving(platforms.app()) as url, httpx.AsyncClient() as http:
        store, tokens = _tokens(tmp_path, http, url)
        for _ in range(2):
            with pytest.raises(RefreshUsed):
                await tokens.access()
        store.close()
        store, tokens = _tokens(tmp_path, http, url, refresh="spent-elsewhere")
        assert (await tokens.access())[0] == "access-2"
        store.close()
    assert "ASSISTANT_ZALO_OA_REFRESH_TOKEN" in caplog.text


async def test_a_refused_token_is_renewed_once_and_the_message_sent(tmp_path: Path) -> None:
    async with connected(tmp_path) as channels:
        person = OaUser(channels.values)
        await channels.say(person, "một")
        channels.platforms.access_tokens.append("given-to-somebody-else")
        assert await channels.say(person, "hai") == "Trả lời"
    assert channels.platforms.access_tokens[-1] == "access-2"
