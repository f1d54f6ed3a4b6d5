"""Evaluate the search over rules on questions with ``relevant_articles``.

The options of a multiple-choice question (``choices``) are part of what is asked: people who copy
such a question copy them too. F2 is taken of each question over the articles that are returned, and
averaged (macro-F2). Intervals as in ``knowledge.evaluate``.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge.evaluate import interval
from knowledge.rules.search import RuleResult
from knowledge.text.noise import NOISES

RuleSearch = Callable[[str], RuleResult]
RANKS = (1, 3, 5, 10)


@dataclass(frozen=True)
class RuleRow:
    """One judged question. ``rank``: of the first relevant article, 0 outside the first ten."""

    rank: int
    f2: float
    ms: float


def question_of(row: dict[str, Any]) -> str:
    """The question with its options."""
    return "\n".join([row["question"], *(row.get("choices") or {}).values()])


def evaluate_rules(
    rows: Sequence[dict[str, Any]], search: RuleSearch, noise: str | None = None
) -> dict[str, Any]:
    """Ask every row and return the measures, with the keys of ``knowledge.evaluate``."""
    spoil = NOISES[noise] if noise else lambda text, rng: text
    rng = random.Random(20260701)  # noqa: S311 - repeatable noise, no secret
    judged = [_judge(row, search, spoil(question_of(row), rng)) for row in rows]
    return summary(judged)


def _judge(row: dict[str, Any], search: RuleSearch, question: str) -> RuleRow:
    started = time.perf_counter()
    result = search(question)
    ms = (time.perf_counter() - started) * 1e3
    return judge([hit.provision.id for hit in result.hits], result.taken, row, ms)


def judge(found: Sequence[str], taken: int, row: dict[str, Any], ms: float = 0.0) -> RuleRow:
    """Judge the ids ``found`` (best first), of which the first ``taken`` were returned."""
    wanted = set(row["relevant_articles"])
    rank = next((at for at, key in enumerate(found, 1) if key in wanted), 0)
    right = len(wanted & set(found[:taken]))
    f2 = 5 * right / (4 * len(wanted) + taken) if right else 0.0
    return RuleRow(rank, f2, ms)


def summary(rows: Sequence[RuleRow]) -> dict[str, Any]:
    """Means with their intervals and times."""
    measures: dict[str, list[float]] = {
        **{f"r{k}": [float(0 < row.rank <= k) for row in rows] for k in RANKS},
        "mrr": [1 / row.rank if row.rank else 0.0 for row in rows],
        "f2": [row.f2 for row in rows],
    }
    made: dict[str, Any] = {"n": len(rows), "labelled": len(rows)}
    for name, values in measures.items():
        made[name] = round(float(np.mean(values)), 4)
        made[f"{name}_ci"] = interval(values)
    for name in ("decision", "false_answers"):
        made[name] = made[f"{name}_ci"] = None
    for percent in (50, 95):
        made[f"p{percent}_ms"] = round(float(np.percentile([row.ms for row in rows], percent)), 2)
    return made
