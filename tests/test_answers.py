"""Answers show a record's own words, all of them, each with its source."""

import datetime as dt

import pytest

from knowledge.answers import section_blocks
from knowledge.blocks import ComponentsBlock, FeeTableBlock, NoticeBlock, ProcedureBlock, TextBlock
from knowledge.importers.rendering import with_sections
from knowledge.records import (
    Case,
    Component,
    Fee,
    LegalBasis,
    MethodKind,
    ParseState,
    Procedure,
    Result,
    Section,
    SectionKey,
    ServiceLevel,
    Source,
    State,
    Step,
    SubmissionMethod,
)
from knowledge.service import Knowledge
from knowledge.shaping import answer

SOURCE = Source(kind="shipped", url="https://example.gov.vn/1", date=dt.date(2026, 7, 18))


@pytest.fixture
def procedure() -> Procedure:
    bare = Procedure(
        code="1.009999",
        name="Đăng ký nuôi ong lấy mật",
        decision="12/QĐ-UBND",
        field="Chăn nuôi",
        executing_agency="Ủy ban nhân dân cấp xã",
        audience=["Công dân Việt Nam"],
        conditions="Có ít nhất hai đàn ong.",
        methods=[
            SubmissionMethod(
                kind=MethodKind.DIRECT, name="Trực tiếp", time="3 Ngày làm việc",
                fees=[Fee(amount=50000, verbatim="50.000 đồng"), Fee(verbatim="Miễn cho hộ nghèo")],
                note="Tại bộ phận một cửa",
            )
        ],
        cases=[
            Case(name="Nộp lần đầu", components=[
                Component(name="Đơn đăng ký", originals=1, copies=0, form_name="Mẫu 01.docx"),
                Component(name="Giấy tờ về đất", quantity="Xuất trình"),
            ])
        ],
        steps=[Step(name="Bước 1", text="Nộp đơn."), Step(text="Nhận kết quả.")],
        results=[Result(name="Giấy xác nhận", code="KQ.1")],
        legal_bases=[LegalBasis(name="Luật Chăn nuôi", number="32/2018/QH14")],
        url="https://example.gov.vn/1",
        provenance={"name": SOURCE},
    )  # fmt: skip
    return with_sections(bare, SOURCE)


def test_an_answer_begins_with_which_procedure(procedure: Procedure) -> None:
    head = answer(procedure, [SectionKey.FEES])[0]
    assert isinstance(head, ProcedureBlock)
    assert (head.code, head.source.decision, head.source.date) == (
        "1.009999", "12/QĐ-UBND", "2026-07-18",
    )  # fmt: skip
    assert head.facts == []


def test_a_whole_procedure_begins_with_five_second_facts(procedure: Procedure) -> None:
    head = answer(procedure, [])[0]
    assert isinstance(head, ProcedureBlock)
    assert ("Thời gian", "3 Ngày làm việc") in head.facts


@pytest.mark.parametrize(
    ("kind", "level", "online"),
    [
        (MethodKind.ONLINE, ServiceLevel.FULL, True),
        (MethodKind.ONLINE, None, True),
        (MethodKind.ONLINE, ServiceLevel.INFORMATION, False),
        (MethodKind.DIRECT, ServiceLevel.FULL, False),
    ],
)
def test_the_head_says_whether_the_record_takes_online_submissions(
    procedure: Procedure, kind: MethodKind, level: ServiceLevel | None, online: bool
) -> None:
    procedure.methods[0].kind, procedure.service_level = kind, level
    head = answer(procedure, [])[0]
    assert isinstance(head, ProcedureBlock)
    assert head.online is online


def test_fees_are_shown_with_exemptions(procedure: Procedure) -> None:
    table = answer(procedure, [SectionKey.FEES])[1]
    assert isinstance(table, FeeTableBlock)
    assert table.rows[0].fees == ["50.000 đồng", "Miễn cho hộ nghèo"]


def test_components_keep_cases_numbers_and_forms(procedure: Procedure) -> None:
    block = answer(procedure, [SectionKey.COMPONENTS])[1]
    assert isinstance(block, ComponentsBlock)
    assert block.cases[0].name == "Nộp lần đầu"
    first, second = block.cases[0].rows
    assert (first.originals, first.copies, first.form_name) == (1, 0, "Mẫu 01.docx")
    assert second.quantity == "Xuất trình"


def test_fee_and_time_together_are_one_table(procedure: Procedure) -> None:
    blocks = answer(procedure, [SectionKey.FEES, SectionKey.TIME])
    assert [block.type for block in blocks] == ["procedure", "fee_table"]


def test_a_silent_record_is_said_to_be_silent(procedure: Procedure) -> None:
    silent = procedure.model_copy(update={"sections": {}})
    for key in SectionKey:
        if key not in (SectionKey.OVERVIEW, SectionKey.FORMS):
            (block,) = section_blocks(silent, key)
            assert isinstance(block, NoticeBlock)
            assert "không nêu" in block.text


def test_unparsed_text_is_shown_whole(procedure: Procedure) -> None:
    section = Section(verbatim="Giấy tờ\nkhó đọc", parse=ParseState.NONE, source=SOURCE)
    raw = procedure.model_copy(update={"sections": {SectionKey.COMPONENTS: section}, "cases": []})
    (block,) = section_blocks(raw, SectionKey.COMPONENTS)
    assert isinstance(block, TextBlock)
    assert block.text == "Giấy tờ\nkhó đọc"


def test_what_was_not_placed_stands_beside_the_table(procedure: Procedure) -> None:
    section = procedure.sections[SectionKey.FEES].model_copy(update={"unplaced": ["Ghi chú lạ"]})
    odd = procedure.model_copy(update={"sections": {SectionKey.FEES: section}})
    (block,) = section_blocks(odd, SectionKey.FEES)
    assert isinstance(block, FeeTableBlock)
    assert block.extra == ["Ghi chú lạ"]


def test_an_old_record_is_marked(procedure: Procedure) -> None:
    old = procedure.model_copy(update={"state": State.UNCONFIRMED})
    head = answer(old, [])[0]
    assert isinstance(head, ProcedureBlock)
    assert head.warning is not None


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values())) if value else set()
    if isinstance(value, list | tuple):
        return set().union(*map(_texts, value)) if value else set()
    return set()


def test_every_shipped_record_is_shown_word_for_word(knowledge: Knowledge) -> None:
    """Each text of a record's typed parts stands in the answer as it is."""
    for procedure in knowledge._store.all_procedures():
        blocks = answer(procedure, list(SectionKey))
        shown = set().union(*(_texts(block.model_dump(mode="json")) for block in blocks))
        record = [
            *(part.name for case in procedure.cases for part in case.components),
            *(step.text for step in procedure.steps),
            *(fee.verbatim for method in procedure.methods for fee in method.fees),
            *(method.time for method in procedure.methods),
            *(result.name for result in procedure.results),
            *(basis.name for basis in procedure.legal_bases),
            procedure.conditions,
        ]
        assert {text for text in record if text} <= shown, procedure.code
        for block in blocks:
            assert block.type in ("notice", "choices") or block.source is not None  # type: ignore[union-attr]
