"""Several procedures in one question, comparison, and choices told apart."""

import pytest
from rasa_sdk import Tracker

from actions.answering import answer_turn
from actions.context import Context
from actions.reply import Reply
from actions.turn import read_turn
from connectors.registry import Dossiers
from knowledge.blocks import ChoicesBlock, ContactBlock, ProcedureBlock, TextBlock
from knowledge.choosing import Named, Namesakes, choices
from knowledge.comparing import differences
from knowledge.index import Facts
from knowledge.service import Knowledge
from knowledge.text.folding import fold

EXCHANGE, AGAIN = "3.000347", "3.000348"  # of a driving licence


@pytest.fixture
def context(knowledge: Knowledge) -> Context:
    return Context(knowledge, ContactBlock(text="Bộ phận một cửa"), Dossiers([]))


def ask(context: Context, text: str, **slots: object) -> Reply:
    message = {"text": text, "intent": {"name": "ask"}, "entities": []}
    tracker = Tracker("c", slots, message, [], False, None, {}, "action_listen")
    return answer_turn(read_turn(tracker), context)


def together(knowledge: Knowledge, text: str) -> list[str]:
    found = knowledge.search(text).together
    return [hit.code for hit in found.hits] if found else []


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("đăng ký kết hôn và xác nhận độc thân cần giấy tờ gì", ["1.000894", "1.004873"]),
        ("khai tử và xóa hộ khẩu cho bố", ["1.000656", "1.003197"]),
        ("đổi bằng lái và cấp lại bằng lái khác gì nhau", [EXCHANGE, AGAIN]),
        ("đổi với cấp lại giấy phép lái xe khác gì nhau", [EXCHANGE, AGAIN]),
        ("đăng ký tạm trú với thường trú khác nhau chỗ nào", ["1.004194", "1.004222"]),
    ],
)
def test_the_procedures_of_one_question_are_told_apart(
    knowledge: Knowledge, question: str, codes: list[str]
) -> None:
    assert together(knowledge, question) == codes
    assert together(knowledge, fold(question)) == codes


@pytest.mark.parametrize(
    "question",
    [
        "đăng ký khai sinh cần giấy tờ gì và mất bao nhiêu tiền",
        "vừa khai sinh vừa nhận cha cho con một lượt được không",
        "đăng ký kết hôn mất bao nhiêu tiền và mấy ngày xong",
        "khai sinh, nhập hộ khẩu và thẻ bảo hiểm y tế cho bé làm một lần",
        "đăng ký thường trú",
    ],
)
def test_one_procedure_with_several_questions_is_one(knowledge: Knowledge, question: str) -> None:
    assert together(knowledge, question) == []


def test_several_procedures_are_offered_in_the_order_asked(context: Context) -> None:
    reply = ask(context, "đăng ký kết hôn và xác nhận độc thân cần giấy tờ gì")
    (block,) = reply.answer.blocks
    assert isinstance(block, ChoicesBlock)
    assert reply.answer.outcome == "choice_offered"
    assert [option.slots["procedure_code"] for option in block.options][:2] == [
        "1.000894",
        "1.004873",
    ]
    assert reply.slots["choices"][:2] == ["1.000894", "1.004873"]


def test_a_comparison_shows_both_records_and_what_differs(
    context: Context, knowledge: Knowledge
) -> None:
    reply = ask(context, "đổi bằng lái và cấp lại bằng lái khác gì nhau")
    heads = [block.code for block in reply.answer.blocks if isinstance(block, ProcedureBlock)]
    assert heads == [EXCHANGE, AGAIN]
    (told,) = [block.text for block in reply.answer.blocks if isinstance(block, TextBlock)]
    records = [record for code in heads if (record := knowledge.procedure(code))]
    for label, values in differences(records)[0]:
        assert label in told
        assert all(value in told for value in values)
    assert reply.slots["choices"] == heads


def test_an_open_choice_can_be_compared(context: Context) -> None:
    reply = ask(context, "hai cái này khác gì nhau?", choices=[EXCHANGE, AGAIN, "1.004194"])
    heads = [block.code for block in reply.answer.blocks if isinstance(block, ProcedureBlock)]
    assert heads == [EXCHANGE, AGAIN]


