"""Rows of an XLSX list: the header row is found by the names in it; size is bounded."""

import datetime as dt
import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook, load_workbook

from knowledge.errors import OperatorError
from knowledge.importers.portal_terms import tidy
from knowledge.records import Rejection
from knowledge.text.folding import words

MAX_UNPACKED = 256 * 2**20
MAX_PARTS = 5_000
MAX_ROWS = 200_000
MAX_COLUMNS = 64
HEADER_WITHIN = 40
DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl, zipfile and the XML parser raise on a damaged workbook."""

COLUMNS = (
    "stt",
    "ma_tthc",
    "muc_do_dvc",
    "ten_tthc",
    "linh_vuc",
    "quyet_dinh",
    "portal_link",
)
_HEADERS = {
    "stt": ("stt", "so tt"),
    "ma_tthc": ("ma tthc", "ma thu tuc", "ma so"),
    "ten_tthc": ("ten tthc", "ten thu tuc"),
    "muc_do_dvc": ("muc do",),
    "linh_vuc": ("linh vuc",),
    "quyet_dinh": ("quyet dinh", "so quyet dinh"),
    "portal_link": ("portal link", "duong dan", "lien ket", "link"),
}
_CREATED = re.compile(rb"<dcterms:created[^>]*>(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Row:
    """One row of a list: its number, its untouched original, its cells by ``COLUMNS`` name."""

    line: int
    raw: str
    cells: dict[str, str]


def rows_of_workbook(path: Path) -> Iterator[Row | Rejection]:
    """Rows under the header of the first sheet that has one."""
    with _workbook(path) as book:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            columns: dict[str, int] | None = None
            rows = sheet.iter_rows(values_only=True, max_row=MAX_ROWS, max_col=MAX_COLUMNS)
            for number, values in enumerate(rows, 1):
                if columns is None:
                    columns = _header(values)
                    if columns is None and number >= HEADER_WITHIN:
                        break
                elif any(value is not None for value in values):
                    yield _row(number, values, columns)
            if columns is not None:
                return
    yield Rejection(
        file=str(path),
        line=1,
        reason="no row names the columns (Mã TTHC, Tên TTHC, ...); is this a list of procedures?",
    )


def workbook_date(path: Path) -> dt.date | None:
    """The day the workbook itself says it was made (docProps/core.xml), or None."""
    with _checked_zip(path) as archive:
        try:
            created = _CREATED.search(archive.read("docProps/core.xml"))
            return dt.date.fromisoformat(created.group(1).decode()) if created else None
        except DAMAGE:
            return None


def _checked_zip(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE as error:
        raise OperatorError(f"{path}: not a readable workbook: {error}") from None
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
        archive.close()
        raise OperatorError(
            f"{path}: the workbook unpacks to {unpacked:,} bytes in {len(parts):,} parts, "
            f"at most {MAX_UNPACKED:,} in {MAX_PARTS:,} are read"
        )
    return archive


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    _checked_zip(path).close()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Opened here: openpyxl itself judges a path by the ending of its name.
            with path.open("rb") as stream:
                yield load_workbook(stream, read_only=True, data_only=True)
    except DAMAGE as error:
        raise OperatorError(f"{path}: not a readable workbook: {error}") from None


def _header(values: Sequence[object]) -> dict[str, int] | None:
    """Columns of a header row by name, or None where it names no code or no procedure."""
    columns: dict[str, int] = {}
    for place, value in enumerate(values):
        text = " ".join(words(str(value or "")))
        for column, names in _HEADERS.items():
            if column not in columns and any(f"{text} ".startswith(f"{n} ") for n in names):
                columns[column] = place
    return columns if {"ma_tthc", "ten_tthc"} <= columns.keys() else None


def _row(number: int, values: Sequence[object], columns: dict[str, int]) -> Row:
    cells = {name: tidy(values[columns[name]]) if name in columns else "" for name in COLUMNS}
    raw = json.dumps([None if v is None else str(v) for v in values], ensure_ascii=False)
    return Row(number, raw, cells)
