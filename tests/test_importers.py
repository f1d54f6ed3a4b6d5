"""Importers: every format is told by its content, read whole, and its faults are told by line."""

import datetime as dt
import json
import lzma
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from knowledge.errors import OperatorError
from knowledge.importers import SOURCE_KINDS, open_source, reading, spreadsheet
from knowledge.parse_report import parse_report, render
from knowledge.records import (
    Level,
    MethodKind,
    ParseState,
    Rejection,
    SectionKey,
    ServiceLevel,
    SourceRecord,
    State,
)

PAGE = {
    "ma_thu_tuc": "1.001193",
    "detail_url": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/1",
    "ten_thu_tuc": "Đăng ký  khai sinh",
    "so_quyet_dinh": "1/QĐ-BTP",
    "cap_thuc_hien": "Cấp tỉnh, Cấp huyện, Cấp xã",
    "doi_tuong_thuc_hien": "Công dân Việt Nam, Tổ chức (không bao gồm doanh nghiệp, HTX)",
    "linh_vuc": "Hộ tịch",
    "trinh_tu_thuc_hien": "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.",
    "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp1 Ngày làm việcMiễn phí",
    "thanh_phan_ho_so": "--Tên giấy tờMẫu đơn, tờ khaiSố lượngTờ khai1 bản chính",
    "can_cu_phap_ly": "Không có thông tin",
    "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
    "yeu_cau_dieu_kien": "Không có thông tin",
    "ket_qua_xu_ly": "Giấy khai sinhMã: KQ.G15.000001",
    "raw_text": "",
    "_ministry": "bo-tu-phap",
}
DETAIL: dict[str, Any] = {
    "code": "1.000656",
    "source_id": "019d",
    "name": "Đăng ký khai tử",
    "category": {"code": "G15", "name": "Hộ tịch"},
    "promulgating_agency": "Bộ Tư pháp",
    "executing_agency": "Ủy ban nhân dân cấp xã",
    "subject_types": ["Công dân Việt Nam"],
    "results": ["Trích lục khai tử"],
    "requirements": "",
    "channels": [
        {
            "method": "DIRECT",
            "fees": [
                {"type": "FEE", "value_vnd": 8000, "text": "Bản sao"},
                {
                    "type": "SERVICE_FEE",
                    "value_vnd": 0,
                    "text": "Do HĐND tỉnh quyết định",
                },
            ],
            "processing": {"qty": 1, "unit": "WORKING_DAY"},
            "note": "",
        },
        {
            "method": "ONLINE",
            "fees": [],
            "processing": {"qty": 0, "unit": "OTHER"},
            "note": "x",
        },
    ],
    "processing_cases": [
        {"case_code": "1.000656.01", "qty": 1, "unit": "WORKING_DAY"},
        {"case_code": "1.000656.02", "qty": 3, "unit": "WORKING_DAY"},
    ],
    "legal_basis": [{"code": "60/2014/QH13", "name": "Luật Hộ tịch"}],
    "steps_raw": [{"name": "Bước 1", "text": "Nộp hồ sơ"}],
    "checklist_raw": [
        {
            "group": "* Giấy tờ phải nộp:",
            "items": [
                {
                    "name": "Tờ khai",
                    "original_qty": 1,
                    "copy_qty": 0,
                    "attachments": [{"id": "f", "fileName": "TK.doc"}],
                }
            ],
        }
    ],
    "state": "UPDATED",
    "source": {
        "url": "https://dichvucong.gov.vn/x",
        "updated_at": "2026-04-16T03:27:23.145Z",
    },
}
ITEM = {
    "id": "019f",
    "name": "Tách thửa đất",
    "code": "1.115343",
    "categories": ["Đất đai"],
    "departments": ["Sở Nông nghiệp và Môi trường", ""],
    "departmentPromulgate": "UBND tỉnh Gia Lai",
    "formalityTargetType": ["Doanh nghiệp"],
    "state": "ACTIVE",
    "type": "SPECIFIC",
}
PORTAL = {
    "id": "019a",
    "code": "1.003583",
    "name": "Đăng ký khai sinh lưu động",
    "state": "ACTIVE",
    "decisionNo": "2/QĐ-BTP",
    "departmentPromulgateName": "Bộ Tư pháp",
    "departmentsExecuting": [{"name": "Ủy ban nhân dân cấp xã"}],
    "categoriesDetails": [{"name": "Hộ tịch"}],
    "formalityTargetType": ["Công dân Việt Nam"],
    "isWard": True,
    "isFullProcess": True,
    "executionSteps": [{"name": "Bước 1", "description": "Nộp"}],
    "executionMethods": [
        {
            "submissionMethod": "POSTAL",
            "processingTime": 5,
            "processingTimeUnit": "DAY",
            "description": "Ghi chú",
            "fees": [{"type": "FEE", "value": 20000, "description": "Lần đầu"}],
        }
    ],
    "cases": [
        {
            "name": "Cấp mới",
            "profileComponents": [
                {"name": "Đơn", "originalQty": 2, "copyQty": 1, "attachments": []}
            ],
        }
    ],
    "legalBasisesDetails": [{"code": "60/2014/QH13", "name": "Luật Hộ tịch"}],
    "resultsDetails": [{"code": "KQ.1", "name": "Giấy khai sinh"}],
}
ROW = {
    "stt": 3,
    "ma_tthc": "1.001193.000.00.00.H37",
    "muc_do_dvc": "Toàn trình",
    "ten_tthc": "Đăng ký khai sinh",
    "linh_vuc": "[STP] - Hộ tịch",
    "quyet_dinh": "335 /QĐ- UBND",
    "ma_goc": "1.001193",
    "portal_link": "http://dichvucong.langson.gov.vn/1",
}


