"""How far the importers came: per source and section, and whether a character was lost.

A character is lost where the pieces of a run-together table do not give back its text (white
space aside), or where a piece that has content does not stand in the procedure's typed fields.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.table import Table

from knowledge.importers.flat_tables import PARSERS, read_table
from knowledge.importers.pieces import FURNITURE, UNPLACED, lost_characters
from knowledge.importers.portal_terms import (
    NATIONAL_CODE,
    PORTAL_PAGES,
    PROVINCIAL_CODE,
    SOURCE_KINDS,
)
from knowledge.records import SectionKey, SourceRecord

_AS_NUMBERS = frozenset({"quantity"})
"""Pieces that stand in the record as numbers."""


@dataclass
class SectionCount:
    """Records of one source by how far one section of them was parsed."""

    full: int = 0
    partial: int = 0
    none: int = 0
    empty: int = 0
    lost: int = 0


@dataclass
class ParseReport:
    """``sections``: counts by source kind and section; ``odd_codes``: kept, but not well formed."""

    records: Counter[str] = field(default_factory=Counter)
    sections: dict[tuple[str, SectionKey], SectionCount] = field(default_factory=dict)
    odd_codes: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Lost characters in all; 0 is the only good figure."""
        return sum(count.lost for count in self.sections.values())


def parse_report(records: Iterable[SourceRecord]) -> ParseReport:
    """Count ``records`` (of any sources, in any order); reads each run-together table again."""
    report = ParseReport()
    for record in records:
        kind = record.source.kind
        report.records[kind] += 1
        for key, section in record.procedure.sections.items():
            count = report.sections.setdefault((kind, key), SectionCount())
            setattr(count, section.parse, getattr(count, section.parse) + 1)
        if kind == PORTAL_PAGES:
            _count_lost(report, record)
        if _is_odd(record):
            report.odd_codes.append(record.procedure.provincial_code or record.procedure.code)
    for (kind, _), count in report.sections.items():
        count.empty = report.records[kind] - count.full - count.partial - count.none
    return report


def _count_lost(report: ParseReport, record: SourceRecord) -> None:
    for key in PARSERS.keys() & record.procedure.sections.keys():
        section = record.procedure.sections[key]
        table = read_table(key, section.verbatim)
        lost = lost_characters(section.verbatim, table.pieces)
        kept = _bare(
            "".join(row.model_dump_json() for row in getattr(record.procedure, table.field))
        )
        unplaced = _bare("".join(section.unplaced))
        for piece in table.pieces:
            text = _bare(piece.text)
            if piece.kind == UNPLACED:
                lost += 0 if text in unplaced else len(text)
            elif piece.kind not in FURNITURE | _AS_NUMBERS:
                lost += 0 if text in kept else len(text)
        report.sections[record.source.kind, key].lost += lost


def _bare(text: str) -> str:
    """Letters and digits alone: JSON escapes and signs around a label do not count."""
    return "".join(char for char in text.replace("\\n", " ").replace("\\t", " ") if char.isalnum())


def _is_odd(record: SourceRecord) -> bool:
    code = record.procedure.provincial_code
    if code is None:
        return not NATIONAL_CODE.fullmatch(record.procedure.code)
    return code[:1].isdigit() and not PROVINCIAL_CODE.fullmatch(code)


def render(report: ParseReport) -> Table:
    """The report as a table for the terminal."""
    table = Table(title="Sections by how far they were parsed")
    for heading in ("source", "section"):
        table.add_column(heading)
    for heading in ("fully", "partly", "not at all", "empty", "lost characters"):
        table.add_column(heading, justify="right")
    for kind in SOURCE_KINDS:
        for key in SectionKey:
            count = report.sections.get((kind, key))
            if count:
                figures = (
                    count.full,
                    count.partial,
                    count.none,
                    count.empty,
                    count.lost,
                )
                table.add_row(kind, key, *(f"{figure:,}" for figure in figures))
    table.add_section()
    table.add_row("all", "", "", "", "", "", f"{report.lost:,}")
    return table
