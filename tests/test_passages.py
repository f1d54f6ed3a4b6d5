"""A question about one fact finds the part of the record that speaks of it, and nothing else."""

import datetime as dt

import pytest

from knowledge.importers.rendering import with_sections
from knowledge.passages import asked_fact, find_passages
from knowledge.records import (
    Case,
    Component,
    Fee,
    MethodKind,
    Procedure,
    Result,
    SectionKey,
    Source,
    Step,
    SubmissionMethod,
)
from knowledge.text.folding import fold

NAME = "Cấp thẻ người nuôi ong"


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    ways = [
        (MethodKind.DIRECT, "Trực tiếp", "Nộp tại bộ phận một cửa"),
        (MethodKind.ONLINE, "Trực tuyến", "Nộp trên Cổng Dịch vụ công quốc gia"),
        (MethodKind.POSTAL, "Dịch vụ bưu chính", ""),
    ]
    fees = [Fee(verbatim="50.000 đồng"), Fee(verbatim="Miễn lệ phí cho người thuộc hộ nghèo")]
    bare = Procedure(
        code="1.009998",
        name=NAME,
        conditions="Có ít nhất hai đàn ong. Đủ 18 tuổi trở lên.",
        methods=[
            SubmissionMethod(
                kind=kind,
                name=name,
                time="3 ngày",
                note=note,
                fees=fees if kind is MethodKind.DIRECT else [],
            )
            for kind, name, note in ways
        ],
        cases=[
            Case(name="Cấp lần đầu", components=[
                Component(name="Đơn đăng ký theo mẫu", originals=1),
                Component(name="Bản sao có chứng thực giấy tờ về đất", copies=1),
                Component(name="02 ảnh chân dung cỡ 3 cm x 4 cm"),
                Component(name="Văn bản ủy quyền, trường hợp nộp thay"),
            ]),
            Case(name="Cấp lại", components=[Component(name="Giấy khám sức khỏe còn hạn")]),
        ],
        steps=[Step(name="Bước 1", text="Nộp đơn. Cán bộ ghi phiếu hẹn."),
               Step(text="Đến ngày hẹn, người nộp nhận kết quả tại bộ phận một cửa.")],
        results=[Result(name="Thẻ người nuôi ong")],
    )  # fmt: skip
    return with_sections(bare, Source(kind="shipped", date=dt.date(2026, 7, 18)))


QUESTIONS = [
    ("bản sao có cần công chứng không", SectionKey.COMPONENTS, "Bản sao có chứng thực"),
    ("giấy tờ photo có phải công chứng không ạ", SectionKey.COMPONENTS, "Bản sao có chứng thực"),
    ("ảnh 3x4 hay 4x6", SectionKey.COMPONENTS, "3 cm x 4 cm"),
    ("người nhà nộp thay được không", SectionKey.COMPONENTS, "Văn bản ủy quyền"),
    ("có cần giấy khám sức khỏe không em ơi", SectionKey.COMPONENTS, "Giấy khám sức khỏe"),
    ("nộp qua bưu điện được không", SectionKey.CHANNELS, "Dịch vụ bưu chính"),
    ("có phải ra tận nơi không", SectionKey.CHANNELS, "Trực tiếp"),
    ("có làm online được không", SectionKey.CHANNELS, "Trực tuyến"),
    ("có được miễn phí cho hộ nghèo không", SectionKey.FEES, "Trực tiếp"),
    ("hộ nghèo có được miễn lệ phí không", SectionKey.FEES, "Trực tiếp"),
    ("lấy kết quả ở đâu", SectionKey.STEPS, "nhận kết quả"),
    ("có cần đủ 18 tuổi không", SectionKey.CONDITIONS, "Đủ 18 tuổi"),
]
both = pytest.mark.parametrize("written", [str, fold], ids=["accented", "folded"])


@both
@pytest.mark.parametrize(("question", "section", "passage"), QUESTIONS)
def test_a_fact_is_found_where_the_record_speaks_of_it(
    procedure: Procedure, question: str, section: SectionKey, passage: str, written: type
) -> None:
    fact = asked_fact(written(question), NAME)
    assert fact is not None
    (found,) = find_passages(procedure, fact)
    assert found.section is section
    texts = [
        *(part.name for _, part in found.components),
        *(method.name for method in found.methods),
        *found.sentences,
    ]
    (text,) = texts
    assert passage in text


@both
def test_what_the_record_does_not_say_is_not_found(procedure: Procedure, written: type) -> None:
    for question in (
        "sổ hộ khẩu còn cần không",
        "có cần người làm chứng không",
        "người có công có được miễn lệ phí không",
    ):
        fact = asked_fact(written(question), NAME)
        assert fact is not None
        assert fact.certain
        assert find_passages(procedure, fact) == []


@both
@pytest.mark.parametrize(
    "question",
    [
        "cấp thẻ người nuôi ong cần giấy tờ gì",
        "mất bao lâu",
        "có mất tiền không",
        "nộp ở đâu",
        "em muốn làm thẻ nuôi ong, giúp em với",
        "có khó không",
        "",
    ],
)
def test_a_question_for_a_section_is_none_for_a_fact(question: str, written: type) -> None:
    assert asked_fact(written(question), NAME) is None


def test_the_last_fact_of_a_longer_question_is_taken() -> None:
    fact = asked_fact("Em mất thẻ rồi, giờ xin cấp lại thì nộp qua bưu điện được không ạ?", NAME)
    assert fact is not None
    assert [unit.name for unit in fact.of] == ["bưu chính"]


def test_who_is_meant_belongs_to_what_is_asked() -> None:
    fact = asked_fact("người có công có được miễn lệ phí không", NAME)
    assert fact is not None
    assert {unit.name for unit in fact.of} == {"người có công", "miễn"}


def test_a_fact_alone_is_told_from_one_of_another_procedure() -> None:
    alone = asked_fact("thế bản sao có cần công chứng không", NAME)
    other = asked_fact("đăng ký kết hôn có cần giấy khám sức khỏe không", NAME)
    assert alone is not None
    assert other is not None
    assert alone.alone
    assert not other.alone


def test_an_unaccented_wish_is_no_word_of_a_record() -> None:
    """ "muon" is "muốn" here, "co mat tien" is no "có mặt"."""
    assert asked_fact("toi muon lam the co mat tien khong", NAME) is None


def test_asked_sections_come_first(procedure: Procedure) -> None:
    source = procedure.sections[SectionKey.STEPS].source
    text = "Không nhận ủy quyền với người dưới 18 tuổi."
    both_speak = with_sections(procedure.model_copy(update={"conditions": text}), source)
    fact = asked_fact("ủy quyền được không", NAME)
    assert fact is not None
    asked = [SectionKey.CONDITIONS]
    found = [one.section for one in find_passages(both_speak, fact, asked)]
    assert found == [SectionKey.CONDITIONS, SectionKey.COMPONENTS]