def write_lines(path: Path, records: Iterable[object]) -> Path:
    text = "\n".join(
        r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records
    )
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def read(path: Path) -> tuple[list[SourceRecord], list[Rejection]]:
    items = list(open_source(path))
    return (
        [item for item in items if isinstance(item, SourceRecord)],
        [item for item in items if isinstance(item, Rejection)],
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


def test_page_that_shows_another_procedure_is_rejected(tmp_path: Path) -> None:
    page = PAGE | {"raw_text": "Tên thủ tụcXMã thủ tục1.014023Số quyết định1"}
    records, (rejection,) = read(write_lines(tmp_path / "a.jsonl", [page]))
    assert records == []
    assert "1.001193: the page is that of 1.014023" in rejection.reason


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


def test_mistyped_and_repeated_codes_are_told(tmp_path: Path) -> None:
    lines = [ITEM | {"code": " 1.000001"}, ITEM, ITEM | {"name": "Khác"}]
    records, rejections = read(write_lines(tmp_path / "list.jsonl", lines))
    assert [record.line for record in records] == [2]
    assert [rejection.reason for rejection in rejections] == [
        "code ' 1.000001' is mistyped and may be another procedure's",
        "1.115343 stands again, line 2 is kept",
    ]


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


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.properties.created = dt.datetime(2025, 4, 24, 8)
    book.save(path)
    return path


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


def test_workbook_without_header_is_told(tmp_path: Path) -> None:
    records, (rejection,) = read(workbook(tmp_path / "x.xlsx", [["a", "b"], [1, 2]]))
    assert records == []
    assert "no row names the columns" in rejection.reason


def test_damaged_and_swollen_workbooks_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.xlsx"
    damaged.write_bytes(
        workbook(tmp_path / "ok.xlsx", [["Mã TTHC", "Tên TTHC"]]).read_bytes()[:900]
    )
    with pytest.raises(OperatorError, match="not a readable workbook"):
        read(damaged)
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(OperatorError, match="not a readable workbook"):
        read(tmp_path / "other.xlsx")
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED", 100)
    with pytest.raises(OperatorError, match="unpacks to"):
        read(tmp_path / "ok.xlsx")


SHIPPED = """
# Đăng ký khai sinh
code: {code}
name: Đăng ký khai sinh
levels: [commune]
methods:
  - {{kind: direct, name: Trực tiếp, time: 1 ngày, fees: [{{amount: 0, verbatim: Miễn phí}}]}}
source: {{url: https://dichvucong.gov.vn/1, date: 2026-07-18}}
"""


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


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("code: '1.001190'\nname: [", 2, "not YAML"),
        ("code: '9.999999'\n", 1, "does not match the file's name"),
        ("code:\n", 1, "the record has no code"),
        ("code: '1.001190'\n", 1, "the record has no source"),
        ("code: '1.001190'\nsource: {url: x}\n", 1, "name: Field required"),
        (
            "code: '1.001190'\nname: A\nphi: 1\nsource: {url: x}\n",
            1,
            "phi: Extra inputs",
        ),
        (
            "code: '1.001190'\nname: A\nsections: {}\nsource: {}\n",
            1,
            "sections and provenance",
        ),
        ("code: '1.001190'\nname: A\nsource: {nguon: x}\n", 1, "nguon: Extra"),
    ],
)
def test_faulty_shipped_record_is_told(tmp_path: Path, text: str, line: int, reason: str) -> None:
    (tmp_path / "1.001190.yaml").write_text(text, "utf-8")
    records, (rejection,) = read(tmp_path / "1.001190.yaml")
    assert records == []
    assert rejection.line == line
    assert reason in rejection.reason


