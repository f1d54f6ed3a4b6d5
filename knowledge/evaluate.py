"""Evaluate search on labelled questions: ranking, decisions, speed, each with an interval.

Reads one JSON object a line (architecture, "Contracts"): ``question`` and any of
``expected_code``, ``acceptable_codes``, ``expected_procedure_title``, ``behavior``
(``answer|clarify|apologize|chitchat``), ``history`` (only the user's turns are replayed).
Intervals are 95 % bootstrap percentiles over questions (1,000 resamples, fixed seed).
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.deciding import Decision
from knowledge.errors import OperatorError
from knowledge.search import SearchResult
from knowledge.text.folding import fold, words
from knowledge.text.noise import NOISES

Search = Callable[[str], SearchResult]
RESAMPLES = 1000
NEGATIVE = ("apologize", "chitchat")
BEHAVIOURS = {
    Decision.ANSWER: "answer",
    Decision.CHOOSE: "clarify",
    Decision.NOT_IN_CATALOGUE: "apologize",
    Decision.OUT_OF_SCOPE: "chitchat",
}


@dataclass
class Row:
    """One judged question: rank from 1 (0: not among the first ten; None: no label).

    ``refused`` is told of questions that have an answer, ``negative_answered`` of those that
    have none (``apologize``, ``chitchat``); ``false_answer`` also counts a wrong procedure.
    """

    rank: int | None
    decision_right: bool | None
    false_answer: bool | None
    refused: bool | None
    negative_answered: bool | None
    ms: float


def evaluate(path: Path, search: Search, noise: str | None = None) -> dict[str, Any]:
    """Ask every question of ``path`` and return the measures (keys: architecture, "Contracts").

    Raises OperatorError naming the line for a file that is not of the format.
    """
    spoil = NOISES[noise] if noise else lambda text, rng: text
    rng = random.Random(20260701)  # noqa: S311 - repeatable noise, no secret
    asked = list(read_rows(path))
    if any(row.get("relevant_articles") for row in asked):
        raise OperatorError(f"{path}: mixes questions on rules with others; part the file")
    if not asked:
        raise OperatorError(f"{path}: holds no question")
    rows = [_judge(row, search, lambda text: spoil(text, rng)) for row in asked]
    return _summary(rows)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The questions of a file; raises OperatorError naming the line that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row["question"]
        except (ValueError, KeyError, TypeError) as error:
            raise OperatorError(f"{path}:{number}: no JSON object with a question") from error
        yield row


def _judge(row: dict[str, Any], search: Search, spoil: Callable[[str], str]) -> Row:
    question = spoil(row["question"])
    started = time.perf_counter()
    result = search(question)
    for turn in reversed(row.get("history") or []):
        if result.names_procedure:
            break
        if turn.get("role") == "user":
            result = search(spoil(turn["text"]))
    ms = (time.perf_counter() - started) * 1e3
    rank = _rank(row, result)
    behaviour = BEHAVIOURS[result.decision]
    wanted = row.get("behavior") or ("answer" if rank is not None else None)
    right = None if wanted is None else behaviour == wanted
    answered_wrongly = result.decision is Decision.ANSWER and (
        wanted in NEGATIVE or (rank is not None and rank != 1)
    )
    negative = wanted in NEGATIVE
    return Row(
        rank,
        right,
        answered_wrongly if wanted else None,
        behaviour in NEGATIVE if wanted == "answer" else None,
        result.decision is Decision.ANSWER if negative else None,
        ms,
    )


def _rank(row: dict[str, Any], result: SearchResult) -> int | None:
    codes = set(row.get("acceptable_codes") or [])
    if row.get("expected_code"):
        codes.add(row["expected_code"])
    title = row.get("expected_procedure_title")
    if not codes and not title:
        return None
    for position, hit in enumerate(result.results[:10], 1):
        if hit.code in codes or (not codes and _same_title(title or "", hit.name)):
            return position
    return 0


def _same_title(wanted: str, name: str) -> bool:
    """Whether ``name`` is the title, or holds all its words (short popular titles)."""
    return fold(wanted) == fold(name) or set(words(wanted)) <= set(words(name))


def _summary(rows: list[Row]) -> dict[str, Any]:
    ranks = [row.rank for row in rows if row.rank is not None]
    measures: dict[str, list[float]] = {
        **{f"r{k}": [float(0 < rank <= k) for rank in ranks] for k in (1, 3, 5, 10)},
        "mrr": [1 / rank if rank else 0.0 for rank in ranks],
        "decision": [float(r.decision_right) for r in rows if r.decision_right is not None],
        "false_answers": [float(r.false_answer) for r in rows if r.false_answer is not None],
        "refused": [float(r.refused) for r in rows if r.refused is not None],
        "negatives_answered": [
            float(r.negative_answered) for r in rows if r.negative_answered is not None
        ],
    }
    summary: dict[str, Any] = {"n": len(rows), "labelled": len(ranks)}
    for name, values in measures.items():
        summary[name] = round(float(np.mean(values)), 4) if values else None
        summary[f"{name}_ci"] = interval(values)
    summary["f2"], summary["f2_ci"] = None, None
    times = [row.ms for row in rows]
    for percent in (50, 95):
        summary[f"p{percent}_ms"] = round(float(np.percentile(times, percent)), 2)
    return summary


def interval(values: list[float]) -> list[float] | None:
    """95 % bootstrap interval of the mean, None for no values."""
    if not values:
        return None
    rng = np.random.default_rng(0)
    sample = np.asarray(values)
    means = sample[rng.integers(0, len(sample), (RESAMPLES, len(sample)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]
