"""When parts fail, a person still gets an answer, and the gateway recovers by itself."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from fake_engine import says
from gateway import Gateway, running

import bot.engine
from bot.conversations import StoreUnavailable

pytestmark = pytest.mark.asyncio


def is_own_answer(reply: dict[str, Any]) -> bool:
    """Whether the gateway answered by itself, with places to turn to."""
    kinds = [block["type"] for block in reply["blocks"]]
    return reply["outcome"] == "engine_unavailable" and kinds == ["notice", "contact"]


GARBAGE: list[bytes] = [
    b"",
    b"[]",
    b"{}",
    b"null",
    b"not json",
    b"<html>502</html>",
    b"\xff\xfe",
    b'{"messages": []}',
    b'{"messages": "many"}',
    b'{"messages": [null]}',
    b'{"messages": [{}]}',
    b'{"messages": [{"text": " "}]}',
    b'{"messages": [{"custom": {}}]}',
    b'{"messages": [{"custom": {"outcome": "answered", "blocks": []}}]}',
    b'{"messages": [{"custom": {"outcome": "odd", "blocks": [{"type": "text", "text": ""}]}}]}',
    b'{"messages": [{"custom": {"outcome": "answered", "blocks": [{"type": "script"}]}}]}',
    json.dumps(
        {"messages": [says("tốt"), {"custom": {"outcome": "answered", "blocks": 5}}]}
    ).encode(),
]


async def test_what_is_no_answer_never_reaches_a_person(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for body in GARBAGE:
            gateway.engine.body = body
            broken = await talk.send(text="câu")
            assert broken.status_code == 200, body
            assert is_own_answer(broken.json()), body
            gateway.engine.body = None
            assert (await talk.send(text="câu")).json()["outcome"] == "answered"


async def test_an_engine_error_is_answered_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for status in (400, 401, 500, 503):
            gateway.engine.status = status
            assert is_own_answer((await talk.send(text="câu")).json()), status
        turns = await talk.history()
    assert {turn["outcome"] for turn in turns} == {"engine_unavailable"}


async def test_the_answer_of_a_broken_engine_leads_to_the_search(tmp_path: Path) -> None:
    async with running(tmp_path, hotline="số của tỉnh") as gateway:
        talk = await gateway.begin()
        gateway.engine.status = 500
        lines = dict((await talk.send(text="câu")).json()["blocks"][1]["lines"])
    assert lines["Tổng đài"] == "số của tỉnh"
    assert lines["Tự tra cứu thủ tục"] == "http://assistant.test/chat/search"
    assert lines["Cổng Dịch vụ công quốc gia"] == "https://dichvucong.gov.vn"


async def test_a_slow_engine_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.engine, "TURN_SECONDS", 0.2)
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.delay = 2.0
        reply = (await asyncio.wait_for(talk.send(text="câu"), 20)).json()
        gateway.engine.delay = 0.0
        assert (await talk.send(text="câu")).json()["outcome"] == "answered"
    assert is_own_answer(reply)


@pytest.mark.parametrize("text", ["H37.12-260601-0004", "ho so do sao roi"])
async def test_a_slow_dossier_system_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(bot.engine, "TURN_SECONDS", 0.2)
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.delay = 0.5
        assert (await talk.send(text=text)).json()["outcome"] == "answered"


async def test_no_engine_at_all_is_answered_in_words(tmp_path: Path) -> None:
    async with running(tmp_path, engine_url="http://127.0.0.1:9") as gateway:
        talk = await gateway.begin()
        assert is_own_answer((await talk.send(text="câu")).json())
        ready = await gateway.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["parts"]["engine"]["state"] == "down"


def break_database(gateway: Gateway, tmp_path: Path) -> None:
    """The database becomes what no database is."""
    store = gateway.services.store
    if store._engine is not None:
        store._engine.dispose()
    for file in tmp_path.glob("conversations.db*"):
        file.unlink()
    (tmp_path / "conversations.db").write_bytes(b"not a database" * 1000)


async def test_without_a_database_answers_go_on_without_history(tmp_path: Path) -> None:
    (tmp_path / "conversations.db").mkdir(parents=True)
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        option = {"label": "Khai sinh", "intent": "choose", "slots": {"procedure_code": "1.001193"}}
        gateway.engine.messages = [says("Trả lời", suggestions=[option])]
        reply = (await talk.send(text="câu")).json()
        chosen = (await talk.send(choice=reply["suggestions"][0]["id"])).json()
        read = await gateway.client.get(f"{talk.path}/messages", headers=talk.headers)
        erased = await gateway.client.delete(talk.path, headers=talk.headers)
        ready = await gateway.client.get("/readyz")
    assert reply["outcome"] == chosen["outcome"] == "answered"
    assert gateway.engine.seen[1]["intent"] == "choose"
    assert (read.status_code, erased.status_code) == (503, 503)
    assert "thử lại" in erased.json()["detail"]
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["parts"]["conversations"]["state"] == "down"


async def test_a_database_that_breaks_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="một")
        break_database(gateway, tmp_path)
        assert (await talk.send(text="hai")).json()["outcome"] == "answered"
        (tmp_path / "conversations.db").unlink()
        gateway.services.store._engine = None
        monkeypatch.setattr(gateway.services.store, "_rest_until", 0.0)
        assert (await talk.send(text="ba")).json()["outcome"] == "answered"
        assert [turn["text"] for turn in await talk.history()] == ["ba"]


async def test_a_failing_database_is_left_alone_for_a_while(tmp_path: Path) -> None:
    (tmp_path / "conversations.db").mkdir(parents=True)
    async with running(tmp_path) as gateway:
        store = gateway.services.store
        with pytest.raises(StoreUnavailable):
            await store.run(store.ping)
        assert store._rest_until > time.monotonic()

        def never() -> None:
            raise AssertionError("asked a database that had just failed")

        with pytest.raises(StoreUnavailable):
            await store.run(never)


async def test_an_unexpected_failure_is_a_problem_without_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as gateway:
        monkeypatch.setattr(gateway.services.catalogue, "procedure", lambda code: 1 / 0)
        answered = await gateway.client.get("/api/v1/procedures/1.001193")
    assert answered.status_code == 500
    assert answered.json()["title"] == "Trợ lý gặp lỗi"
    assert "ZeroDivisionError" not in answered.text
    assert answered.headers["x-content-type-options"] == "nosniff"
