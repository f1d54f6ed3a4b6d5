"""An answer takes the form a person wishes for, and nothing of the record is lost by it."""

from itertools import chain

import pytest
from test_passages import NAME
from test_passages import procedure as procedure  # the record of made-up bees

from knowledge.blocks import (
    AnswerBlock,
    ComponentsBlock,
    ContactBlock,
    FeeTableBlock,
    Foldable,
    NoticeBlock,
    ProcedureBlock,
    StepsBlock,
)
from knowledge.messages import messages
from knowledge.passages import asked_fact
from knowledge.records import Procedure, SectionKey
from knowledge.shaping import NO_WISHES, Wishes, answer

COMPONENTS, FEES, STEPS = SectionKey.COMPONENTS, SectionKey.FEES, SectionKey.STEPS


def _answer(
    procedure: Procedure,
    sections: list[SectionKey],
    question: str = "",
    wishes: Wishes = NO_WISHES,
) -> list[AnswerBlock]:
    return answer(procedure, sections, asked_fact(question, NAME), wishes)


def _titles(blocks: list[AnswerBlock], folded: bool) -> list[str]:
    return [
        str(getattr(block, "title", ""))
        for block in blocks
        if isinstance(block, Foldable) and block.folded is folded
    ]


def _notices(blocks: list[AnswerBlock]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, NoticeBlock))


def test_asked_sections_come_in_the_order_asked(procedure: Procedure) -> None:
    blocks = _answer(procedure, [STEPS, COMPONENTS, FEES])
    assert [block.type for block in blocks] == ["procedure", "steps", "components", "fee_table"]


def test_the_part_that_was_asked_of_is_first_and_marked_and_the_whole_is_folded(
    procedure: Procedure,
) -> None:
    blocks = _answer(procedure, [COMPONENTS], "bản sao có cần công chứng không")
    _, part, whole = blocks
    assert isinstance(part, ComponentsBlock)
    assert isinstance(whole, ComponentsBlock)
    assert (part.marked, part.folded, whole.marked, whole.folded) == (True, False, False, True)
    assert [row.name for case in part.cases for row in case.rows] == [
        "Bản sao có chứng thực giấy tờ về đất"
    ]
    assert part.cases[0].name == "Cấp lần đầu"
    assert part.source == whole.source
    assert sum(len(case.rows) for case in whole.cases) == 5


def test_a_part_is_shown_where_no_section_was_asked(procedure: Procedure) -> None:
    blocks = _answer(procedure, [], "nộp qua bưu điện được không")
    part = blocks[1]
    assert isinstance(part, FeeTableBlock)
    assert part.marked
    assert [row.method for row in part.rows] == ["Bưu chính"]


def test_other_sections_that_were_asked_stay_open(procedure: Procedure) -> None:
    blocks = _answer(procedure, [STEPS, COMPONENTS], "các bước? bản sao có cần công chứng không")
    assert messages()["sections"]["steps"] in _titles(blocks, folded=False)
    assert _titles(blocks, folded=True) == [messages()["sections"]["components"]]


def test_a_record_that_does_not_speak_of_it_is_said_not_to(procedure: Procedure) -> None:
    blocks = _answer(procedure, [COMPONENTS], "sổ hộ khẩu còn cần không")
    assert "không nói riêng" in _notices(blocks)
    assert _titles(blocks, folded=False) == [messages()["sections"]["components"]]


def test_a_brief_answer_leads_and_folds_the_rest(procedure: Procedure) -> None:
    blocks = _answer(procedure, [STEPS], wishes=Wishes(brief=True))
    head, lead, whole, notice = blocks
    assert isinstance(head, ProcedureBlock)
    assert head.facts
    assert isinstance(lead, StepsBlock)
    assert lead.steps[0].text == "Nộp đơn."
    assert isinstance(whole, StepsBlock)
    assert whole.folded
    assert whole.steps[0].text == "Nộp đơn. Cán bộ ghi phiếu hẹn."
    assert isinstance(notice, NoticeBlock)


