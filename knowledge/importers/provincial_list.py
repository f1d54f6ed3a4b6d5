"""A province's own list of procedures: JSON Lines, or the XLSX that its portal exports.

Columns: number, provincial code (``1.004837.000.00.00.H37`` or an own code ``QCLV_01``), service
level, name, field, decision, link. The list is dirty: test rows and repeated codes are rejected
with a reason, stray spaces and agency tags ("[SVH] - Du lịch") are cleaned, the raw row is kept.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from knowledge.importers.naming import date_in_name
from knowledge.importers.portal_terms import (
    NATIONAL_CODE,
    PROVINCIAL_LIST,
    names_district,
    service_level_named,
    tidy,
)
from knowledge.importers.reading import ZIP_MAGIC, documents, head
from knowledge.importers.rendering import with_sections
from knowledge.importers.spreadsheet import (
    COLUMNS,
    Row,
    rows_of_workbook,
    workbook_date,
)
from knowledge.records import Procedure, Rejection, Source, SourceRecord, State
from knowledge.text.folding import words

JSONL_DATE = dt.date(2025, 4, 24)
"""Day of the export that the JSON Lines form was converted from; its rows carry no date."""

_TAG = re.compile(r"^\s*\[[^\]]{1,20}\]\s*-?\s*")


def recognises(data: dict[str, Any]) -> bool:
    """Whether an object is a row of such a list."""
    return "ma_tthc" in data


def read(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records of a list, in row order: one for each code, the best of its rows.

    The date is that in the file's name, else the workbook's own, else ``JSONL_DATE``.
    """
    if head(path).startswith(ZIP_MAGIC):
        rows: Iterable[Row | Rejection] = rows_of_workbook(path)
        date = date_in_name(path) or workbook_date(path)
    else:
        rows = _rows_of_json(path)
        date = date_in_name(path) or JSONL_DATE
    yield from _best_rows(rows, path, date)


def _rows_of_json(path: Path) -> Iterator[Row | Rejection]:
    for item in documents(path):
        if isinstance(item, Rejection):
            yield item
        else:
            yield Row(
                item.line,
                item.raw,
                {name: tidy(item.data.get(name)) for name in COLUMNS},
            )


def _best_rows(
    rows: Iterable[Row | Rejection], path: Path, date: dt.date | None
) -> Iterator[SourceRecord | Rejection]:
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        fault = _fault(row)
        if fault:
            yield Rejection(file=str(path), line=row.line, reason=fault)
        else:
            by_code.setdefault(_catalogue_code(row), []).append(row)
    for code, same in by_code.items():
        best = min(same, key=_rank)
        yield _record(best, code, date)
        for row in same:
            if row is not best:
                reason = f"{code} stands again ({_code_written(row)}), row {best.line} is kept"
                yield Rejection(file=str(path), line=row.line, reason=reason)


def _fault(row: Row) -> str | None:
    if not row.cells["ma_tthc"]:
        return "the record has no code"
    if not row.cells["ten_tthc"]:
        return f"{row.cells['ma_tthc']}: the record has no name"
    name = words(row.cells["ten_tthc"])
    if "test" in name[:1] + name[-1:]:
        return f"{row.cells['ma_tthc']} is a test row"
    return None


def _rank(row: Row) -> tuple[bool, bool, bool, int]:
    """Better rows first: not of the ended district level, with a decision, with a link, earlier."""
    cells = row.cells
    return (
        names_district(cells["ten_tthc"]),
        not cells["quyet_dinh"],
        not cells["portal_link"],
        row.line,
    )


def _code_written(row: Row) -> str:
    return re.sub(r"\s+", "", row.cells["ma_tthc"]).replace(".h", ".H")


def _catalogue_code(row: Row) -> str:
    """The national code that the provincial one begins with, else the provincial one itself."""
    written = _code_written(row)
    national = NATIONAL_CODE.match(written)
    return national.group() if national else written


def _record(row: Row, code: str, date: dt.date | None) -> SourceRecord:
    cells = row.cells
    link = cells["portal_link"] or None
    source = Source(kind=PROVINCIAL_LIST, url=link, date=date)
    procedure = Procedure(
        code=code,
        name=tidy(_TAG.sub("", cells["ten_tthc"])),
        provincial_code=_code_written(row),
        url=link,
        field=tidy(_TAG.sub("", cells["linh_vuc"])),
        provincial_decision=_decision(cells["quyet_dinh"]),
        service_level=service_level_named(cells["muc_do_dvc"]),
        state=State.UNCONFIRMED,
    )
    return SourceRecord(
        source=source,
        line=row.line,
        raw=row.raw,
        procedure=with_sections(procedure, source),
    )


def _decision(text: str) -> str | None:
    """ "554 /QĐ-UBND" -> "554/QĐ-UBND"."""
    return re.sub(r"\s*([/-])\s*", r"\1", text) or None
