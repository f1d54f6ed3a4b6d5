"""Importers: every format is told by its content and read whole."""

import datetime as dt
import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
from source_records import DETAIL, ITEM, PAGE, PORTAL, ROW, SHIPPED, read, workbook, write_lines

from knowledge.importers import SOURCE_KINDS
from knowledge.parse_report import parse_report, render
from knowledge.records import (
    Level,
    MethodKind,
    ParseState,
    SectionKey,
    ServiceLevel,
    State,
)


def test_crawled_page_becomes_a_record(tmp_path: Path) -> None:
    (record,), _ = read(write_lines(tmp_path / "pages-2026-07.jsonl.xz", [PAGE]))
    procedure = record.procedure
    assert (record.source.kind, record.source.date) == (
        "portal_pages",
        dt.date(2026, 7, 1),
    )
    assert procedure.name == "Đăng ký khai sinh"
    assert procedure.levels == [Level.PROVINCE, Level.COMMUNE]
    assert procedure.audience == [
        "Công dân Việt Nam",
        "Tổ chức (không bao gồm doanh nghiệp, HTX)",
    ]
    assert procedure.promulgated_by == "Bộ Tư pháp"
    assert procedure.methods[0].time == "1 Ngày làm việc"
    assert procedure.cases[0].components[0].originals == 1
    assert [step.name for step in procedure.steps] == ["Bước 1", "Bước 2"]
    assert SectionKey.LEGAL_BASIS not in procedure.sections
    assert SectionKey.CONDITIONS not in procedure.sections
    assert procedure.sections[SectionKey.FEES] == procedure.sections[SectionKey.CHANNELS]
    assert json.loads(record.raw) == PAGE


def test_structured_detail_becomes_a_record(tmp_path: Path) -> None:
    (record,), _ = read(write_lines(tmp_path / "details.jsonl", [DETAIL]))
    procedure = record.procedure
    assert (record.source.kind, record.source.date) == (
        "portal_details",
        dt.date(2026, 4, 16),
    )
    direct, online = procedure.methods
    assert (direct.kind, direct.time) == (MethodKind.DIRECT, "1 Ngày làm việc")
    assert [(fee.kind, fee.amount, fee.verbatim) for fee in direct.fees] == [
        ("Phí", 8000, "8,000 VNĐ (Bản sao)"),
        ("Lệ phí", None, "Do HĐND tỉnh quyết định"),
    ]
    assert online.time == ""
    assert procedure.cases[0].components[0].form_name == "TK.doc"
    assert procedure.sections[SectionKey.TIME].unplaced == ["1.000656.02: 3 Ngày làm việc"]
    assert procedure.sections[SectionKey.TIME].parse is ParseState.PARTIAL
    assert procedure.sections[SectionKey.COMPONENTS].verbatim == (
        "* Giấy tờ phải nộp:\nTờ khai · TK.doc · 1 bản chính · 0 bản sao"
    )
    assert procedure.levels == [Level.COMMUNE]
    assert SectionKey.CONDITIONS not in procedure.sections


def test_list_item_has_names_and_no_made_up_date(tmp_path: Path) -> None:
    (record,), _ = read(write_lines(tmp_path / "list.jsonl", [ITEM]))
    procedure = record.procedure
    assert (record.source.kind, record.source.date) == ("national_list", None)
    assert (procedure.code, procedure.kind) == ("1.115343", "SPECIFIC")
    assert procedure.promulgated_by == "UBND tỉnh Gia Lai"
    assert procedure.executing_agency == "Sở Nông nghiệp và Môi trường"
    assert procedure.levels == [Level.PROVINCE]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PORTAL),
        json.dumps({"code": "OK", "data": PORTAL}, indent=2),
        json.dumps([PORTAL], indent=1),
    ],
)
def test_portal_detail_is_read_bare_wrapped_and_listed(tmp_path: Path, text: str) -> None:
    (tmp_path / "detail-2026-08-02.json").write_text(text, "utf-8")
    (record,), _ = read(tmp_path / "detail-2026-08-02.json")
    procedure = record.procedure
    assert (record.source.kind, record.source.date) == (
        "portal_json",
        dt.date(2026, 8, 2),
    )
    assert (procedure.service_level, procedure.levels) == (
        ServiceLevel.FULL,
        [Level.COMMUNE],
    )
    assert procedure.methods[0].fees[0].verbatim == "20,000 VNĐ (Lần đầu)"
    assert procedure.cases[0].components[0].copies == 1
    assert procedure.results[0].code == "KQ.1"


def test_portal_list_answer_is_opened(tmp_path: Path) -> None:
    answer = {
        "code": "OK",
        "data": {"items": [ITEM, {"id": "1", "name": "x"}], "total": 2},
    }
    (record,), (rejection,) = read(write_lines(tmp_path / "answer.json", [answer]))
    assert (record.source.kind, record.procedure.code) == ("portal_json", "1.115343")
    assert (rejection.line, rejection.reason) == (2, "the record has no code")


