"""What the actions answer, given a turn: over the shipped catalogue, without the engine."""

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.answering import answer_turn, choose_turn, fallback_turn
from actions.context import Context
from actions.turn import read_turn
from connectors.registry import Dossiers
from knowledge.blocks import Answer, ChoicesBlock, ContactBlock, Foldable, ProcedureBlock
from knowledge.records import SectionKey
from knowledge.service import Knowledge

BIRTH = "1.001193"


@pytest.fixture
def context(knowledge: Knowledge) -> Context:
    return Context(knowledge, ContactBlock(text="Bộ phận một cửa"), Dossiers([]))


def _tracker(
    text: str, intent: str = "ask", entities: list[dict[str, Any]] | None = None, **slots: Any
) -> Tracker:
    message = {"text": text, "intent": {"name": intent}, "entities": entities or []}
    return Tracker("c", slots, message, [], False, None, {}, "action_listen")


def _entity(name: str, value: str, text: str = "", said: str = "") -> dict[str, Any]:
    start = text.index(said) if said else None
    end = start + len(said) if start is not None else None
    return {"entity": name, "value": value, "start": start, "end": end}


def _codes(answer: Answer) -> list[str]:
    return [block.code for block in answer.blocks if isinstance(block, ProcedureBlock)]


def test_a_need_is_answered_with_the_asked_section(context: Context) -> None:
    text = "làm khai sinh cho con cần giấy tờ gì"
    entities = [_entity("section", "components", text, "cần giấy tờ gì")]
    reply = answer_turn(read_turn(_tracker(text, entities=entities)), context)
    assert reply.answer.outcome == "answered"
    assert _codes(reply.answer) == [BIRTH]
    assert [block.type for block in reply.answer.blocks] == ["procedure", "components"]
    assert reply.slots["procedure_code"] == BIRTH


def test_a_follow_up_keeps_the_procedure(context: Context) -> None:
    text = "còn lệ phí?"
    tracker = _tracker(
        text, entities=[_entity("section", "fees", text, "lệ phí")], procedure_code=BIRTH
    )
    reply = answer_turn(read_turn(tracker), context)
    assert _codes(reply.answer) == [BIRTH]
    assert reply.answer.blocks[1].type == "fee_table"


def test_a_new_procedure_keeps_the_section(context: Context) -> None:
    tracker = _tracker("thế còn đăng ký tạm trú?", procedure_code=BIRTH, sections=["steps"])
    reply = answer_turn(read_turn(tracker), context)
    assert _codes(reply.answer) == ["1.004194"]
    assert reply.answer.blocks[1].type == "steps"


def test_a_section_without_a_procedure_is_asked_back(context: Context) -> None:
    text = "lệ phí bao nhiêu"
    tracker = _tracker(text, entities=[_entity("section", "fees", text, text)])
    reply = answer_turn(read_turn(tracker), context)
    assert reply.answer.outcome == "clarifying"
    assert reply.slots["sections"] == ["fees"]


def test_a_code_is_answered_exactly(context: Context) -> None:
    entities = [_entity("procedure_code", f"{BIRTH}.000.00.00.H37")]
    reply = answer_turn(read_turn(_tracker("thủ tục mã số", entities=entities)), context)
    assert _codes(reply.answer) == [BIRTH]


def test_an_unknown_code_is_said_to_be_unknown(context: Context) -> None:
    entities = [_entity("procedure_code", "9.999999")]
    reply = answer_turn(read_turn(_tracker("9.999999", entities=entities)), context)
    assert reply.answer.outcome == "not_in_catalogue"
    assert any(block.type == "contact" for block in reply.answer.blocks)


def test_an_ordinal_and_a_button_choose(context: Context) -> None:
    choices = ["1.004194", BIRTH]
    ordinal = _tracker("cái thứ hai", "choose", [_entity("ordinal", "2")], choices=choices)
    button = _tracker("/choose{}", "choose", [_entity("procedure_code", BIRTH)])
    last = _tracker("cái cuối", "choose", [_entity("ordinal", "-1")], choices=choices)
    for tracker in (ordinal, button, last):
        assert _codes(choose_turn(read_turn(tracker), context).answer) == [BIRTH]


def test_an_ordinal_that_is_not_there_is_asked_again(context: Context) -> None:
    tracker = _tracker("cái thứ chín", "choose", [_entity("ordinal", "9")], choices=[BIRTH])
    assert choose_turn(read_turn(tracker), context).answer.outcome == "clarifying"


def test_yes_takes_the_first_choice(context: Context) -> None:
    tracker = _tracker("đúng rồi", "affirm", choices=[BIRTH, "1.004194"])
    assert _codes(answer_turn(read_turn(tracker), context).answer) == [BIRTH]


