"""An official's turn reaches the rules by the gateway's role alone; the catalogue stays near."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ActionAnswer
from actions.context import Context, provide
from actions.officials import internal_reply
from actions.reply import Reply
from actions.turn import read_turn
from bot.identity.references import references
from connectors.registry import Dossiers
from knowledge.blocks import Answer, ContactBlock
from knowledge.rules.service import Rules
from knowledge.service import Knowledge

ASKED: dict[str, list[Any]] = yaml.safe_load(
    (Path(__file__).parent / "rule_questions.yml").read_text("utf-8")
)
EVERYDAY = Path(__file__).resolve().parents[1] / "benchmarks/questions/everyday-dev.jsonl"


@pytest.fixture
def context(knowledge: Knowledge, rules: Rules) -> Context:
    contact = ContactBlock(text="Bộ phận một cửa")
    return Context(knowledge, contact, Dossiers([]), rules=rules)


def tracker(text: str, role: str = "official", intent: str = "ask", **more: Any) -> Tracker:
    message = {
        "text": text,
        "intent": {"name": intent},
        "entities": [{"entity": name, "value": value} for name, value in more.items()],
        "metadata": {"role": role},
    }
    return Tracker("c", {}, message, [], False, None, {}, "action_listen")


def internal(context: Context, *args: str, **more: Any) -> Reply | None:
    return asyncio.run(internal_reply(read_turn(tracker(*args, **more)), context))


def turn(context: Context, *args: str, **more: Any) -> Answer:
    provide(context)
    dispatcher = CollectingDispatcher()
    asyncio.run(ActionAnswer().run(dispatcher, tracker(*args, **more), {}))
    return Answer.model_validate(dispatcher.messages[0]["custom"])


def test_an_official_is_answered_from_the_rules(context: Context) -> None:
    answer = turn(context, "ai ký văn bản xin lỗi")
    assert answer.outcome == "rule_answered"
    assert references(answer) == ["Khoản 1 Điều 3 Quyết định số 04/QĐ-BPMC"]


@pytest.mark.parametrize("role", ["citizen", "", "Official", "root", "official "])
def test_nobody_else_is(context: Context, role: str) -> None:
    for text in ("ai ký văn bản xin lỗi", "khoản 1 điều 3 quyết định 04"):
        assert internal(context, text, role) is None
        assert "BPMC" not in turn(context, text, role).model_dump_json()
    assert internal(context, "/ask", role, rule="04/QĐ-BPMC#3@2026-01-05") is None


def test_a_button_opens_the_whole_article(context: Context) -> None:
    first = internal(context, "ai ký văn bản xin lỗi")
    assert first
    option = first.answer.suggestions[0]
    assert (option.label, option.intent) == ("Xem toàn bộ Điều 3", "ask")
    whole = internal(context, "/ask", **option.slots)
    assert whole and whole.answer.outcome == "rule_answered"
    (block,) = whole.answer.blocks
    assert block.type == "rule_article"
    assert "2. Các trường hợp khác" in block.text


def test_what_is_in_hand_is_remembered(context: Context) -> None:
    reply = internal(context, "khoản 1 điều 2 quyết định 04")
    assert reply and reply.slots == {"rule_in_hand": "04/QĐ-BPMC#2@2026-01-05"}


def test_an_open_question_is_offered_as_choices(context: Context) -> None:
    reply = internal(context, "điều 5")
    assert reply and reply.answer.outcome == "clarifying"
    assert reply.answer.blocks[0].type == "choices"


def test_a_rule_that_is_not_there_has_its_own_outcome(context: Context) -> None:
    reply = internal(context, "điều 40 quyết định 04")
    assert reply and reply.answer.outcome == "rule_not_found"


def test_a_procedure_shown_to_an_official_leads_to_its_internal_process(context: Context) -> None:
    for role, offered in (("official", True), ("citizen", False)):
        answer = turn(context, "đăng ký khai sinh", role)
        assert answer.outcome == "answered"
        labels = [option.label for option in answer.suggestions]
        assert ("Quy trình nội bộ" in labels) is offered
    process = internal(context, "/ask", rule="process:1.001193")
    assert process and process.answer.blocks[0].type == "steps"


def test_small_talk_is_no_question_on_rules(context: Context) -> None:
    assert internal(context, "cảm ơn bạn nhé", intent="thanks") is None
    assert internal(context, "xin chào", intent="greet") is None


def test_an_official_who_asks_for_a_procedure_gets_it(context: Context) -> None:
    rows = [json.loads(line) for line in EVERYDAY.read_text("utf-8").splitlines()]
    asked = [row["question"] for row in rows if row.get("behavior", "answer") == "answer"]
    taken = [text for text in asked if internal(context, text)]
    assert len(taken) <= 0.03 * len(asked), taken


def test_an_official_who_asks_for_a_rule_gets_it(context: Context) -> None:
    asked = [row["say"] for row in ASKED["answered"] + ASKED["processes"]]
    lost = [text for text in asked if internal(context, text) is None]
    assert len(lost) <= 0.05 * len(asked), lost
