"""Decide what to do with a question: answer, ask back, say it is not in the catalogue, or decline.

A multinomial logistic regression over a handful of ranking features, the question's vector, and how
near the question is to the examples of each decision. Trained when an index is built (``train``),
from the reviewable examples of ``knowledge/everyday/decisions/``: they are ranked by that very
index, so the decision fits the catalogue it serves. No raw score separates these cases
(architecture, "Data").
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge import everyday
from knowledge.encoder import Vectors
from knowledge.errors import OperatorError
from knowledge.ranking import Ranked
from knowledge.text.question import Question

Matrix = NDArray[np.float32]
Labels = NDArray[np.int64]
VECTOR_WEIGHT = 5.0  # unit vectors beside standardised features
STRENGTH = 0.03  # inverse of the penalty on the weights (scikit-learn's C)
ANSWER_LEANING = 0.75  # added to the logit of an answer: declining a real need costs more
# The three were chosen on everyday-dev and negatives-dev (docs/decisions/0004).
NEIGHBOURS = (1, 5, 30)  # nearest examples of a decision whose mean cosine is a feature
DEPTH = 5
MEASURED = 12
DECIDER = "decider.npz"
ARRAYS = ("weights", "bias", "mean", "spread", "memory", "taught")
KEPT_GROWTH = 0.02  # share of procedures by which an index may grow and keep its decider


class Decision(StrEnum):
    ANSWER = "answer"
    CHOOSE = "choose"
    NOT_IN_CATALOGUE = "not_in_catalogue"
    OUT_OF_SCOPE = "out_of_scope"


def features(question: Question, ranked: Ranked, vector: Vectors) -> Matrix:
    """What the decision looks at, shape (MEASURED + dim,)."""
    scores = np.concatenate([ranked.scores, np.zeros(DEPTH, dtype=np.float32)])
    measured = [
        scores[0],
        scores[0] - scores[1],
        scores[0] - scores[DEPTH - 1],
        ranked.question_covered[0],
        ranked.name_covered[0],
        ranked.question_covered[:10].max(),
        ranked.name_covered[:10].max(),
        ranked.cosine[0],
        ranked.cosine[:10].max(),
        ranked.known_words,
        float(bool(question.meanings)),
        np.log1p(len(question.core.split())),
    ]
    return np.concatenate([np.array(measured, dtype=np.float32), vector])


def nearness(vectors: Matrix, memory: Matrix, taught: Labels) -> Matrix:
    """Mean cosine to the nearest examples of each decision, shape (n, decisions * NEIGHBOURS).
    ``memory`` (examples, dim) holds their vectors, ``taught`` the decision of each."""
    return _means(vectors @ memory.T, taught)


def _means(cosine: Matrix, taught: Labels) -> Matrix:
    columns = []
    for label in range(taught.max() + 1):
        told = -cosine[:, taught == label]
        most = min(NEIGHBOURS[-1], told.shape[1])
        nearest = -np.sort(np.partition(told, most - 1, axis=1)[:, :most], axis=1)
        columns += [nearest[:, :count].mean(axis=1) for count in NEIGHBOURS]
    return np.column_stack(columns)


class Origin(NamedTuple):
    """What a decider learned from: encoder and index format, examples (hash), procedures."""

    encoder: str
    examples: str
    procedures: int

    @classmethod
    def of(cls, encoder: str, procedures: int) -> "Origin":
        """The origin of a decider trained now."""
        examples = hashlib.sha256(repr(everyday.decisions()).encode()).hexdigest()
        return cls(encoder, examples, procedures)

    def near(self, other: "Origin") -> bool:
        """Whether a decider of this origin would decide as one of the ``other``."""
        grown = abs(self.procedures - other.procedures) / max(other.procedures, 1)
        return self[:2] == other[:2] and grown <= KEPT_GROWTH


@dataclass
class Decider:
    """``weights`` (decisions, features) and ``bias`` (decisions,) over features scaled by
    ``mean`` and ``spread`` (features,). ``labels`` are the decisions in row order, ``memory`` and
    ``taught`` as ``nearness`` takes them."""

    labels: list[str]
    weights: Matrix
    bias: Matrix
    mean: Matrix
    spread: Matrix
    memory: Matrix
    taught: Labels
    origin: Origin

    def decide(self, found: Matrix) -> Decision:
        """The most probable decision for what ``features`` gives."""
        near = nearness(found[None, MEASURED:], self.memory, self.taught)[0]
        whole = np.concatenate([found, near])
        logits = self.weights @ ((whole - self.mean) / self.spread) + self.bias
        return Decision(self.labels[int(np.argmax(logits))])

    def save(self, path: Path) -> None:
        arrays = {name: getattr(self, name) for name in ARRAYS}
        facts = {"labels": self.labels, "origin": self.origin}
        np.savez(path, facts=np.array(json.dumps(facts)), **arrays)

    @classmethod
    def load(cls, path: Path) -> "Decider":
        with np.load(path) as stored:
            facts = json.loads(str(stored["facts"]))
            arrays = {name: stored[name] for name in ARRAYS}
        return cls(labels=facts["labels"], origin=Origin(*facts["origin"]), **arrays)


def train(
    vectors: Matrix, decisions: Sequence[Decision], ranked: Mapping[int, Matrix], origin: Origin
) -> Decider:
    """``vectors`` (n, dim) and right ``decisions`` (n) of all examples are remembered; the weights
    are fitted on those of them in ``ranked``, position -> what ``features`` gives. Classes weigh
    the same, however many, and no example is near to itself."""
    from sklearn.linear_model import LogisticRegression

    labels = sorted({str(decision) for decision in decisions})
    taught = np.array([labels.index(str(decision)) for decision in decisions])
    at = np.array(sorted(ranked))
    found = np.stack([ranked[position] for position in at])
    cosine = vectors[at] @ vectors.T
    cosine[np.arange(len(at)), at] = -1.0
    found = np.hstack([found, _means(cosine, taught)]).astype(np.float32)
    mean, spread = found.mean(axis=0), np.maximum(found.std(axis=0), 1e-6)
    spread[MEASURED : MEASURED + vectors.shape[1]] = 1 / VECTOR_WEIGHT
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)
    model.fit((found - mean) / spread, taught[at])
    bias = model.intercept_.astype(np.float32)
    bias[labels.index(Decision.ANSWER)] += ANSWER_LEANING
    weights = model.coef_.astype(np.float32)
    return Decider(labels, weights, bias, mean, spread, vectors, taught, origin)


def kept_decider(folder: Path, origin: Origin) -> Decider | None:
    """The decider in ``folder`` if one of ``origin`` would decide the same, else None."""
    try:
        found = load_decider(folder)
    except OperatorError:
        return None
    return found if found.origin.near(origin) else None


def load_decider(folder: Path) -> Decider:
    """The decider of the index version in ``folder``; raises OperatorError when it is broken."""
    try:
        return Decider.load(folder / DECIDER)
    except Exception as error:
        raise OperatorError(
            f"index: {folder.name}/{DECIDER} cannot be read ({error}); delete the folder and run "
            "`assistant index`"
        ) from error