def test_choices_carry_their_codes_for_the_gateway(context: Context) -> None:
    reply = answer_turn(read_turn(_tracker("khai sinh")), context)
    assert reply.answer.outcome == "choice_offered"
    (block,) = [block for block in reply.answer.blocks if isinstance(block, ChoicesBlock)]
    assert len(block.options) > 1
    assert all(option.intent == "choose" for option in block.options)
    codes = [option.slots["procedure_code"] for option in block.options]
    assert codes == reply.slots["choices"]


def test_what_the_catalogue_lacks_is_not_answered(context: Context) -> None:
    reply = answer_turn(read_turn(_tracker("mua vé tàu đi hà nội")), context)
    assert reply.answer.outcome in ("not_in_catalogue", "out_of_scope")
    assert not _codes(reply.answer)


def test_the_fallback_says_whom_to_ask(context: Context) -> None:
    reply = fallback_turn(read_turn(_tracker("...")), context)
    assert [block.type for block in reply.answer.blocks] == ["notice", "text", "contact"]


def test_an_ordinal_without_an_open_list_is_asked_back(context: Context) -> None:
    tracker = _tracker("cái thứ hai", "choose", [_entity("ordinal", "2")])
    assert choose_turn(read_turn(tracker), context).answer.outcome == "clarifying"


def _marked(answer: Answer) -> list[Foldable]:
    return [block for block in answer.blocks if isinstance(block, Foldable) and block.marked]


def test_a_fact_of_the_procedure_in_hand_is_answered_from_its_record(context: Context) -> None:
    text = "giấy chứng sinh có cần không"
    reply = answer_turn(read_turn(_tracker(text, procedure_code=BIRTH)), context)
    assert _codes(reply.answer) == [BIRTH]
    (part,) = _marked(reply.answer)
    assert "chứng sinh" in part.model_dump_json().lower()
    assert all(block.folded for block in reply.answer.blocks[2:] if isinstance(block, Foldable))


def test_a_fact_of_another_procedure_is_searched_for(context: Context) -> None:
    text = "đăng ký kết hôn có cần giấy khám sức khỏe không"
    reply = answer_turn(read_turn(_tracker(text, procedure_code=BIRTH)), context)
    assert BIRTH not in _codes(reply.answer)


def test_a_wish_is_no_word_of_the_search(context: Context) -> None:
    text = "làm khai sinh cho con cần giấy tờ gì kèm căn cứ pháp lý"
    entities = [
        _entity("section", "components", text, "cần giấy tờ gì"),
        _entity("wish", "with_legal_basis", text, "kèm căn cứ pháp lý"),
    ]
    turn = read_turn(_tracker(text, entities=entities))
    assert turn.subject_text == "làm khai sinh cho con"
    reply = answer_turn(turn, context)
    assert _codes(reply.answer) == [BIRTH]
    assert [block.type for block in reply.answer.blocks] == ["procedure", "components", "list"]


def test_a_wish_alone_gives_the_same_answer_in_another_form(context: Context) -> None:
    text = "ngắn thôi"
    entities = [_entity("wish", "brief", text, text)]
    tracker = _tracker(text, entities=entities, procedure_code=BIRTH, sections=["steps"])
    reply = answer_turn(read_turn(tracker), context)
    assert _codes(reply.answer) == [BIRTH]
    assert reply.answer.blocks[1].type == "steps"
    assert reply.slots["sections"] == ["steps"]


def test_what_is_to_be_left_out_is_read_up_to_where_it_ends() -> None:
    text = "cấp sổ đỏ cần gì, bỏ qua trường hợp làm lần đầu nhé, cảm ơn"
    entities = [
        _entity("section", "components", text, "cần gì"),
        _entity("wish", "without", text, "bỏ qua trường hợp"),
    ]
    turn = read_turn(_tracker(text, entities=entities))
    assert turn.wishes.without == ("làm lần đầu",)
    assert "lần đầu" not in turn.subject_text
    assert turn.sections == [SectionKey.COMPONENTS]


def test_a_section_that_is_to_be_left_out_is_not_asked_for() -> None:
    text = "kết hôn cần gì, không cần phần lệ phí"
    entities = [
        _entity("section", "components", text, "cần gì"),
        _entity("wish", "without", text, "không cần phần"),
        _entity("section", "fees", text, "lệ phí"),
    ]
    turn = read_turn(_tracker(text, entities=entities))
    assert turn.sections == [SectionKey.COMPONENTS]
    assert turn.wishes.without_sections == {SectionKey.FEES}


def test_an_unaccented_follow_up_keeps_the_procedure(context: Context) -> None:
    text = "con le phi thi sao"
    section = _entity("section", "fees", text, "le phi")
    tracker = _tracker(text, entities=[section], procedure_code=BIRTH)
    assert _codes(answer_turn(read_turn(tracker), context).answer) == [BIRTH]
