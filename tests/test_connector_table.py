"""A nightly export in a folder: CSV and XLSX, picked up when it changes, never half-read."""

import datetime as dt
import json
import os
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from dossier_systems import PERSON, ask, failed

from connectors import table
from connectors.dossier import TIMEZONE, DossierStatus, NotFound, PublicStatus, SystemFailure
from connectors.registry import CACHE_SECONDS, System
from connectors.table import Table, TableConfig

CODE, OTHER = "H37.12-260601-0001", "H37.12-260601-0002"
COLUMNS = {
    "code": "Mã hồ sơ",
    "status": "Trạng thái",
    "procedure_name": "Thủ tục",
    "received": "Ngày nhận",
    "supplement": "Cần bổ sung",
    "second_factor": "Số định danh",
}
HEADINGS = [*COLUMNS.values(), "Chủ hồ sơ"]
ROW = [
    CODE,
    "Chờ bổ sung",
    "Đăng ký khai sinh",
    "01/06/2026 08:15",
    "Giấy chứng sinh; Tờ khai",
    "000000004321",
    PERSON,
]


class Clock:
    """Time that a test moves on, past the cache of a system."""

    now = 0.0

    def __call__(self) -> float:
        self.now += CACHE_SECONDS + 1
        return self.now


def _system(folder: Path, **values: Any) -> System:
    config = TableConfig.model_validate({"folder": folder, "columns": COLUMNS} | values)
    return System(Table("bang", config), clock=Clock())


def _csv(
    path: Path, *rows: list[str], delimiter: str = ",", encoding: str = "utf-8", at: int = 1
) -> None:
    lines = [delimiter.join(row) for row in (HEADINGS, *rows)]
    path.write_bytes("\n".join(lines).encode(encoding))
    os.utime(path, (at, at))


def _xlsx(path: Path, *rows: list[Any]) -> None:
    book = openpyxl.Workbook()
    for row in (HEADINGS, *rows):
        book.active.append(row)
    book.save(path)


def _status(answer: Any) -> PublicStatus:
    assert isinstance(answer, DossierStatus), answer
    return answer.status


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
async def test_a_dossier_is_found_in_a_csv(tmp_path: Path, delimiter: str, encoding: str) -> None:
    row = [cell.replace(";", " và") if delimiter == ";" else cell for cell in ROW]
    _csv(tmp_path / "a.csv", row, delimiter=delimiter, encoding=encoding)
    found = await ask(_system(tmp_path), CODE)
    assert isinstance(found, DossierStatus) and found.status is PublicStatus.SUPPLEMENT
    assert found.received == dt.datetime(2026, 6, 1, 8, 15, tzinfo=TIMEZONE)
    assert PERSON not in repr(found) and "4321" not in repr(found)


async def test_a_dossier_is_found_in_an_xlsx_with_real_dates(tmp_path: Path) -> None:
    _xlsx(tmp_path / "a.xlsx", [*ROW[:3], dt.datetime(2026, 6, 1, 8, 15), *ROW[4:]])
    found = await ask(_system(tmp_path), CODE)
    assert isinstance(found, DossierStatus)
    assert found.received == dt.datetime(2026, 6, 1, 8, 15, tzinfo=TIMEZONE)
    assert found.supplement == ("Giấy chứng sinh", "Tờ khai")


async def test_an_old_vietnamese_encoding_is_read(tmp_path: Path) -> None:
    """cp1258 has most tone marks as characters of their own, after the letter."""
    text = f"{HEADINGS[0]},{HEADINGS[1]},Thủ tục\n{CODE},Đang xử lý,Đăng ký khai sinh"
    (tmp_path / "a.csv").write_bytes("".join(map(_for_cp1258, text)).encode("cp1258"))
    columns = {key: COLUMNS[key] for key in ("code", "status", "procedure_name")}
    found = await ask(_system(tmp_path, columns=columns), CODE)
    assert isinstance(found, DossierStatus) and found.status is PublicStatus.PROCESSING
    assert found.procedure_name == "Đăng ký khai sinh"


