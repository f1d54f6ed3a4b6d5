"""Several procedures in one question ("khai sinh và kết hôn", "đổi với cấp lại khác gì nhau").

The question is cut at joining words; each part must by itself speak of nearly a whole name. A
part that lacks what its neighbour says ("đổi và cấp lại bằng lái") is completed from it. What is
cheap comes first: few questions get as far as encoding their parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Vectors
from knowledge.everyday.cues import Cues
from knowledge.index import Scores
from knowledge.ranking import Ranked
from knowledge.text.question import Question

MOST_PARTS = 3
LONGEST = 25  # words of a question that is looked at for several procedures
SHORTEST_PART = 2  # words of its own that a part has; one in a comparison
SHORT_PART = 3  # words of a part that may lack what its neighbour says
COVERED = (0.55, 0.55)  # share of a part, and of a name, for the part to be a procedure of its own
COMPARED = (0.3, 0.5)  # the same where the question says that it compares
LINKED = 0.8  # share of every part's own words in the name of a procedure that does all of them
WHOLE = 0.8  # share of a question that the name of one procedure speaks of: it is about that one
DEPTH = 10


class Ranking(Protocol):
    """What is needed of the index to tell whether a part is a procedure."""

    def read(self, text: str) -> Question: ...
    def encode_all(self, questions: Sequence[Question]) -> list[Vectors]: ...
    def order(self, question: Question, vectors: Vectors) -> Ranked: ...
    def nearest_names(self, question: Question, depth: int) -> NDArray[np.int64]: ...
    def covered(self, question: Question, rows: NDArray[np.int64]) -> Scores: ...


@dataclass(frozen=True)
class Several:
    """Rows of the procedures that a question asks of at once, in its order. ``linked``: the row of
    one procedure that does them all together."""

    rows: tuple[int, ...]
    linked: int | None


def find_several(question: Question, whole: Ranked, ranking: Ranking, cues: Cues) -> Several | None:
    """The procedures that ``question`` names, None when it is about one thing or when the best
    procedure does all of them together."""
    compares = cues.compare.stand_in(question.said)
    about_one = whole.question_covered[0] >= WHOLE or cues.together.stand_in(question.said)
    if about_one and not compares:
        return None
    least = COMPARED if compares else COVERED
    parts = [
        part
        for part in _parts(question, cues, compares)
        if len(ranking.read(part[0]).core.split()) >= (1 if compares else SHORTEST_PART)
    ]
    if len(parts) < 2:
        return None
    found = [_readable(part, ranking, least) for part in parts]
    read = [part for part in found if part is not None]
    if len(read) < len(parts):
        return None
    vectors = ranking.encode_all(read)
    ranked = [ranking.order(*pair) for pair in zip(read, vectors, strict=True)]
    rows = tuple(dict.fromkeys(row for found in ranked if (row := _named(found, least)) >= 0))
    if len(rows) < len(read):
        return None
    linked = None if compares else _linked(whole, read, rows, ranking)
    return None if linked == whole.rows[0] else Several(rows, linked)


def _named(found: Ranked, least: tuple[float, float]) -> int:
    """The row, of those ranked first, whose name fits best; -1 where none fits. The ranking
    settles what is equal."""
    pairs = np.stack([found.question_covered[:DEPTH], found.name_covered[:DEPTH]], axis=1)
    best = int(np.argmax(np.round(pairs.sum(axis=1), 2)))
    return int(found.rows[best]) if _reach(pairs[best], least) else -1


def _readable(
    alternatives: Sequence[str], ranking: Ranking, least: tuple[float, float]
) -> Question | None:
    """The way to read a part that speaks best of a name, None when none does."""
    best, reading = 0.0, None
    for text in alternatives:
        part = ranking.read(text)
        for pair in ranking.covered(part, ranking.nearest_names(part, DEPTH)):
            if _reach(pair, least) and pair.sum() > best:
                best, reading = float(pair.sum()), part
    return reading


def _reach(covered: Scores, least: tuple[float, float]) -> bool:
    return bool(covered[0] >= least[0] and covered[1] >= least[1])


def _linked(
    whole: Ranked, parts: Sequence[Question], rows: Sequence[int], ranking: Ranking
) -> int | None:
    """The best procedure of the whole question whose name speaks of every part."""
    near = whole.rows[:DEPTH]
    own = [_apart(part, [other for other in parts if other is not part]) for part in parts]
    shares = np.min([ranking.covered(part, near)[:, 0] for part in own], axis=0)
    fits = [int(row) for row, share in zip(near, shares, strict=True) if share >= LINKED]
    return next((row for row in fits if row not in rows), None)


def _apart(part: Question, others: Sequence[Question]) -> Question:
    """``part`` with those of its words that no other part has."""
    shared = {word for other in others for word in _telling(other)}
    kept = [word for word in _telling(part) if word not in shared]
    return replace(part, core=" ".join(kept), meanings=())


def _telling(part: Question) -> list[str]:
    """The official words of a part where it has some, else its own."""
    return " ".join(part.meanings or [part.core]).split()


def _parts(question: Question, cues: Cues, compares: bool) -> list[list[str]]:
    """The parts of a question as ways to read each (as said; completed), none for one thing."""
    if len(question.said) > LONGEST:
        return []
    parts = [part for part in _cut(question, cues, compares) if part]
    if not 2 <= len(parts) <= MOST_PARTS:
        return []
    return [
        list(dict.fromkeys([" ".join(part), " ".join(_completed(part, parts))])) for part in parts
    ]


def _cut(question: Question, cues: Cues, compares: bool) -> list[list[str]]:
    """The words between joining words and signs, without words that compare; in a comparison
    those join as well ("cấp đổi khác gì cấp lại")."""
    parts: list[list[str]] = [[]]
    said, at, joined = question.said, 0, False
    clauses = [piece.clause for piece in question.pieces]
    denied = {word for clause in clauses for word in range(clause.denied, clause.end)}
    while at < len(said):
        comparing = cues.compare.length_at(said, at)
        joins = cues.join.length_at(said, at)
        joins = joins or (cues.either.length_at(said, at) if compares else 0)
        if joins or comparing or question.signs[at]:
            parts.append([])
        joined = joined or bool(joins or (comparing and compares))
        if not (joins or comparing or at in denied):
            parts[-1].append(said[at])
        at += comparing or joins or 1
    return parts if joined else []


def _completed(part: Sequence[str], parts: Sequence[Sequence[str]]) -> list[str]:
    """A short part with the tail of the last part or the head of the first."""
    first, last = parts[0], parts[-1]
    if part is not last and len(part) <= SHORT_PART < len(last) + 1:
        return [*part, *last[len(part) :]]
    if part is not first and len(part) <= SHORT_PART < len(first) + 1:
        return [*first[: -len(part)], *part]
    return list(part)
