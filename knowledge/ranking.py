"""Rank procedures for a question and tell how sure that is.

Four signals find candidates: dense similarity to the nearest name, the same to the three nearest
names, BM25 over names and aliases, BM25 over whole records. Each is scaled per question between
its best and its 50th score. Two coverages then put the right one first: how much of the question
the name speaks of, and how much of the name the question speaks of (a name with conditions nobody
mentioned loses to one without).
"""

import math
import re
from collections import Counter
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Vectors
from knowledge.index import Index, Scores, grams
from knowledge.records import State
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
    """How much each feature of a candidate counts. Fitted on the training needs by ``python -m
    benchmarks.weights`` (docs/decisions/0005); signals and coverages run from 0 to 1."""

    dense: float = 0.16
    agreeing: float = 0.26  # of the names that are nearest
    names: float = 0.28
    bodies: float = 0.23
    question_covered: float = 0.28
    name_covered: float = 0.61
    unconfirmed: float = -0.37
    much_named: float = 0.06  # by the log of how many names people have for it
    exact: float = 0.39
    denied: float = -0.41


FEATURES = [feature.name for feature in fields(Weights)]


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
        self._weights = np.array(astuple(Weights()), dtype=np.float32)
        entry_words = [name_words(entry.text) for entry in index.entries]
        counts = Counter(word for found in entry_words for word in found)
        self._entries = len(entry_words)
        self._idf = {word: self._weigh(count) for word, count in counts.items()}
        self._unknown = self._weigh(0)
        self._names: list[list[tuple[frozenset[str], float]]] = [[] for _ in index.facts]
        for entry, found in zip(index.entries, entry_words, strict=True):
            self._names[entry.row].append((found, self._sum(found)))
        self._unconfirmed = np.array([f.state == State.UNCONFIRMED for f in index.facts])
        self._much_named = np.log(index.count.astype(np.float32))

    def _weigh(self, count: int) -> float:
        return math.log(1 + self._entries / (1 + count))

    def _sum(self, found: frozenset[str]) -> float:
        return sum(self._idf.get(word, self._unknown) for word in found)

    def rank(self, question: Question, vector: Vectors, allowed: NDArray[np.bool_]) -> Ranked:
        """Rank the ``allowed`` procedures (mask, shape (procedures,)) for one question."""
        cosine, agreeing = self._index.dense_scores(vector)
        rows, found = self.candidates(question, (cosine, agreeing), allowed)
        scores = found @ self._weights
        order = np.argsort(-scores, kind="stable")
        rows, found = rows[order], found[order]
        core = frozenset(words(question.core)) - EMPTY_WORDS
        known = self._sum(frozenset(w for w in core if w in self._idf)) / (self._sum(core) or 1.0)
        return Ranked(
            rows=rows,
            scores=scores[order],
            question_covered=found[:, FEATURES.index("question_covered")],
            name_covered=found[:, FEATURES.index("name_covered")],
            exact=found[:, FEATURES.index("exact")] > 0,
            cosine=cosine[rows],
            known_words=known,
        )

    def candidates(
        self, question: Question, dense: tuple[Scores, Scores], allowed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], Scores]:
        """The procedures worth ordering and what is seen of each, shapes (rows,) and
        (rows, features) in the order of ``Weights``. ``dense`` as ``Index.dense_scores`` gives."""
        asked = grams(question.core)
        for meaning in question.meanings:
            asked += grams(meaning)
        raw = (*dense, self._index.name_scores(asked), self._index.body_scores(asked))
        signals = [scale(np.where(allowed, signal, signal.min())) for signal in raw]
        depth = min(CANDIDATES, len(allowed))
        best = [np.argpartition(-signal, depth - 1)[:depth] for signal in signals]
        rows = np.unique(np.concatenate(best))
        rows = rows[allowed[rows]]
        core = frozenset(words(question.core)) - EMPTY_WORDS
        said = frozenset(words(question.official)) - EMPTY_WORDS
        denied = frozenset(words(question.denied)) - EMPTY_WORDS - DENYING - said
        columns = [
            *(signal[rows] for signal in signals),
            *self.covered(question, rows).T,
            self._unconfirmed[rows],
            self._much_named[rows],
            [any(core == name for name, _ in self._names[row]) for row in rows],
            self._share_in_name(rows, denied),
        ]
        return rows, np.column_stack(columns).astype(np.float32)

    def covered(self, question: Question, rows: NDArray[np.int64]) -> Scores:
        """The two coverages of each of ``rows``, shape (rows, 2): question, name."""
        said = frozenset(words(question.official)) - EMPTY_WORDS
        found = np.array([self._coverage(row, said) for row in rows], dtype=np.float32)
        return found.reshape(-1, 2)

    def _share_in_name(self, rows: NDArray[np.int64], denied: frozenset[str]) -> Scores:
        """Weighted share of ``denied`` that stands in each official name, shape (rows,)."""
        total = self._sum(denied) or 1.0
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