def test_bad_lines_are_told_and_good_ones_kept(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    lines = [
        json.dumps(ITEM).encode(),
        b'{"code": "1.0',
        json.dumps(ITEM | {"code": ""}).encode(),
        json.dumps(ITEM | {"categories": 5, "code": "1.000001"}).encode(),
        '{"name": "Đăng ký"}'.encode("utf-16-le"),
        b'{"code": "1.000002", "name": "\\ud800"}',
        b'"text"',
        b"[" * 100_000,
        b"",
        json.dumps(ITEM | {"code": "1.000003"}).encode(),
    ]
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))
    records, rejections = read(path)
    assert [(r.line, r.procedure.code) for r in records] == [
        (1, "1.115343"),
        (10, "1.000003"),
    ]
    assert [r.line for r in rejections] == [2, 3, 4, 5, 6, 7, 8]
    reasons = [r.reason for r in rejections]
    assert "not JSON at character" in reasons[0]
    assert "no code" in reasons[1]
    assert "not of this format" in reasons[2]
    assert "is not UTF-8" in reasons[3]
    assert "not an object" in reasons[5]
    assert all("\n" not in reason for reason in reasons)


def test_cut_off_xz_keeps_what_came_before(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.xz", [ITEM | {"code": f"1.{n:06}"} for n in range(5000)])
    path.write_bytes(path.read_bytes()[:-200])
    records, rejections = read(path)
    assert records
    assert rejections[-1].line == len(records) + len(rejections)
    assert "damaged or cut off" in rejections[-1].reason


def test_too_long_line_and_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "a.jsonl", [ITEM, "x" * 3000, ITEM | {"code": "1.000003"}])
    monkeypatch.setattr(reading, "MAX_LINE", 1000)
    records, (rejection,) = read(path)
    assert [record.line for record in records] == [1, 3]
    assert rejection.line == 2
    assert rejection.reason.startswith("the line has 3,001 bytes")
    monkeypatch.setattr(reading, "MAX_FILE", 500)
    assert "the rest is not read" in read(path)[1][-1].reason


@pytest.mark.parametrize("content", [b"", b"\n \n", lzma.compress(b"")])
def test_empty_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty").write_bytes(content)
    assert read(tmp_path / "empty")[1][0].reason == "the file is empty"


def test_unknown_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="format is not known"):
        open_source(write_lines(tmp_path / "x.jsonl", [{"a": 1}]))
    with pytest.raises(OperatorError, match="cannot be read"):
        open_source(tmp_path / "missing")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OperatorError, match="no files"):
        open_source(tmp_path / "folder")
    (tmp_path / "notes.txt").write_text("Danh mục thủ tục", "utf-8")
    assert "not JSON" in read(tmp_path / "notes.txt")[1][0].reason


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


def test_real_lists_are_read_whole(shared_data: Path | None) -> None:
    if shared_data is None:
        pytest.skip("../shared/data is not beside this checkout")
    expected = {
        "catalogue/dichvucong-2026-07.jsonl.xz": ("portal_pages", 2_642, 17),
        "catalogue/dvcqg-details-502-2026-07-18.jsonl.xz": ("portal_details", 502, 0),
        "catalogue/dvcqg-list-2026-07-18.jsonl.xz": ("national_list", 5_670, 1),
        "langson/langson-tthc-1842.jsonl.xz": ("provincial_list", 1_842, 88),
    }
    for name, (kind, rows, rejected) in expected.items():
        records, rejections = read(shared_data / name)
        assert {record.source.kind for record in records} == {kind}
        assert (len(records) + len(rejections), len(rejections)) == (rows, rejected)
        assert all(record.source.date for record in records)
        assert len({record.procedure.code for record in records}) == len(records)
        assert kind in SOURCE_KINDS
