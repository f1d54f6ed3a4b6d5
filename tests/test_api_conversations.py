"""Conversations over HTTP: who may read what, what is answered, what stays."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from fake_engine import says
from gateway import running

pytestmark = pytest.mark.asyncio


async def test_first_contact_says_what_this_is_and_what_is_kept(tmp_path: Path) -> None:
    async with running(tmp_path, retention_days=12, hotline="số của tỉnh") as gateway:
        answered = await gateway.client.post("/api/v1/conversations")
    begun = answered.json()
    assert answered.status_code == 201
    for said in (
        "(AI)",
        "không phải quyết định",
        "12 ngày",
        "xóa dữ liệu",
        "số căn cước",
        "cán bộ",
    ):
        assert said in begun["notice"]["text"]
    assert "chưa có cơ quan nào vận hành" in begun["notice"]["text"]
    assert ["Tổng đài", "số của tỉnh"] in begun["notice"]["lines"]
    assert [option["id"] for option in begun["suggestions"]] == [None] * 10


async def test_the_operator_is_named_in_the_notice(tmp_path: Path) -> None:
    async with running(tmp_path, operator="Sở Ví dụ") as gateway:
        begun = (await gateway.client.post("/api/v1/conversations")).json()
    assert "Sở Ví dụ vận hành trợ lý này." in begun["notice"]["text"]


async def test_a_question_goes_to_the_engine_with_the_gateways_own_metadata(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        reply = (await talk.send(text="làm  khai sinh\u200b")).json()
    asked = gateway.engine.seen[0]
    assert asked["conversation"] == talk.id
    assert asked["text"] == "làm khai sinh"
    assert asked["metadata"] == {
        "role": "citizen", "unit": "", "unit_name": "", "channel": "web", "locale": "vi",
        "turn_id": reply["turn_id"],
    }  # fmt: skip
    assert reply["outcome"] == "answered"
    assert reply["blocks"][0]["text"] == "Trả lời"
    assert {"edge", "engine", "store", "total"} <= set(reply["timings_ms"])


async def test_the_history_gives_the_turns_back_in_order(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        first = (await talk.send(text="một")).json()
        await talk.send(text="hai")
        turns = await talk.history()
    assert [turn["text"] for turn in turns] == ["một", "hai"]
    assert turns[0]["turn_id"] == first["turn_id"]
    assert turns[0]["blocks"] == first["blocks"]


async def test_a_message_sent_twice_with_one_id_is_one_turn(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.engine.delay = 0.2
        talk = await gateway.begin()
        sent = {"text": "một", "message_id": "message-1"}
        first, second = await asyncio.gather(talk.send(**sent), talk.send(**sent))
        later = (await talk.send(**sent)).json()
        other = (await talk.send(text="một", message_id="message-2")).json()
        turns = await talk.history()
    assert first.json()["turn_id"] == second.json()["turn_id"] == later["turn_id"]
    assert later["blocks"] == first.json()["blocks"]
    assert [turn["turn_id"] for turn in turns] == [later["turn_id"], other["turn_id"]]
    assert len(gateway.engine.seen) == 2


async def test_one_message_id_in_two_conversations_is_two_turns(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talks = [await gateway.begin(), await gateway.begin()]
        replies = [(await talk.send(text="một", message_id="message-1")).json() for talk in talks]
    assert replies[0]["turn_id"] != replies[1]["turn_id"]


async def test_a_message_sent_again_while_the_database_is_down_is_still_answered(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, conversations_url="sqlite:////nowhere/c.db") as gateway:
        talk = await gateway.begin()
        sent = {"text": "một", "message_id": "message-1"}
        replies = [(await talk.send(**sent)).json() for _ in range(2)]
    assert all(reply["outcome"] == "answered" for reply in replies)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer forged.token.here"}])
async def test_without_a_good_token_nothing_opens(tmp_path: Path, header: dict[str, str]) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        answered = await gateway.client.get(f"{talk.path}/messages", headers=header)
    assert answered.status_code == 401
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.headers["www-authenticate"] == "Bearer"


async def test_anothers_conversation_and_none_are_told_in_the_same_words(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        mine, theirs = await gateway.begin(), await gateway.begin()
        bodies = [
            (
                await gateway.client.get(
                    f"/api/v1/conversations/{id_}/messages", headers=mine.headers
                )
            )
            for id_ in (theirs.id, "no-such-conversation")
        ]
    assert [answer.status_code for answer in bodies] == [404, 404]
    assert bodies[0].json() == bodies[1].json()


async def test_a_token_of_another_secret_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path / "a") as gateway:
        talk = await gateway.begin()
    async with running(tmp_path / "b") as other:
        answered = await other.client.get(f"{talk.path}/messages", headers=talk.headers)
    assert answered.status_code == 401


OPTIONS = [
    {"label": "Khai sinh", "intent": "choose", "slots": {"procedure_code": "1.001193"}},
    {
        "label": "Kết hôn",
        "detail": "cấp xã",
        "intent": "choose",
        "slots": {"procedure_code": "1.000894"},
    },
]
CHOICE = {
    "custom": {
        "outcome": "choice_offered",
        "blocks": [{"type": "choices", "text": "Bạn chọn:", "options": OPTIONS}],
        "suggestions": [
            {"label": "Còn lệ phí?", "intent": "ask", "slots": {"section": "fees"}},
            {"label": "Tôi hỏi việc khác"},
        ],
    }
}


async def test_options_are_opaque_and_become_their_intent_again(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.messages = [CHOICE]
        reply = (await talk.send(text="đăng ký")).json()
        offered = reply["blocks"][0]["options"]
        await talk.send(choice=offered[1]["id"])
        await talk.send(choice=reply["suggestions"][0]["id"])
        turns = await talk.history()
    assert set(offered[1]) == {"label", "detail", "id"}
    assert len(offered[1]["id"]) <= 16
    assert reply["suggestions"][1] == {"label": "Tôi hỏi việc khác", "detail": "", "id": None}
    chosen, asked = gateway.engine.seen[1], gateway.engine.seen[2]
    assert chosen["intent"] == "choose" and chosen["slots"] == {"procedure_code": "1.000894"}
    assert "text" not in chosen
    assert asked["intent"] == "ask" and asked["slots"] == {"section": "fees"}
    assert turns[1]["text"] == "Kết hôn"


async def test_options_outlive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.messages = [CHOICE]
        offered = (await talk.send(text="đăng ký")).json()["blocks"][0]["options"]
    async with running(tmp_path) as gateway:
        talk.gateway = gateway
        await talk.send(choice=offered[0]["id"])
        assert gateway.engine.seen[0]["slots"] == {"procedure_code": "1.001193"}


@pytest.mark.parametrize("restart", [False, True])
async def test_options_do_not_pass_to_another_conversation(tmp_path: Path, restart: bool) -> None:
    async with running(tmp_path) as gateway:
        mine, theirs = await gateway.begin(), await gateway.begin()
        gateway.engine.messages = [CHOICE]
        offered = (await mine.send(text="đăng ký")).json()["blocks"][0]["options"]
        if restart:
            gateway.services.store.forget(mine.id)
        reply = (await theirs.send(choice=offered[0]["id"])).json()
    assert reply["outcome"] == "clarifying"
    assert len(gateway.engine.seen) == 1


async def test_an_unknown_option_is_answered_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for choice in ["", "x", "a.b", "abcdefghijkl.99", "abcdefghijkl.-1", "." * 99]:
            answered = await talk.send(choice=choice)
            assert answered.status_code == 200, choice
            assert answered.json()["outcome"] == "clarifying", choice
    assert gateway.engine.seen == []


async def test_one_conversation_takes_one_turn_at_a_time(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.delay = 0.05
        replies = await asyncio.gather(*(talk.send(text=f"câu {n}") for n in range(5)))
        assert [reply.status_code for reply in replies] == [200] * 5
        assert gateway.engine.most_at_work == 1
        assert len(await talk.history()) == 5


async def test_conversations_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talks = [await gateway.begin() for _ in range(4)]
        gateway.engine.delay = 0.1
        await asyncio.gather(*(talk.send(text="câu") for talk in talks))
        assert gateway.engine.most_at_work > 1


def stands_on_disk(folder: Path, words: str) -> bool:
    """Whether ``words`` can be found in the database's files."""
    return any(words.encode() in file.read_bytes() for file in folder.glob("conversations.db*"))


