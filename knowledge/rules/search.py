"""Rank provisions for a question: only those that the asker's role may see and that hold.

Four signals, each scaled per question between its best and its 50th score: BM25 of whole articles
and of their best passage (folded 1-3-grams), BM25 of accented words, cosine to the best passage.
A document named in the question counts besides. As many articles are returned as make the
expected F2 highest: a second one is given when the first is not sure.
"""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge import everyday
from knowledge.encoder import Encoder
from knowledge.roles import Role
from knowledge.rules.index import RuleIndex, accented_grams, grams
from knowledge.rules.references import named_documents, read_reference
from knowledge.rules.versions import Provision
from knowledge.rules.words import load as asking
from knowledge.rules.words import spoken
from knowledge.text.folding import words
from knowledge.text.question import read_question

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]
_WORD = re.compile(r"\w+")
SCALE_DEPTH = 50
MOST_RETURNED = 3
RESULTS = 10
ENCODED_WORDS = 40  # of a question; more cost time and find nothing more (docs/decisions/0010)
VERY_ARTICLE = 3.0  # of a named document, against 1 for its other articles
SURENESS = 12.0  # turns score differences into odds; chosen with the weights


@dataclass(frozen=True)
class RuleWeights:
    """How much each signal counts; fitted by ``python -m benchmarks.rules``,
    see docs/decisions/0010."""

    whole: float = 0.14
    clauses: float = 0.34
    accented: float = 0.20
    dense: float = 0.24
    document: float = 0.17


@dataclass(frozen=True)
class RuleHit:
    """A provision found. ``part``: position in it of the clause nearest to the question (0: the
    article itself); ``share``: the part of all odds that is on this one."""

    provision: Provision
    part: int
    score: float
    share: float


@dataclass(frozen=True)
class RuleResult:
    """``hits``: best first, at most ten; the first ``taken`` of them are the answer. ``covered``:
    the share of the question's words, by how rare they are, that the best one speaks of."""

    hits: tuple[RuleHit, ...] = ()
    taken: int = 0
    covered: float = 0.0
    past: bool = False


NOTHING = RuleResult()


@dataclass(frozen=True)
class Asked:
    """A question: as typed, accented, and with what its ways of asking stand for."""

    text: str
    question: str
    fuller: str

    @property
    def past(self) -> bool:
        """Whether the text that held before is asked for."""
        said = " ".join(_WORD.findall(self.question))
        accented = any(f" {cue} " in f" {said} " for cue in asking().past_accented)
        return accented or asking().past.stand_in(spoken(self.text))


@dataclass(frozen=True)
class Signals:
    """Scaled signals of one question, shape (rows, features) in the order of ``RuleWeights``;
    ``passages`` scores every passage of the index."""

    rows: Rows
    features: Scores
    passages: Scores


