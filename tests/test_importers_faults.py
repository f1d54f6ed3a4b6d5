"""Importers: every fault of an input is told by file, line and reason; good records stay."""

import json
import lzma
import zipfile
from pathlib import Path

import pytest
from source_records import ITEM, PAGE, read, workbook, write_lines

from knowledge.errors import OperatorError
from knowledge.importers import open_source, reading, spreadsheet


def test_page_that_shows_another_procedure_is_rejected(tmp_path: Path) -> None:
    page = PAGE | {"raw_text": "Tên thủ tụcXMã thủ tục1.014023Số quyết định1"}
    records, (rejection,) = read(write_lines(tmp_path / "a.jsonl", [page]))
    assert records == []
    assert "1.001193: the page is that of 1.014023" in rejection.reason


def test_mistyped_and_repeated_codes_are_told(tmp_path: Path) -> None:
    lines = [ITEM | {"code": " 1.000001"}, ITEM, ITEM | {"name": "Khác"}]
    records, rejections = read(write_lines(tmp_path / "list.jsonl", lines))
    assert [record.line for record in records] == [2]
    assert [rejection.reason for rejection in rejections] == [
        "code ' 1.000001' is mistyped and may be another procedure's",
        "1.115343 stands again, line 2 is kept",
    ]


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