async def test_erasing_removes_every_trace_and_closes_the_token(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.messages = [CHOICE]
        await talk.send(text="câu hỏi rất riêng của tôi")
        assert stands_on_disk(tmp_path, "rất riêng")
        erased = await gateway.client.delete(talk.path, headers=talk.headers)
        after = [await talk.send(text="còn không"), await talk.send(choice="x.0")]
        read = await gateway.client.get(f"{talk.path}/messages", headers=talk.headers)
        again = await gateway.client.delete(talk.path, headers=talk.headers)
        assert gateway.engine.erased == [talk.id]
        assert not stands_on_disk(tmp_path, "rất riêng")
    assert erased.status_code == 204
    assert [answer.status_code for answer in (*after, read, again)] == [404] * 4


async def test_a_tracker_that_could_not_be_erased_is_erased_later(tmp_path: Path) -> None:
    from bot.retention import sweep

    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="câu")
        gateway.engine.status = 500
        assert (await gateway.client.delete(talk.path, headers=talk.headers)).status_code == 204
        gateway.engine.status = 200
        await sweep(gateway.services.store, gateway.services.engine, 30)
        await sweep(gateway.services.store, gateway.services.engine, 30)
    assert gateway.engine.erased == [talk.id]


async def test_typing_the_words_erases_and_the_talk_goes_on(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for words in ["xóa dữ liệu", "Xoa du lieu.", "XÓA DỮ LIỆU CỦA TÔI!"]:
            await talk.send(text="câu hỏi cũ")
            assert (await talk.send(text=words)).json()["outcome"] == "erased", words
        await talk.send(text="câu hỏi mới")
        turns = await talk.history()
    assert gateway.engine.erased == [talk.id] * 3
    assert [turn["text"] for turn in turns] == ["", "câu hỏi mới"]


async def test_feedback_is_for_ones_own_answers(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        mine, theirs = await gateway.begin(), await gateway.begin()
        turn = (await mine.send(text="câu")).json()["turn_id"]
        path = f"/api/v1/turns/{turn}/feedback"
        post = gateway.client.post
        assert (await post(path, json={"value": "up"}, headers=mine.headers)).status_code == 204
        assert (await post(path, json={"value": "down"}, headers=mine.headers)).status_code == 204
        assert (await post(path, json={"value": "up"}, headers=theirs.headers)).status_code == 404
        assert (await post(path, json={"value": "so-so"}, headers=mine.headers)).status_code == 422
        assert (await mine.history())[0]["feedback"] == "down"


async def test_text_is_stored_redacted(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="tôi là 020123456789, gọi 0912 345 678, hồ sơ H37.12-250601-0003")
        stored = (await talk.history())[0]["text"]
        assert gateway.engine.seen[0]["text"].startswith("tôi là 020123456789")
    assert stored == "tôi là [số giấy tờ], gọi [số điện thoại], hồ sơ H37.12-250601-0003"


async def test_old_text_is_purged_and_its_outcome_stays(tmp_path: Path) -> None:
    from bot.retention import sweep

    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="câu cũ")
        with sqlite3.connect(tmp_path / "conversations.db") as db:
            db.execute("UPDATE turns SET created_at = '2020-01-01 00:00:00.000000'")
        await talk.send(text="câu mới")
        await sweep(gateway.services.store, gateway.services.engine, 30)
        old, new = await talk.history()
    assert (old["text"], old["blocks"], old["outcome"]) == (None, [], "answered")
    assert new["text"] == "câu mới"
    assert gateway.engine.erased == []


async def test_a_conversation_nobody_returned_to_is_closed(tmp_path: Path) -> None:
    from bot.retention import sweep

    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="câu cũ")
        with sqlite3.connect(tmp_path / "conversations.db") as db:
            db.execute("UPDATE conversations SET seen_at = '2020-01-01 00:00:00.000000'")
        await sweep(gateway.services.store, gateway.services.engine, 30)
        assert (await talk.send(text="còn đó không")).status_code == 404
    assert gateway.engine.erased == [talk.id]


async def test_several_engine_messages_become_one_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        gateway.engine.messages = [says("một", "small_talk"), says("hai"), {"text": "ba"}]
        reply = (await talk.send(text="câu")).json()
    assert [block["text"] for block in reply["blocks"]] == ["một", "hai", "ba"]
    assert reply["outcome"] == "small_talk"