@pytest.mark.parametrize(
    "text", ["hai thủ tục này khác nhau chỗ nào", "so sánh 2 cái", "khác gì nhau"]
)
def test_a_comparison_is_understood_without_diacritics(knowledge: Knowledge, text: str) -> None:
    assert knowledge.search(fold(text)).compares


def test_a_question_about_the_second_one_is_about_the_open_list(context: Context) -> None:
    text = "cái thứ hai thì lệ phí bao nhiêu"
    entities = [
        {"entity": "ordinal", "value": "2", "start": 0, "end": 11},
        {"entity": "section", "value": "fees", "start": 17, "end": 32},
    ]
    message = {"text": text, "intent": {"name": "ask"}, "entities": entities}
    slots = {"choices": [EXCHANGE, AGAIN]}
    tracker = Tracker("c", slots, message, [], False, None, {}, "action_listen")
    reply = answer_turn(read_turn(tracker), context)
    assert [block.type for block in reply.answer.blocks] == ["procedure", "fee_table"]
    assert reply.slots["procedure_code"] == AGAIN


def test_what_was_seen_last_can_be_compared(context: Context) -> None:
    reply = ask(context, "khác nhau chỗ nào vậy", procedure_code=AGAIN, previous_procedure=EXCHANGE)
    heads = [block.code for block in reply.answer.blocks if isinstance(block, ProcedureBlock)]
    assert heads == [EXCHANGE, AGAIN]


# --- choices -----------------------------------------------------------------------------------


def named(code: str, name: str, *levels: str) -> Named:
    return Named(code, name, levels)


def test_one_name_at_several_levels_is_one_choice() -> None:
    found = choices(
        [
            named("1", "Thủ tục đăng ký lễ hội (Cấp tỉnh)", "province"),
            named("2", "Đăng ký hoạt động tín ngưỡng", "commune"),
            named("3", "Đăng ký lễ hội (Cấp xã)", "commune"),
        ]
    )
    assert [(one.code, one.label, one.levels) for one in found] == [
        ("1", "Đăng ký lễ hội", ("province", "commune")),
        ("2", "Đăng ký hoạt động tín ngưỡng", ("commune",)),
    ]
    assert found[0].same == ("3",)


def test_where_only_the_level_differs_the_levels_are_the_choice() -> None:
    found = choices(
        [
            named("1", "Đăng ký lễ hội (Cấp tỉnh)", "province"),
            named("3", "Đăng ký lễ hội", "commune"),
            named("5", "Đăng ký lễ hội.", "commune"),
        ]
    )
    assert [one.label for one in found] == [
        "Đăng ký lễ hội (Cấp tỉnh)",
        "Đăng ký lễ hội (Cấp xã)",
    ]


def test_long_names_are_cut_to_what_differs() -> None:
    way = "thực hiện bằng dịch vụ công trực tuyến"
    found = choices(
        [
            named("1", f"Cấp lại chứng nhận đăng ký xe, biển số xe {way} toàn trình cho mọi xe"),
            named("2", f"Cấp lại chứng nhận đăng ký xe, biển số xe {way} một phần cho mọi xe nhé"),
        ]
    )
    assert len({one.label for one in found}) == 2
    assert "toàn trình" in found[0].label
    assert "một phần" in found[1].label


def test_no_two_choices_of_a_search_look_the_same(knowledge: Knowledge) -> None:
    for text in ("giấy phép lái xe", "đăng ký xe", "giấy chứng nhận đất", "khai sinh"):
        hits = knowledge.search(text).results
        labels = [one.label for one in choices([named(h.code, h.name) for h in hits])]
        assert len(set(labels)) == len(labels)


def test_a_procedure_is_offered_at_its_other_levels() -> None:
    facts = [
        Facts("1", "Đăng ký lễ hội (cấp bộ)", ("ministry",), "Văn hóa", "in_force"),
        Facts("2", "Đăng ký lễ hội (Cấp tỉnh)", ("province",), "Văn hóa", "in_force"),
        Facts("3", "Thủ tục đăng ký lễ hội (Cấp xã)", ("commune",), "Văn hóa", "in_force"),
        Facts("4", "Đăng ký lễ hội", ("commune",), "Văn hóa", "unconfirmed"),
    ]
    found = Namesakes(facts).at_other_levels(named("2", facts[1].name, "province"))
    assert [one.code for one in found] == ["3", "1"]
