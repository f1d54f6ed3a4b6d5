"""Search: from what a person typed to a decision and a ranked list of procedures."""

import time
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from knowledge import everyday
from knowledge.encoder import Encoder
from knowledge.index import Index
from knowledge.ranking import Ranked, Ranker
from knowledge.text.question import Question, read_question


class Decision(StrEnum):
    ANSWER = "answer"
    CHOOSE = "choose"
    NOT_IN_CATALOGUE = "not_in_catalogue"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Hit:
    """One procedure found; ``score`` orders hits of one question, it is no probability."""

    code: str
    name: str
    level: str
    field: str
    score: float


@dataclass(frozen=True)
class SearchResult:
    """``subject``: what is left of the question when it is freed of words that only ask; empty
    for "hết bao nhiêu tiền?". ``normalised``: the question with its diacritics restored."""

    decision: Decision
    results: list[Hit]
    normalised: str
    subject: str
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Thresholds:
    """Chosen on development questions, reported on others (docs/decisions/0003)."""

    known_words: float = 0.5
    question_covered: float = 0.35
    margin: float = 0.12
    sure_name: float = 0.85
    weak_score: float = 0.55


class Searcher:
    """Search over one loaded index. Safe for concurrent readers."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._ranker = Ranker(index)
        self._everyday = everyday.load()
        self._thresholds = Thresholds()
        self._levels = [frozenset(facts.levels) for facts in index.facts]
        self._fields = [facts.field for facts in index.facts]

    def search(
        self, text: str, *, limit: int = 10, level: str | None = None, field: str | None = None
    ) -> SearchResult:
        """Find procedures for ``text``, only those of ``level`` and ``field`` where given."""
        started = time.perf_counter()
        question = read_question(text, self._index.restorer, self._everyday)
        normalised = time.perf_counter()
        if not question.official:
            return SearchResult(Decision.OUT_OF_SCOPE, [], question.restored, "")
        vector = self._encoder.encode_queries([question.official])[0]
        encoded = time.perf_counter()
        allowed = self._allowed(level, field)
        if not allowed.any():
            return SearchResult(Decision.NOT_IN_CATALOGUE, [], question.restored, question.core)
        ranked = self._ranker.rank(question, vector, allowed)
        decision = self.decide(question, ranked)
        finished = time.perf_counter()
        return SearchResult(
            decision,
            self._hits(ranked, limit),
            question.restored,
            question.core,
            {
                "normalise": (normalised - started) * 1e3,
                "encode": (encoded - normalised) * 1e3,
                "rank": (finished - encoded) * 1e3,
            },
        )  # fmt: skip

    def _allowed(self, level: str | None, field: str | None) -> NDArray[np.bool_]:
        """Mask of the procedures that have the level and the field, shape (procedures,)."""
        return np.array(
            [
                (level is None or level in levels) and (field is None or field == own)
                for levels, own in zip(self._levels, self._fields, strict=True)
            ]
        )

    def decide(self, question: Question, ranked: Ranked) -> Decision:
        """Answer, ask back, or say that the catalogue does not have it."""
        t = self._thresholds
        covered, name = float(ranked.question_covered[0]), float(ranked.name_covered[0])
        if ranked.known_words < t.known_words and not question.meanings:
            return Decision.OUT_OF_SCOPE
        if covered < t.question_covered and name < t.sure_name:
            return Decision.NOT_IN_CATALOGUE
        if float(ranked.scores[0]) < t.weak_score:
            return Decision.NOT_IN_CATALOGUE
        second = float(ranked.scores[1]) if len(ranked.scores) > 1 else 0.0
        if float(ranked.scores[0]) - second < t.margin:
            return Decision.CHOOSE
        return Decision.ANSWER

    def _hits(self, ranked: Ranked, limit: int) -> list[Hit]:
        best = zip(ranked.rows[:limit], ranked.scores[:limit], strict=True)
        return [self._hit(int(row), float(score)) for row, score in best]

    def _hit(self, row: int, score: float) -> Hit:
        facts = self._index.facts[row]
        return Hit(facts.code, facts.name, ",".join(facts.levels), facts.field, round(score, 4))