def _for_cp1258(char: str) -> str:
    apart = unicodedata.normalize("NFD", char)
    tone = "".join(mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", "".join(c for c in apart if c not in tone)) + tone


async def test_an_unknown_code_is_not_found(tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv", ROW)
    assert await ask(_system(tmp_path), OTHER) == NotFound()


async def test_a_second_factor_is_the_end_of_the_mapped_number(tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv", ROW)
    system = _system(tmp_path)
    assert isinstance(await ask(system, CODE, "4321"), DossierStatus)
    assert await ask(system, CODE, "9999") == NotFound()


async def test_a_new_file_and_a_changed_file_are_taken_up(tmp_path: Path) -> None:
    system = _system(tmp_path)
    _csv(tmp_path / "a.csv", ROW, at=1)
    assert _status(await ask(system, CODE)) is PublicStatus.SUPPLEMENT
    _csv(tmp_path / "b.csv", [CODE, "Có kết quả", *ROW[2:]], at=2)
    assert _status(await ask(system, CODE)) is PublicStatus.FINISHED
    _csv(tmp_path / "b.csv", [CODE, "Đã trả kết quả", *ROW[2:]], at=3)
    assert _status(await ask(system, CODE)) is PublicStatus.RETURNED


async def test_files_that_are_no_export_or_still_hidden_are_passed_over(tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv", ROW, at=1)
    for name in ("b.txt", ".c.csv", "~$d.xlsx"):
        (tmp_path / name).write_text("x")
    assert _status(await ask(_system(tmp_path), CODE)) is PublicStatus.SUPPLEMENT


BROKEN: dict[str, bytes] = {
    "half.xlsx": b"PK\x03\x04 half a file",
    "page.csv": b"<html><body>no export</body></html>",
    "empty.csv": b"",
    "heads.csv": ",".join(HEADINGS).encode(),
    "missing.csv": "Mã hồ sơ,Chủ hồ sơ\nx,y".encode(),
    "cut.csv": ",".join(HEADINGS).encode() + b'\n"H37.12-260601-0001,x',
    "bytes.csv": ",".join(HEADINGS).encode() + b"\n\xd2\xff\xfe\x00",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_file_keeps_the_one_before_in_force(tmp_path: Path, name: str) -> None:
    system = _system(tmp_path)
    _csv(tmp_path / "a.csv", ROW, at=1)
    await ask(system, CODE)
    (tmp_path / name).write_bytes(BROKEN[name])
    assert _status(await ask(system, CODE)) is PublicStatus.SUPPLEMENT
    assert _status(await ask(system, CODE)) is PublicStatus.SUPPLEMENT


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_file_alone_is_no_export(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])
    assert failed(await ask(_system(tmp_path), CODE)) == "no_file"


async def test_an_export_that_was_never_there_is_told(tmp_path: Path) -> None:
    assert failed(await ask(_system(tmp_path), CODE)) == "no_file"
    assert failed(await ask(_system(tmp_path / "none"), CODE)) == "no_file"


async def test_an_export_that_is_taken_away_stays_in_force(tmp_path: Path) -> None:
    system = _system(tmp_path)
    _csv(tmp_path / "a.csv", ROW)
    await ask(system, CODE)
    (tmp_path / "a.csv").unlink()
    assert _status(await ask(system, CODE)) is PublicStatus.SUPPLEMENT


async def test_rows_without_code_or_state_are_left_out(tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv", ["", "x"], [OTHER], [OTHER, ""], ROW)
    system = _system(tmp_path)
    assert await ask(system, OTHER) == NotFound()
    assert _status(await ask(system, CODE)) is PublicStatus.SUPPLEMENT


async def test_a_file_that_unpacks_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "LARGEST_UNPACKED", 100_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    assert failed(await ask(_system(tmp_path), CODE)) == "no_file"


@pytest.mark.parametrize(("name", "value"), [("LARGEST_FILE", 10), ("MOST_ROWS", 1)])
async def test_a_file_beyond_the_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(table, name, value)
    _csv(tmp_path / "a.csv", ROW)
    assert failed(await ask(_system(tmp_path), CODE)) == "no_file"


async def test_a_unit_s_figures_are_counted(tmp_path: Path) -> None:
    now = dt.datetime.now(TIMEZONE)
    day = now.strftime("%d/%m/%Y")
    late, soon = ((now + dt.timedelta(days=n)).strftime("%d/%m/%Y %H:%M") for n in (-1, 1))
    lines = [
        "ma,tt,dv,nhan,hen,xong",
        f"a,Đang xử lý,H37.12,{day},{late},",
        f"b,Đang xử lý,H37.12,{day},{soon},",
        f"c,Có kết quả,H37.12,{day},{soon},{day}",
        f"d,Đang xử lý,H37.01,{day},{late},",
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    columns = {
        "code": "ma", "status": "tt", "agency_code": "dv", "received": "nhan", "due": "hen",
        "finished": "xong",
    }  # fmt: skip
    system = _system(tmp_path, columns=columns)
    counts = await system.connector.counts("H37.12", now.date(), now.date())
    assert (counts.received, counts.on_time, counts.overdue, counts.due_in_3_days) == (3, 1, 1, 1)
    assert await system.connector.overdue("H37.01") == 1


async def test_without_the_columns_figures_are_not_offered(tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv", ROW)
    with pytest.raises(SystemFailure, match="not_offered"):
        await _system(tmp_path).connector.overdue("H37.12")


async def test_a_one_stop_list_as_recorded(real_data: Path, tmp_path: Path) -> None:
    shape = json.loads((real_data / "dossier/vnpt-onestop-list-export.shape.json").read_text())
    items = shape["content"]
    lines = [";".join(items[0]), *(";".join(map(str, item.values())) for item in items)]
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    columns = {
        "code": "dossierNo",
        "status": "dossierStatusName",
        "procedure_name": "procedureName",
        "received": "acceptedDate",
        "due": "appointmentDate",
    }
    system = _system(tmp_path, columns=columns)
    found = [await ask(system, item["dossierNo"]) for item in items]
    assert [_status(one) for one in found] == [PublicStatus.RETURNED, PublicStatus.REGISTERED]
