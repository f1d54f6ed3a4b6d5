"""Measure the search over rules, and fit its weights: ``python -m benchmarks.rules FOLDER``.

FOLDER holds ``alqac2024-law.jsonl.xz`` and ``alqac2024-questions.jsonl``. Weights are fitted as the
ranking's are (softmax of a relevant article against the other candidates, held near zero) and
judged by cross-validation: five times five parts, each ranked by weights fitted on the other four.
What is printed as fitted goes into ``knowledge/rules/search.py`` by hand. Writes a section of
``docs/quality.md``.
"""

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.figures import machine
from benchmarks.pages import DOCS, write_section
from bot.settings import Settings
from knowledge.encoder import load_encoder
from knowledge.evaluate import read_rows
from knowledge.roles import Role
from knowledge.rules.evaluate import evaluate_rules, judge, question_of, summary
from knowledge.rules.importers import open_rules
from knowledge.rules.index import build, load
from knowledge.rules.records import RuleDocument
from knowledge.rules.search import SURENESS, WEIGHTS, RuleSearcher, taken
from knowledge.text.folding import fold

Array = NDArray[np.float64]
PENALTY = 0.05
SHARPNESS = 10.0
ROUNDS = PARTS = 5
CANDIDATES = 40
SIGNALS = ("whole", "clauses", "accented", "dense", "document")
TODAY = dt.date(2026, 7, 1)
HEAD = """
Written by `python -m benchmarks.rules` on {date}: {articles} articles of 17 laws (ALQAC 2024), {n}
development questions, {machine}, load average {load:.0f} while measured (times are of
an idle machine where it is below 1). The options of a multiple-choice question are asked with it,
except in the last row. Weights were chosen on these questions, so the row "cross-validated" is the
one to expect on others. Plain BM25 over whole articles: R@1 .844, R@5 .939, macro-F2 .842.
Intervals as above.

| questions | R@1 | R@5 | R@10 | macro-F2 | p50 ms | p95 ms |
|---|---|---|---|---|---|---|
"""


class Asked:
    """The questions with the signals of every article, shape (articles, signals) each."""

    def __init__(self, rows: list[dict[str, Any]], searcher: RuleSearcher) -> None:
        self.rows = rows
        visible = searcher.standing(Role.OFFICIAL, TODAY, past=False)
        self.ids = [searcher.index.provisions[row].id for row in visible]
        place = {key: at for at, key in enumerate(self.ids)}
        self.right = [[place[key] for key in row["relevant_articles"]] for row in rows]
        texts = [question_of(row) for row in rows]
        self.signals = [searcher.signals(searcher.read(text), visible).features for text in texts]

    def ranked(self, at: int, weights: Array) -> tuple[list[str], int]:
        """The ten best ids of one question, and how many of them are returned."""
        scores = self.signals[at] @ weights
        best = np.argsort(-scores, kind="stable")[:10]
        odds = np.exp(SURENESS * (scores[best] - scores[best[0]]))
        return [self.ids[place] for place in best], taken(odds / odds.sum())


def fit(asked: Asked, chosen: Array) -> Array:
    """Weights fitted on the questions at ``chosen``."""
    cases = []
    for at in chosen:
        signals = asked.signals[at].astype(np.float64)
        near = np.union1d(np.argsort(-signals.sum(axis=1))[:CANDIDATES], asked.right[at])
        cases.append((signals[near], np.isin(near, asked.right[at])))

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for signals, right in cases:
            scores = SHARPNESS * signals @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            mine = chances * right / (chances * right).sum()
            total -= float(np.log((chances * right).sum()))
            slope -= SHARPNESS * signals.T @ (mine - chances)
        penalty = PENALTY * float(weights @ weights)
        return total / len(cases) + penalty, slope / len(cases) + 2 * PENALTY * weights

    start = np.full(len(SIGNALS), 0.2)
    bounds = [(0, None)] * len(SIGNALS)
    found: Array = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found


def cross_validated(asked: Asked) -> dict[str, Any]:
    """Measures of questions ranked by weights that never saw them."""
    rng = np.random.default_rng(0)
    judged = []
    for _ in range(ROUNDS):
        order = rng.permutation(len(asked.rows))
        for part in range(PARTS):
            held = order[part::PARTS]
            weights = fit(asked, np.setdiff1d(order, held))
            judged += [judge(*asked.ranked(at, weights), asked.rows[at]) for at in held]
    return summary(judged)


def _row(name: str, measures: dict[str, Any], whole: bool = True) -> str:
    """A row of the table; without intervals and times where questions were judged repeatedly."""
    cells = []
    for key in ("r1", "r5", "r10", "f2"):
        low, high = measures[f"{key}_ci"]
        cells.append(f"{measures[key]:.3f}" + (f" ({low:.3f}-{high:.3f})" if whole else ""))
    times = [f"{measures[key]:.0f}" if whole else "-" for key in ("p50_ms", "p95_ms")]
    return f"| {' | '.join([name, *cells, *times])} |\n"


def main(folder: Path) -> None:
    settings = Settings()
    encoder = load_encoder("default", settings.cache_dir)
    laws = folder / "alqac2024-law.jsonl.xz"
    documents = [read for read in open_rules(laws) if isinstance(read, RuleDocument)]
    where = settings.cache_dir / "benchmark-rules"
    manifest = build(documents, encoder, where, lambda done, total: print(f"{done}/{total}"))
    searcher = RuleSearcher(load(where), encoder)
    rows = list(read_rows(folder / "alqac2024-questions.jsonl"))
    asked = Asked(rows, searcher)
    print("in use", dict(zip(SIGNALS, map(float, WEIGHTS), strict=True)))
    print("fitted", dict(zip(SIGNALS, fit(asked, np.arange(len(rows))).round(2), strict=True)))

    def search(text: str) -> Any:
        return searcher.search(text, Role.OFFICIAL, TODAY)

    for row in rows[:20]:
        search(fold(question_of(row)))
    text = HEAD.format(
        date=dt.date.today().isoformat(), articles=manifest.provisions, n=len(rows),
        machine=machine(), load=os.getloadavg()[0],
    )  # fmt: skip
    for noise in (None, "folded", "typo", "telex"):
        text += _row(noise or "as they are", evaluate_rules(rows, search, noise))
    text += _row("cross-validated", cross_validated(asked), whole=False)
    bare = [{key: row[key] for key in row if key != "choices"} for row in rows]
    text += _row("without their options", evaluate_rules(bare, search))
    write_section(DOCS / "quality.md", "Rules", text)
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
