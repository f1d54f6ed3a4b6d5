"""Rank procedures for a question and tell how sure that is.

Three signals find candidates: dense similarity, BM25 over names and aliases, BM25 over whole
records. Each is scaled per question between its best and its 50th score. Two coverages then put
the right one first: how much of the question the name speaks of, and how much of the name the
question speaks of (a name with conditions nobody mentioned loses to one without).
"""

import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Vectors
from knowledge.index import Index, Scores, grams
from knowledge.records import Level, State
from knowledge.text.folding import words
from knowledge.text.question import Question

CANDIDATES = 40  # taken from each signal
SCALE_DEPTH = 50
EMPTY_WORDS = frozenset(
    words("thủ tục đối với của cho và tại theo việc các trong được do về là có bị thì mà rồi đã")
)
DENYING = frozenset(words("không phải chẳng đâu chứ"))

LEVEL_NOTE = re.compile(r"\((?:thực hiện )?(?:tại |ở )?cấp [^()]*\)", re.IGNORECASE)


def name_words(text: str) -> frozenset[str]:
    """The telling words of a name, folded, without a note on its level ("(Cấp tỉnh)")."""
    return frozenset(words(LEVEL_NOTE.sub(" ", text))) - EMPTY_WORDS


@dataclass(frozen=True)
class Weights:
    """How much each signal counts. Chosen on development questions (docs/decisions/0003)."""

    dense: float = 0.4
    names: float = 0.3
    bodies: float = 0.3
    question_covered: float = 0.3
    name_covered: float = 0.5
    abroad: float = -0.3
    unconfirmed: float = -0.45
    commune: float = 0.06
    exact: float = 0.5
    denied: float = -0.5


@dataclass(frozen=True)
class Ranked:
    """Candidates best first: procedure rows, scores, and per candidate the two coverages (0-1),
    whether the question is one of its names word for word, and the raw cosine."""

    rows: NDArray[np.int64]
    scores: Scores
    question_covered: Scores
    name_covered: Scores
    exact: NDArray[np.bool_]
    cosine: Scores
    known_words: float


class Ranker:
    """Holds what ranking needs of one index: word weights and word sets of every entry."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._weights = Weights()
        entry_words = [name_words(entry.text) for entry in index.entries]
        counts = Counter(word for found in entry_words for word in found)
        self._entries = len(entry_words)
        self._idf = {word: self._weigh(count) for word, count in counts.items()}
        self._unknown = self._weigh(0)
        self._names: list[list[tuple[frozenset[str], float]]] = [[] for _ in index.facts]
        for entry, found in zip(index.entries, entry_words, strict=True):
            self._names[entry.row].append((found, self._sum(found)))
        self._abroad = np.array(["nuoc ngoai" in " ".join(words(f.name)) for f in index.facts])
        self._commune = np.array([Level.COMMUNE in f.levels for f in index.facts])
        self._unconfirmed = np.array([f.state == State.UNCONFIRMED for f in index.facts])

    def _weigh(self, count: int) -> float:
        return math.log(1 + self._entries / (1 + count))

    def _sum(self, found: frozenset[str]) -> float:
        return sum(self._idf.get(word, self._unknown) for word in found)

    def rank(self, question: Question, vector: Vectors, allowed: NDArray[np.bool_]) -> Ranked:
        """Rank the ``allowed`` procedures (mask, shape (procedures,)) for one question."""
        asked = grams(question.core)
        for meaning in question.meanings:
            asked += grams(meaning)
        cosine = self._index.dense_scores(vector)
        raw = (cosine, self._index.name_scores(asked), self._index.body_scores(asked))
        signals = [scale(np.where(allowed, signal, signal.min())) for signal in raw]
        depth = min(CANDIDATES, len(allowed))
        best = [np.argpartition(-signal, depth - 1)[:depth] for signal in signals]
        rows = np.unique(np.concatenate(best))
        rows = rows[allowed[rows]]
        said = frozenset(words(question.official)) - EMPTY_WORDS
        core = frozenset(words(question.core)) - EMPTY_WORDS
        covered = self.covered(question, rows)
        exact = np.array(
            [any(core == name for name, _ in self._names[row]) for row in rows], dtype=bool
        )
        scores = self._score(rows, signals, covered, "ngoai" in said)
        scores += np.float32(self._weights.exact) * exact.astype(np.float32)
        denied = frozenset(words(question.denied)) - EMPTY_WORDS - DENYING - said
        if denied:
            scores += np.float32(self._weights.denied) * self._share_in_name(rows, denied)
        order = np.argsort(-scores, kind="stable")
        known = self._sum(frozenset(w for w in core if w in self._idf)) / (self._sum(core) or 1.0)
        return Ranked(
            rows=rows[order],
            scores=scores[order],
            question_covered=covered[order, 0],
            name_covered=covered[order, 1],
            exact=exact[order],
            cosine=cosine[rows[order]],
            known_words=known,
        )

    def covered(self, question: Question, rows: NDArray[np.int64]) -> Scores:
        """The two coverages of each of ``rows``, shape (rows, 2): question, name."""
        said = frozenset(words(question.official)) - EMPTY_WORDS
        found = np.array([self._coverage(row, said) for row in rows], dtype=np.float32)
        return found.reshape(-1, 2)

    def _score(
        self, rows: NDArray[np.int64], signals: list[Scores], covered: Scores, abroad: bool
    ) -> Scores:
        w = self._weights
        total: Scores = (
            w.dense * signals[0][rows] + w.names * signals[1][rows] + w.bodies * signals[2][rows]
            + w.question_covered * covered[:, 0] + w.name_covered * covered[:, 1]
            + w.unconfirmed * self._unconfirmed[rows] + w.commune * self._commune[rows]
        )  # fmt: skip
        unasked = 0.0 if abroad else w.abroad
        return (total + unasked * self._abroad[rows]).astype(np.float32)

    def _share_in_name(self, rows: NDArray[np.int64], denied: frozenset[str]) -> Scores:
        """Weighted share of ``denied`` that stands in each official name, shape (rows,)."""
        total = self._sum(denied)
        shares = [self._sum(self._names[row][0][0] & denied) / total for row in rows]
        return np.array(shares, dtype=np.float32)

    def _coverage(self, row: int, said: frozenset[str]) -> tuple[float, float]:
        """Weighted share of the question in the best name, and of that name in the question."""
        total = self._sum(said) or 1.0
        best = (0.0, 0.0)
        for name, weight in self._names[row]:
            common = self._sum(name & said)
            best = max(best, (common / total, common / (weight or 1.0)), key=sum)
        return best


def scale(signal: Scores) -> Scores:
    """Scale one signal so that its best is 1 and its 50th is 0; far below stays at -0.5."""
    depth = min(SCALE_DEPTH, len(signal) - 1)
    ordered = -np.partition(-signal, [0, depth])
    high, low = float(ordered[0]), float(ordered[depth])
    scaled: Scores = np.clip((signal - low) / (high - low + 1e-9), -0.5, 1.0)
    return scaled