def test_dirty_provincial_rows_are_cleaned_or_told(tmp_path: Path) -> None:
    rows = [
        {"stt": 1, "ma_tthc": "2.000815", "ten_tthc": "Thủ tục test"},
        ROW | {"quyet_dinh": None},
        ROW,
        ROW
        | {
            "ma_tthc": "2.000908.000.00. 00.h37",
            "ten_tthc": "Sao từ sổ gốc  (Cấp huyện)",
        },
        ROW | {"ma_tthc": "2.000908.000.00.00.H37.X", "ten_tthc": "Sao từ sổ gốc (Cấp xã)"},
        ROW | {"ma_tthc": "2000027.000.00.00.H37"},
        ROW | {"ma_tthc": "QCLV_01"},
        ROW | {"ma_tthc": None},
    ]
    records, rejections = read(write_lines(tmp_path / "tinh.jsonl", rows))
    assert [(r.line, r.procedure.code, r.procedure.provincial_code) for r in records] == [
        (3, "1.001193", "1.001193.000.00.00.H37"),
        (5, "2.000908", "2.000908.000.00.00.H37.X"),
        (6, "2000027.000.00.00.H37", "2000027.000.00.00.H37"),
        (7, "QCLV_01", "QCLV_01"),
    ]
    first = records[0].procedure
    assert (first.field, first.provincial_decision) == ("Hộ tịch", "335/QĐ-UBND")
    assert (first.service_level, first.state) == (ServiceLevel.FULL, State.UNCONFIRMED)
    assert "[STP]" in records[0].raw
    assert records[0].source.date == dt.date(2025, 4, 24)
    assert {r.line: r.reason for r in rejections} == {
        1: "2.000815 is a test row",
        2: "1.001193 stands again (1.001193.000.00.00.H37), row 3 is kept",
        4: "2.000908 stands again (2.000908.000.00.00.H37), row 5 is kept",
        8: "the record has no code",
    }
    assert parse_report(records).odd_codes == [
        "2.000908.000.00.00.H37.X",
        "2000027.000.00.00.H37",
    ]


def test_workbook_is_read_under_its_header_row(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "ds.dat",
        [
            ["UBND TỈNH LẠNG SƠN"],
            [],
            ["STT", "Mã TTHC", "Mức độ DVC", "Tên TTHC", "Lĩnh vực", "Quyết định"],
            [
                1,
                "1.001193.000.00.00.H37",
                "Một phần",
                "Đăng ký khai sinh",
                "Hộ tịch",
                None,
            ],
        ],
    )
    (record,), _ = read(path)
    assert (record.line, record.procedure.code) == (4, "1.001193")
    assert record.procedure.service_level is ServiceLevel.PARTIAL
    assert record.source.date == dt.date(2025, 4, 24)


def test_shipped_record_is_read_and_its_sections_written_out(tmp_path: Path) -> None:
    folder = tmp_path / "shipped" / "ho-tich"
    folder.mkdir(parents=True)
    (folder / "1.001190.yaml").write_text(SHIPPED.format(code="1.001190"), "utf-8")
    for path in (tmp_path / "shipped", folder / "1.001190.yaml"):
        (record,), _ = read(path)
        assert (record.source.kind, record.source.date) == (
            "shipped",
            dt.date(2026, 7, 18),
        )
        assert record.procedure.code == "1.001190"
        assert (
            record.procedure.sections[SectionKey.TIME].verbatim == "Trực tiếp · 1 ngày · Miễn phí"
        )


def test_folder_gives_all_its_files(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", [PAGE])
    write_lines(tmp_path / "b.jsonl", [ITEM])
    records, _ = read(tmp_path)
    assert [record.source.kind for record in records] == [
        "portal_pages",
        "national_list",
    ]


def test_report_counts_sections_by_source(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "a.jsonl", [PAGE, PAGE | {"ma_thu_tuc": "1.000002", "thanh_phan_ho_so": "Nộp"}]
    )
    write_lines(tmp_path / "b.jsonl", [ITEM])
    report = parse_report(read(tmp_path)[0])
    components = report.sections["portal_pages", SectionKey.COMPONENTS]
    assert (components.full, components.partial, components.none, components.empty) == (
        1,
        0,
        1,
        0,
    )
    assert report.sections["national_list", SectionKey.AGENCY].full == 1
    assert report.lost == 0
    assert render(report).row_count == len(report.sections) + 1


def leaves(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in (
                "code",
                "case_code",
                "category",
                "state",
                "method",
                "type",
                "unit",
            ):
                yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


def test_no_text_of_a_structured_detail_is_lost(shared_data: Path | None, tmp_path: Path) -> None:
    paths = [write_lines(tmp_path / "details.jsonl", [DETAIL])]
    if shared_data is not None:
        paths += (shared_data / "catalogue").glob("dvcqg-details-*.jsonl.xz")
    for path in paths:
        records, rejections = read(path)
        assert rejections == []
        for record in records:
            kept = squeezed(record.procedure.model_dump_json())
            data = json.loads(record.raw)
            for ignored in ("source", "source_id", "processing_cases"):
                data.pop(ignored, None)
            for item in (i for group in data["checklist_raw"] for i in group["items"]):
                item["attachments"] = [form["fileName"] for form in item["attachments"]]
            for text in leaves(data):
                assert squeezed(json.dumps(text.strip(), ensure_ascii=False)[1:-1]) in kept


def squeezed(text: str) -> str:
    """Without white space, as such or escaped."""
    text = unicodedata.normalize("NFC", text)
    for escape in ("\\n", "\\t", "\\r"):
        text = text.replace(escape, "")
    return "".join(text.split())


def test_real_lists_are_read_whole(real_data: Path) -> None:
    expected = {
        "catalogue/dichvucong-2026-07.jsonl.xz": ("portal_pages", 2_642, 17),
        "catalogue/dvcqg-details-502-2026-07-18.jsonl.xz": ("portal_details", 502, 0),
        "catalogue/dvcqg-list-2026-07-18.jsonl.xz": ("national_list", 5_670, 1),
        "langson/langson-tthc-1842.jsonl.xz": ("provincial_list", 1_842, 88),
    }
    for name, (kind, rows, rejected) in expected.items():
        records, rejections = read(real_data / name)
        assert {record.source.kind for record in records} == {kind}
        assert (len(records) + len(rejections), len(rejections)) == (rows, rejected)
        assert all(record.source.date for record in records)
        assert len({record.procedure.code for record in records}) == len(records)
        assert kind in SOURCE_KINDS