class RuleSearcher:
    """Searches one index. Safe for concurrent readers."""

    def __init__(self, index: RuleIndex, encoder: Encoder) -> None:
        self.index = index
        self._encoder = encoder
        self._everyday = everyday.load()
        units = index.provisions
        self._words = [frozenset(words(f"{u.title} {u.heading} {u.text}")) for u in units]
        counts = Counter(word for said in self._words for word in said)
        self._rarity = {word: math.log((len(units) + 1) / n) for word, n in counts.items()}
        self._unknown = math.log(len(units) + 1)
        self._since = np.array([(u.since or dt.date.min).toordinal() for u in units])
        self._until = np.array([(u.until or dt.date.max).toordinal() for u in units])
        self._carrier = np.array([u.carrier for u in units], dtype=bool)
        self._documents: dict[str, str] = {unit.document: unit.title for unit in units}

    def visible(self, role: Role) -> Rows:
        """The rows that ``role`` may see: all of them for officials, none for anybody else."""
        count = len(self.index.provisions) if role.sees_internal else 0
        return np.arange(count, dtype=np.int64)

    def standing(self, role: Role, day: dt.date, past: bool) -> Rows:
        """The visible rows that hold on ``day``, or (``past``) no longer do."""
        rows = self.visible(role)
        ended = self._until[rows] <= day.toordinal()
        begun = self._since[rows] <= day.toordinal()
        return rows[ended if past else begun & ~ended]

    def read(self, text: str) -> Asked:
        """``text`` with its diacritics, and with the words of legal texts that it stands for."""
        question = read_question(text, self.index.restorer, self._everyday).restored
        fuller = " ".join([question, *self._meanings(question)])
        return Asked(text, question, fuller)

    def search(self, text: str, role: Role, day: dt.date) -> RuleResult:
        """What the rules say to ``text`` (any case, any diacritics) on ``day``."""
        if not len(self.visible(role)) or not words(text):
            return NOTHING
        asked = self.read(text)
        rows = self.standing(role, day, asked.past)
        rows = rows[~self._carrier[rows]]
        if not len(rows):
            return RuleResult(past=asked.past)
        signals = self.signals(asked, rows)
        return self._result(asked, signals, signals.features @ WEIGHTS)

    def signals(self, asked: Asked, rows: Rows) -> Signals:
        """See ``Signals``; ``rows`` are those that may be found."""
        folded = grams(asked.fuller)
        passages = self.index.clauses.get_scores(folded)
        dense = self._dense(asked.question)
        columns = [
            self.index.whole.get_scores(folded), self._best(passages),
            self.index.accented.get_scores(accented_grams(asked.fuller)), self._best(dense),
        ]  # fmt: skip
        features = [_scaled(column[rows]) for column in columns]
        features.append(self._named(asked.text, rows))
        return Signals(rows, np.stack(features, axis=-1), _scaled(passages) + _scaled(dense))

    def _named(self, text: str, rows: Rows) -> Scores:
        """1 for provisions of a document that the question names, more for the very article."""
        reference = read_reference(text)
        named = named_documents(text, reference, self._documents)
        made = np.zeros(len(rows), dtype=np.float32)
        if named:
            for at, row in enumerate(rows):
                unit = self.index.provisions[row]
                if unit.document in named:
                    very = reference.article and unit.number == reference.article
                    made[at] = VERY_ARTICLE if very else 1.0
        return made

    def _meanings(self, question: str) -> list[str]:
        said = spoken(question)
        return [means for cues, means in asking().means if cues.stand_in(said)]

    def _dense(self, question: str) -> Scores:
        head = " ".join(question.split()[:ENCODED_WORDS])
        (vector,) = self._encoder.encode_queries([head])
        similar, ids = self.index.dense.search(vector[None], len(self.index.passages))
        scores = np.zeros(len(self.index.passages), dtype=np.float32)
        scores[ids[0]] = similar[0]
        return scores

    def _best(self, passages: Scores) -> Scores:
        best = np.full(len(self.index.provisions), -1.0, dtype=np.float32)
        np.maximum.at(best, self.index.owner, passages)
        return best

    def _nearest(self, row: int, passages: Scores) -> int:
        """The position in the provision ``row`` of its passage with the best score."""
        own = np.flatnonzero(self.index.owner == row)
        return self.index.passages[int(own[np.argmax(passages[own])])].part

    def _result(self, asked: Asked, signals: Signals, scores: Scores) -> RuleResult:
        best = np.argsort(-scores, kind="stable")[:RESULTS]
        odds = np.exp(SURENESS * (scores[best] - scores[best[0]]))
        shares = odds / odds.sum()
        hits = []
        for place, share in zip(best, shares, strict=True):
            row = int(signals.rows[place])
            part = self._nearest(row, signals.passages)
            unit = self.index.provisions[row]
            hits.append(RuleHit(unit, part, float(scores[place]), float(share)))
        covered = self.covered(asked, int(signals.rows[best[0]]))
        return RuleResult(tuple(hits), taken(shares), covered, asked.past)

    def covered(self, asked: Asked, row: int) -> float:
        """The share of the question's words, by rarity, that the provision in ``row`` has."""
        said = set(words(asking().past.without(spoken(asked.fuller)))) - asking().ask_words
        weights = {word: self._rarity.get(word, self._unknown) for word in said}
        if not weights:
            return 0.0
        have = sum(weight for word, weight in weights.items() if word in self._words[row])
        return have / sum(weights.values())


WEIGHTS = np.array(astuple(RuleWeights()), dtype=np.float32)


def taken(shares: Sequence[float] | Scores) -> int:
    """How many of the best to return for the highest expected F2, one of them being right."""
    most = min(MOST_RETURNED, len(shares))
    expected = [5 * sum(shares[:k]) / (4 + k) for k in range(1, most + 1)]
    return 1 + int(np.argmax(expected))


def _scaled(scores: Scores) -> Scores:
    """From 0 (the 50th best score and below) to 1 (the best)."""
    depth = min(SCALE_DEPTH, len(scores))
    low, high = np.partition(scores, -depth)[-depth], scores.max()
    scaled: Scores = np.clip((scores - low) / max(high - low, 1e-9), 0, 1).astype(np.float32)
    return scaled
