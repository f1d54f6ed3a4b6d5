"""Merging: groups of fields come whole from the first source in the stated order."""

import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.importers import SOURCE_KINDS, open_source
from knowledge.importers.merge import GROUPS, merge
from knowledge.records import (
    Case,
    Component,
    ParseState,
    Procedure,
    Section,
    SectionKey,
    ServiceLevel,
    Source,
    SourceRecord,
    State,
    Step,
)


def record(kind: str, date: str | None = None, line: int = 1, **fields: object) -> SourceRecord:
    source = Source(kind=kind, date=dt.date.fromisoformat(date) if date else None)
    sections = {
        key: Section(verbatim=f"{key} of {kind}", parse=ParseState.FULL, source=source)
        for key, field in (
            (SectionKey.COMPONENTS, "cases"),
            (SectionKey.STEPS, "steps"),
            (SectionKey.CONDITIONS, "conditions"),
        )
        if field in fields
    }
    procedure = Procedure.model_validate(
        {"code": "1.001193", "name": f"Tên {kind}", "sections": sections} | fields
    )
    return SourceRecord(
        source=source, line=line, raw=f"{kind} {date} {line} {fields}", procedure=procedure
    )


def test_typed_rows_come_from_the_source_of_their_section() -> None:
    details = record("portal_details", cases=[Case(components=[Component(name="Tờ khai")])])
    pages = record(
        "portal_pages",
        cases=[Case(components=[Component(name="Đơn")])],
        steps=[Step(text="Nộp hồ sơ")],
    )
    merged = merge([pages, details])
    assert merged.cases == details.procedure.cases
    assert merged.sections[SectionKey.COMPONENTS].source.kind == "portal_details"
    assert merged.steps == pages.procedure.steps
    assert merged.sections[SectionKey.STEPS].source.kind == "portal_pages"
    assert merged.provenance["cases"].kind == "portal_details"
    assert merged.provenance["steps"].kind == "portal_pages"


def test_provincial_list_wins_for_what_is_the_provinces_own() -> None:
    provincial = record(
        "provincial_list",
        provincial_code="1.001193.000.00.00.H37",
        provincial_decision="335/QĐ-UBND",
        service_level=ServiceLevel.PARTIAL,
        state=State.UNCONFIRMED,
    )
    portal = record("portal_json", service_level=ServiceLevel.FULL)
    merged = merge([portal, provincial])
    assert merged.name == "Tên portal_json"
    assert merged.service_level is ServiceLevel.PARTIAL
    assert merged.provenance["service_level"].kind == "provincial_list"
    assert merged.provincial_decision == "335/QĐ-UBND"
    assert merged.aliases == ["Tên provincial_list"]
    assert merged.state is State.IN_FORCE


def test_procedure_that_only_a_provincial_list_names_is_unconfirmed() -> None:
    assert merge([record("provincial_list")]).state is State.UNCONFIRMED
    assert merge([record("national_list"), record("provincial_list")]).state is State.IN_FORCE


def test_newest_record_of_one_kind_is_first() -> None:
    old = record("portal_pages", "2025-01-01", name="Cũ")
    new = record("portal_pages", "2026-07-01", name="Mới")
    undated = record("portal_pages", name="Không rõ")
    merged = merge([undated, old, new])
    assert merged.name == "Mới"
    assert merged.aliases == ["Cũ", "Không rõ"]


def test_row_of_the_ended_district_level_is_last() -> None:
    district = record("provincial_list", line=1, name="Cấp bản sao (Cấp huyện)")
    commune = record("provincial_list", line=2, name="Cấp bản sao (Cấp xã)")
    assert merge([district, commune]).name == "Cấp bản sao (Cấp xã)"


def test_aliases_are_united_without_the_name() -> None:
    shipped = record("shipped", aliases=["giấy khai sinh", "Khai sinh"])
    listed = record("national_list", name="Đăng ký khai sinh", aliases=["khai sinh"])
    merged = merge([shipped, listed])
    assert merged.name == "Tên shipped"
    assert merged.aliases == ["giấy khai sinh", "Khai sinh", "Đăng ký khai sinh"]


def test_every_field_and_section_belongs_to_one_group() -> None:
    grouped = [field for group in GROUPS for field in group.fields]
    made = {"code", "aliases", "state", "sections", "provenance"}
    assert sorted(grouped) == sorted(set(Procedure.model_fields) - made)
    assert sorted(key for group in GROUPS for key in group.sections) == sorted(SectionKey)


def test_no_records_or_several_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="one procedure expected"):
        merge([])
    with pytest.raises(ValueError, match="one procedure expected"):
        merge([record("shipped"), record("shipped", code="1.000001")])


records = st.builds(
    record,
    kind=st.sampled_from(SOURCE_KINDS),
    date=st.sampled_from([None, "2025-04-24", "2026-07-18"]),
    line=st.integers(1, 3),
    name=st.sampled_from(["Đăng ký khai sinh", "ĐĂNG KÝ KHAI SINH", "Khai sinh (Cấp huyện)", ""]),
    conditions=st.sampled_from(["", "Không"]),
    provincial_decision=st.sampled_from([None, "335/QĐ-UBND"]),
    aliases=st.lists(st.sampled_from(["khai sinh", "Khai Sinh", "giấy khai sinh"]), max_size=2),
)


@given(st.lists(records, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(
    given_records: list[SourceRecord], chance: random.Random
) -> None:
    merged = merge(given_records)
    shuffled = given_records * 2
    chance.shuffle(shuffled)
    assert merge(shuffled).content_hash() == merged.content_hash()


def test_shipped_and_real_records_merge_by_code(shared_data: Path | None) -> None:
    folder = Path(__file__).resolve().parents[1] / "knowledge" / "shipped"
    paths = [folder]
    if shared_data is not None:
        paths += sorted((shared_data / "catalogue").glob("*.jsonl.xz"))
    by_code: dict[str, list[SourceRecord]] = {}
    for path in paths:
        for item in open_source(path):
            if isinstance(item, SourceRecord):
                by_code.setdefault(item.procedure.code, []).append(item)
    for code, same in by_code.items():
        merged = merge(same)
        assert (merged.code, bool(merged.name)) == (code, True)
        assert merge(list(reversed(same))).content_hash() == merged.content_hash()
        for key, section in merged.sections.items():
            assert section.source in [r.source for r in same if key in r.procedure.sections]
