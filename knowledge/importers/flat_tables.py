"""Run-together tables of crawled pages: which parser reads which section, and how far it came.

Each parser is a small grammar over one table; it gives typed rows and pieces that account for the
whole text. What it cannot place is a piece of its own and is never guessed at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.importers.flat_components import UNSPLIT, parse_components
from knowledge.importers.flat_legal import parse_legal_bases
from knowledge.importers.flat_methods import parse_methods
from knowledge.importers.flat_results import parse_results
from knowledge.importers.flat_steps import parse_steps
from knowledge.importers.pieces import FURNITURE, UNPLACED, Piece
from knowledge.records import (
    Case,
    LegalBasis,
    ParseState,
    Result,
    SectionKey,
    Step,
    SubmissionMethod,
)

Row = SubmissionMethod | Case | Step | Result | LegalBasis
Parser = Callable[[str], tuple[Sequence[Row], list[Piece]]]

PARSERS: dict[SectionKey, tuple[str, Parser]] = {
    SectionKey.CHANNELS: ("methods", parse_methods),
    SectionKey.COMPONENTS: ("cases", parse_components),
    SectionKey.STEPS: ("steps", parse_steps),
    SectionKey.RESULTS: ("results", parse_results),
    SectionKey.LEGAL_BASIS: ("legal_bases", parse_legal_bases),
}
"""The procedure's field that a section's rows go to, and the parser of the section."""


@dataclass(frozen=True)
class Table:
    """A section as read: the field of its rows, the rows, and the pieces of the whole text."""

    field: str
    rows: list[Row]
    pieces: list[Piece]

    @property
    def unplaced(self) -> list[str]:
        return [piece.text for piece in self.pieces if piece.kind == UNPLACED]

    @property
    def state(self) -> ParseState:
        """PARTIAL also where a form file could not be told from its component's name."""
        kinds = {piece.kind for piece in self.pieces}
        if not kinds & {UNPLACED, UNSPLIT}:
            return ParseState.FULL
        return ParseState.PARTIAL if kinds - FURNITURE - {UNPLACED} else ParseState.NONE


def read_table(key: SectionKey, text: str) -> Table:
    """The table of section ``key``; KeyError for a section that is no table."""
    field, parser = PARSERS[key]
    rows, pieces = parser(text)
    return Table(field, list(rows), pieces)