def test_a_brief_answer_about_nothing_in_particular_is_its_facts(procedure: Procedure) -> None:
    blocks = _answer(procedure, [], wishes=Wishes(brief=True))
    assert _titles(blocks, folded=False) == []
    assert len(_titles(blocks, folded=True)) == 2


def test_a_full_answer_has_every_section_the_rest_folded(procedure: Procedure) -> None:
    blocks = _answer(procedure, [COMPONENTS], wishes=Wishes(full=True))
    labels = messages()["sections"]
    assert _titles(blocks, folded=False) == [labels["components"]]
    assert {labels["overview"], labels["steps"], labels["conditions"], labels["results"]} <= set(
        _titles(blocks, folded=True)
    )


def test_the_legal_basis_is_added(procedure: Procedure) -> None:
    blocks = _answer(procedure, [FEES], wishes=Wishes(legal_basis=True))
    assert messages()["sections"]["legal_basis"] in _notices(blocks)  # this record has none
    assert blocks[1].type == "fee_table"


def test_the_page_to_submit_online_is_given_or_said_to_be_missing(procedure: Procedure) -> None:
    wishes = Wishes(online_link=True)
    assert messages()["online_link_none"] in _notices(_answer(procedure, [], wishes=wishes))
    known = procedure.model_copy(update={"url": "https://example.gov.vn/ong"})
    link = _answer(known, [], wishes=wishes)[-1]
    assert isinstance(link, ContactBlock)
    assert link.lines == [(messages()["online_page"], "https://example.gov.vn/ong")]
    assert link.text == messages()["online_link"]
    offline = known.model_copy(update={"methods": known.methods[:1]})
    link = _answer(offline, [], wishes=wishes)[-1]
    assert isinstance(link, ContactBlock)
    assert link.text == messages()["online_link_silent"]


@pytest.mark.parametrize("said", ["làm lần đầu", "cap lan dau"])
def test_a_case_that_is_not_wanted_is_folded_and_named(procedure: Procedure, said: str) -> None:
    blocks = _answer(procedure, [COMPONENTS], wishes=Wishes(without=(said,)))
    papers = blocks[1]
    assert isinstance(papers, ComponentsBlock)
    assert [(case.name, case.folded) for case in papers.cases] == [
        ("Cấp lần đầu", True),
        ("Cấp lại", False),
    ]
    assert "“Cấp lần đầu”" in _notices(blocks)


def test_a_case_the_record_does_not_have_is_said(procedure: Procedure) -> None:
    blocks = _answer(procedure, [COMPONENTS], wishes=Wishes(without=("ở nước ngoài",)))
    assert "“ở nước ngoài”" in _notices(blocks)
    papers = blocks[1]
    assert isinstance(papers, ComponentsBlock)
    assert not any(case.folded for case in papers.cases)


def test_a_section_that_is_not_wanted_is_folded_and_named(procedure: Procedure) -> None:
    blocks = _answer(procedure, [], wishes=Wishes(without_sections=frozenset({FEES})))
    fees = messages()["sections"]["fees"]
    assert _titles(blocks, folded=True) == [fees]
    assert fees in _notices(blocks)


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(brief=True),
        Wishes(full=True),
        Wishes(legal_basis=True),
        Wishes(online_link=True),
        Wishes(without=("lần đầu",)),
        Wishes(without_sections=frozenset({COMPONENTS})),
    ],
)
@pytest.mark.parametrize("question", ["", "bản sao có cần công chứng không"])
def test_no_wish_loses_a_word_of_what_was_asked(
    procedure: Procedure, wishes: Wishes, question: str
) -> None:
    blocks = _answer(procedure, [COMPONENTS, STEPS], question, wishes)
    cases = chain.from_iterable(b.cases for b in blocks if isinstance(b, ComponentsBlock))
    rows = {row.name for case in cases for row in case.rows}
    steps = {s.text for b in blocks if isinstance(b, StepsBlock) for s in b.steps}
    assert {part.name for case in procedure.cases for part in case.components} <= rows
    assert {step.text for step in procedure.steps} <= steps
