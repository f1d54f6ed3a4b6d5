"""Search: from what a person typed to a decision and a ranked list of procedures."""

import re
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from knowledge import everyday
from knowledge.asking import ask_of, blend
from knowledge.deciding import Decider, Decision, features
from knowledge.encoder import Encoder, Vectors
from knowledge.everyday import Event, cues
from knowledge.everyday.cues import Phrases
from knowledge.index import Index, Scores, grams
from knowledge.ranking import Ranked, Ranker
from knowledge.several import Several, find_several
from knowledge.text.folding import words
from knowledge.text.question import Piece, Question, read_question

Mask = NDArray[np.bool_]
DENIAL_IN_NAME = re.compile(r"không phải(?: \w+){2}")
DECLINED = (Decision.NOT_IN_CATALOGUE, Decision.OUT_OF_SCOPE)
WHOLE_NAME, LEAD = 0.99, 0.3  # what makes a best procedure stand out; see ``stands_out``
NAMES_PROCEDURE = 0.65  # share of a name, by weight, that a question must speak of


@dataclass(frozen=True)
class Hit:
    """One procedure found; ``score`` orders hits of one question, it is no probability."""

    code: str
    name: str
    level: str
    field: str
    score: float


@dataclass(frozen=True)
class Together:
    """Procedures that one question asks of at once, in its order. ``linked``: the one procedure
    that does them all, where there is such a one."""

    hits: tuple[Hit, ...]
    linked: Hit | None


@dataclass(frozen=True)
class SearchResult:
    """``subject``: what is left of the question when it is freed of words that only ask; empty
    for "hết bao nhiêu tiền?". ``normalised``: the question with its diacritics restored.
    ``names_procedure``: the question speaks of a procedure itself, so it is no mere follow-up.
    ``event``: the life event to ask back about, with choices that this index has.
    ``together``: set where several procedures are asked of; ``compares``: how things differ."""

    decision: Decision
    results: list[Hit]
    normalised: str
    subject: str
    names_procedure: bool = False
    timings_ms: dict[str, float] = field(default_factory=dict)
    event: Event | None = None
    together: Together | None = None
    compares: bool = False


