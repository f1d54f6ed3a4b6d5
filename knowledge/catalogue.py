"""Import files into the catalogue: all of them in one transaction, or nothing."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from knowledge.importers import open_source
from knowledge.importers.merge import merge
from knowledge.records import Rejection, SourceRecord
from knowledge.store import (
    CatalogueStore,
    current_hash,
    known_digests,
    put_source_records,
    put_version,
    readings,
)

SHIPPED = Path(__file__).parent / "shipped"


@dataclass
class ImportReport:
    """What an import did: procedures new, changed and same; records read and rejected."""

    read: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: list[Rejection] = field(default_factory=list)


def import_paths(
    paths: Iterable[Path],
    store: CatalogueStore,
    progress: Callable[[int], None] = lambda done: None,
) -> ImportReport:
    """Read every path and merge what changed; ``progress(records read)`` is called as it goes.

    One transaction: an import that dies leaves the catalogue as it was. Raises OperatorError
    for a file that is none of the known formats.
    """
    report = ImportReport()
    now = dt.datetime.now(dt.UTC)
    with store.engine.begin() as connection:
        known = known_digests(connection)
        seen: set[str] = set()
        touched: set[str] = set()
        for path in paths:
            for item in open_source(path):
                if isinstance(item, Rejection):
                    report.rejected.append(item)
                    continue
                report.read += 1
                progress(report.read)
                seen.add(item.procedure.code)
                digest = record_digest(item)
                key = (item.procedure.code, item.source.kind)
                if known.get(key) != digest:
                    put_source_records(connection, [(item, digest)], now)
                    known[key] = digest
                    touched.add(item.procedure.code)
        for code in sorted(touched):
            _remerge(connection, code, now, report)
        report.same = len(seen) - report.new - report.changed
    return report


def record_digest(record: SourceRecord) -> str:
    """SHA-256 over original, reading and source, hex; line numbers do not count."""
    text = record.raw + record.model_dump_json(exclude={"line", "raw"})
    return hashlib.sha256(text.encode()).hexdigest()


def _remerge(connection: Connection, code: str, now: dt.datetime, report: ImportReport) -> None:
    procedure = merge(readings(connection, code))
    before = current_hash(connection, code)
    if before == procedure.content_hash():
        return
    put_version(connection, procedure, now)
    if before is None:
        report.new += 1
    else:
        report.changed += 1
