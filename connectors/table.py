"""A nightly export in a folder: the newest CSV or XLSX file, read again when it changes.

A file that cannot be read, or is still being written, leaves the one before in force; a row that
cannot be used is left out and counted. Only the mapped columns are kept in memory.
"""

import asyncio
import csv
import datetime as dt
import io
import logging
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import openpyxl
from pydantic import BaseModel, ConfigDict

from connectors.dossier import (
    NOT_OFFERED,
    SOON,
    TIMEZONE,
    Counts,
    DossierStatus,
    NotFound,
    PublicStatus,
    SystemFailure,
)
from connectors.mapping import FIGURES, known_fields, papers, status_of
from connectors.reading import ends_with, text_of, time_of
from connectors.statuses import Statuses

log = logging.getLogger(__name__)

LARGEST_FILE = 100_000_000  # bytes
LARGEST_UNPACKED = 1_000_000_000  # bytes, of an XLSX's parts
MOST_ROWS = 1_000_000
ENCODINGS = ("utf-8-sig", "cp1258")
Row = dict[str, str]
"""Field of ``DossierStatus`` -> text of its cell."""


class TableConfig(BaseModel):
    """``columns``: field of ``DossierStatus`` -> heading; ``code`` and ``status`` are needed."""

    model_config = ConfigDict(extra="forbid")

    folder: Path
    columns: Annotated[Mapping[str, str], known_fields]
    statuses: Mapping[str, PublicStatus] = {}


@dataclass
class Export:
    """One file as read: rows by code, and what it was when it was read."""

    path: Path
    stamp: tuple[float, int]
    rows: dict[str, Row] = field(default_factory=dict)


class BadFile(ValueError):
    """``str(error)`` says what is wrong with the file."""


class Table:
    """The newest export of one folder."""

    def __init__(self, name: str, config: TableConfig) -> None:
        self.name = name
        self._config = config
        self._statuses = Statuses(config.statuses, {})
        self._export: Export | None = None
        self._refused: tuple[Path, tuple[float, int]] | None = None
        self._reading = asyncio.Lock()

    async def close(self) -> None:
        self._export = None

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """See ``Connector.find``."""
        row = (await self._rows()).get(code)
        if row is None or not ends_with(second_factor, [row.get("second_factor")]):
            return NotFound()
        return self._read(code, row)

    async def overdue(self, agency: str) -> int:
        """See ``Connector.overdue``."""
        today = dt.datetime.now(TIMEZONE).date()
        return (await self.counts(agency, today, today)).overdue

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """See ``Connector.counts``."""
        if not set(self._config.columns) >= FIGURES:
            raise SystemFailure(NOT_OFFERED)
        now = dt.datetime.now(TIMEZONE)
        total, by_field = Counts(0, 0, 0, 0), dict[str, Counts]()
        for row in (await self._rows()).values():
            if row["agency_code"] == agency:
                one = _counted(row, since, until, now)
                total += one
                if name := row.get("field"):
                    by_field[name] = by_field.get(name, Counts(0, 0, 0, 0)) + one
        return replace(total, by_field=by_field)

    async def _rows(self) -> dict[str, Row]:
        """The rows in force, of a newer file where there is one."""
        async with self._reading:
            await asyncio.to_thread(self._take_newest)
        if self._export is None:
            raise SystemFailure("no_file")
        return self._export.rows

    def _take_newest(self) -> None:
        found = _newest(self._config.folder)
        if found is None:
            return
        path, stamp = found
        current = self._export
        if (current and (current.path, current.stamp) == found) or self._refused == found:
            return
        try:
            export = Export(path, stamp, _read_rows(path, self._config.columns))
        except BadFile as error:
            log.error("export refused", extra={"part": self.name, "reason": str(error)})
            self._refused = found
            return
        if _stamp(path) == stamp:  # else it is still being written: the next question reads it
            self._export = export

    def _read(self, code: str, row: Row) -> DossierStatus:
        supplement = papers(row.get("supplement", ""))
        return status_of(code, row.get, supplement, self._statuses, self.name)


def _counted(row: Row, since: dt.date, until: dt.date, now: dt.datetime) -> Counts:
    """What one dossier adds to the figures of its agency."""
    arrived, due, finished = (time_of(row[name]) for name in ("received", "due", "finished"))
    inside = arrived is not None and since <= arrived.date() <= until
    open_due = due if not finished else None
    return Counts(
        received=int(inside),
        on_time=int(bool(inside and finished and due and finished <= due)),
        overdue=int(bool(open_due and open_due < now)),
        due_in_3_days=int(bool(open_due and now <= open_due <= now + SOON)),
    )


def _stamp(path: Path) -> tuple[float, int]:
    status = path.stat()
    return status.st_mtime, status.st_size


def _newest(folder: Path) -> tuple[Path, tuple[float, int]] | None:
    try:
        files = [f for f in folder.iterdir() if f.suffix.lower() in (".csv", ".xlsx")]
        stamped = [(f, _stamp(f)) for f in files if not f.name.startswith((".", "~"))]
    except OSError:
        return None
    return max(stamped, key=lambda found: found[1][0], default=None)


def _read_rows(path: Path, columns: Mapping[str, str]) -> dict[str, Row]:
    """Rows by code; raises BadFile naming what is wrong with the file as a whole."""
    if path.stat().st_size > LARGEST_FILE:
        raise BadFile(f"{path.name}: larger than {LARGEST_FILE} bytes")
    lines = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    headings = [text_of(cell) for cell in next(lines, [])]
    missing = sorted(set(columns.values()) - set(headings))
    if missing:
        raise BadFile(f"{path.name}:1: no column {', '.join(missing)}")
    at = {field_name: headings.index(heading) for field_name, heading in columns.items()}
    rows: dict[str, Row] = {}
    for number, cells in enumerate(lines, 2):
        if number > MOST_ROWS:
            raise BadFile(f"{path.name}: more than {MOST_ROWS} rows")
        row = {f: _cell(cells[i]) if i < len(cells) else "" for f, i in at.items()}
        if row["code"] and row["status"]:
            rows[row["code"]] = row
    if not rows:
        raise BadFile(f"{path.name}: no row with a code and a state")
    return rows


def _cell(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return value.isoformat() if isinstance(value, dt.date) else text_of(value)


def _csv(path: Path) -> Iterator[list[str]]:
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = unicodedata.normalize("NFC", content.decode(encoding))
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadFile(f"{path.name}: neither {' nor '.join(ENCODINGS)}")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise BadFile(f"{path.name}: {error}") from None


def _xlsx(path: Path) -> Iterator[list[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                raise BadFile(f"{path.name}: unpacks to more than {LARGEST_UNPACKED} bytes")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield from (list(row) for row in book.worksheets[0].iter_rows(values_only=True))
        finally:
            book.close()
    except BadFile:
        raise
    except Exception as error:
        raise BadFile(f"{path.name}: no readable XLSX ({type(error).__name__})") from None


def open_connector(name: str, config: dict[str, Any]) -> Table:
    """See ``configuration``."""
    return Table(name, TableConfig.model_validate(config))