class RankedQuestions:
    """Reads questions and ranks the procedures of one index. Safe for concurrent readers."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self.index = index
        self._encoder = encoder
        self._ranker = Ranker(index)
        self._everyday = everyday.load()
        self._not_denied = Phrases(_denials(entry.text for entry in index.entries))
        self._codes = {facts.code for facts in index.facts}
        self._all: Mask = np.ones(len(index.facts), dtype=bool)

    def read(self, text: str) -> Question:
        """The question with the ask that its story is told around, if it is a story."""
        question = read_question(text, self.index.restorer, self._everyday, self._not_denied)
        ask = ask_of(question, self._closeness)
        return replace(question, ask=ask and replace(ask, denied=question.denied))

    def _closeness(self, pieces: Sequence[Piece]) -> list[float]:
        """BM25 of the nearest name, for each piece of a question."""
        found = [grams(" ".join([*piece.core, *piece.meanings])) for piece in pieces]
        return [float(self.index.names.get_scores(g).max()) if g else 0.0 for g in found]

    def nearest_names(self, question: Question, depth: int) -> NDArray[np.int64]:
        """The rows whose names are nearest to the question by their words, shape (depth,)."""
        scores = self.index.name_scores(grams(question.official))
        return np.argpartition(-scores, min(depth, len(scores)) - 1)[:depth]

    def covered(self, question: Question, rows: NDArray[np.int64]) -> Scores:
        """See ``Ranker.covered``."""
        return self._ranker.covered(question, rows)

    def several(self, question: Question, whole: Ranked) -> Several | None:
        """The procedures that one question asks of together, see ``knowledge.several``."""
        return find_several(question, whole, self, cues.load())

    def compares(self, question: Question) -> bool:
        """Whether the question asks how things differ."""
        return cues.load().compare.stand_in(question.said)

    def encode(self, question: Question) -> Vectors:
        """The vectors of the question and, where it has one, of its ask, shape (1 or 2, dim)."""
        return self.encode_all([question])[0]

    def event(self, question: Question) -> Event | None:
        """The life event a question speaks of, with the choices this index has, if two or more."""
        found = self._everyday.event(words(question.core))
        if found is None:
            return None
        choices = tuple(choice for choice in found.choices if choice[0] in self._codes)
        return replace(found, choices=choices) if len(choices) > 1 else None

    def order(self, question: Question, vectors: Vectors, allowed: Mask | None = None) -> Ranked:
        """Rank by the question and, where it has one, its ask; ``vectors`` as ``encode`` gives."""
        mask = self._all if allowed is None else allowed
        whole = self._ranker.rank(question, vectors[0], mask)
        if question.ask is None:
            return whole
        return blend(whole, self._ranker.rank(question.ask, vectors[1], mask))

    def encode_all(self, questions: Sequence[Question]) -> list[Vectors]:
        """What ``encode`` gives, for many questions at once."""
        both = [[q, q.ask] if q.ask else [q] for q in questions]
        texts = [q.official or q.restored for pair in both for q in pair]
        ends = np.cumsum([len(pair) for pair in both])[:-1]
        return np.split(self._encoder.encode_queries(texts), ends)

    def rank(self, text: str) -> tuple[Question, Ranked, Vectors]:
        """Read, encode and order over all procedures."""
        question = self.read(text)
        vectors = self.encode(question)
        return question, self.order(question, vectors), vectors

    def allowed(self, level: str | None, field: str | None) -> Mask:
        """Mask of the procedures that have the level and the field, shape (procedures,)."""
        if level is None and field is None:
            return self._all
        return np.array(
            [
                (level is None or level in facts.levels) and (field is None or field == facts.field)
                for facts in self.index.facts
            ]
        )


def _denials(texts: Iterable[str]) -> Iterator[str]:
    """The denials that stand in ``texts`` with the words after them ("không phải là tàu bay")."""
    for text in texts:
        for found in DENIAL_IN_NAME.finditer(unicodedata.normalize("NFC", text).lower()):
            yield found.group()


def named(ranked: Ranked) -> bool:
    """Whether the question is, word for word, a name of the best procedure and of no other."""
    return bool(ranked.exact[0] and ranked.exact.sum() == 1)


def stands_out(ranked: Ranked) -> bool:
    """Whether the question speaks a whole name of the best procedure, and no other comes near."""
    lead = ranked.scores[0] - ranked.scores[1] if len(ranked.scores) > 1 else np.inf
    return bool(ranked.name_covered[0] >= WHOLE_NAME and lead >= LEAD)


class Searcher:
    """Search over one ranked index with the decision trained for it."""

    def __init__(self, ranking: RankedQuestions, decider: Decider) -> None:
        self._ranking = ranking
        self._decider = decider

    def search(
        self, text: str, *, limit: int = 10, level: str | None = None, field: str | None = None
    ) -> SearchResult:
        """Find procedures for ``text``, only those of ``level`` and ``field`` where given."""
        started = time.perf_counter()
        question = self._ranking.read(text)
        allowed = self._ranking.allowed(level, field)
        read = time.perf_counter()
        if not question.official:
            compares = self._ranking.compares(question)
            return SearchResult(
                Decision.OUT_OF_SCOPE, [], question.normalised, "", compares=compares
            )
        if not allowed.any():
            return SearchResult(Decision.NOT_IN_CATALOGUE, [], question.normalised, question.core)
        vectors = self._ranking.encode(question)
        encoded = time.perf_counter()
        ranked = self._ranking.order(question, vectors, allowed)
        decision = self._decider.decide(features(question, ranked, vectors[0]))
        event = self._ranking.event(question)
        if named(ranked):
            decision, event = Decision.ANSWER, None
        elif decision is Decision.CHOOSE and stands_out(ranked):
            decision = Decision.ANSWER
        elif ranked.exact[0] and decision in DECLINED:
            decision = Decision.CHOOSE  # a name of several is known, whatever else was said
        together = None if event or named(ranked) else self._together(question, ranked)
        finished = time.perf_counter()
        return SearchResult(
            Decision.CHOOSE if event else decision,
            self._hits(ranked, limit),
            question.normalised,
            question.core,
            bool(named(ranked) or ranked.name_covered[0] >= NAMES_PROCEDURE or event),
            {
                "normalise": (read - started) * 1e3,
                "encode": (encoded - read) * 1e3,
                "rank": (finished - encoded) * 1e3,
            },
            event,
            together,
            self._ranking.compares(question),
        )

    def _together(self, question: Question, ranked: Ranked) -> Together | None:
        found = self._ranking.several(question, ranked)
        if found is None:
            return None
        hits = tuple(self._hit(row, 0.0) for row in found.rows)
        return Together(hits, None if found.linked is None else self._hit(found.linked, 0.0))

    def _hits(self, ranked: Ranked, limit: int) -> list[Hit]:
        best = zip(ranked.rows[:limit], ranked.scores[:limit], strict=True)
        return [self._hit(int(row), float(score)) for row, score in best]

    def _hit(self, row: int, score: float) -> Hit:
        facts = self._ranking.index.facts[row]
        return Hit(facts.code, facts.name, ",".join(facts.levels), facts.field, round(score, 4))
