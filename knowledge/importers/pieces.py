"""Pieces: how a parser accounts for every character of the text it read."""

from dataclasses import dataclass, field

UNPLACED = "unplaced"
FURNITURE = frozenset({"header", "label", "mark", "filler", "chrome"})
"""Kinds without content of their own: table headings, labels, dashes, the portal's buttons."""


@dataclass(frozen=True)
class Piece:
    """A stretch of the source: what it was read as, its text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


@dataclass
class Cover:
    """The pieces of one text, in order; what is between them is unplaced.

    >>> cover = Cover("a1b")
    >>> _ = cover.add("digit", 1, 2)
    >>> [(piece.kind, piece.text) for piece in cover.whole()]
    [('unplaced', 'a'), ('digit', '1'), ('unplaced', 'b')]
    """

    text: str
    _pieces: list[Piece] = field(default_factory=list)

    def add(self, kind: str, start: int, end: int) -> str:
        """Place a stretch, without the white space around it; gives its text."""
        stretch = self.text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        stretch = stretch.strip()
        if stretch:
            self._pieces.append(Piece(kind, stretch, start, start + len(stretch)))
        return stretch

    def whole(self) -> list[Piece]:
        """All pieces in order, with the gaps between them; together they are the text."""
        placed = sorted(self._pieces, key=lambda piece: piece.start)
        gaps = Cover(self.text)
        reached = 0
        for piece in placed:
            gaps.add(UNPLACED, reached, piece.start)
            reached = max(reached, piece.end)
        gaps.add(UNPLACED, reached, len(self.text))
        return sorted(placed + gaps._pieces, key=lambda piece: piece.start)


def lost_characters(text: str, pieces: list[Piece]) -> int:
    """Characters of ``text``, white space aside, that the pieces do not give back in order."""
    source = "".join(text.split())
    given = "".join("".join(piece.text.split()) for piece in pieces)
    if source == given:
        return 0
    same = 0
    for ours, theirs in zip(source, given, strict=False):
        if ours != theirs:
            break
        same += 1
    return max(len(source), len(given)) - same
