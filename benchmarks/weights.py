"""Fit the weights of ranking: ``python -m benchmarks.weights``.

Learns from the training needs (``knowledge/everyday/decisions/answer.yml``, as written and without
diacritics) over the index in force: the right procedure against the other candidates, softmax,
held near the weights once chosen by hand. Prints R@1 of needs that were left out of the fit (five
parts) and the weights to put into ``knowledge.ranking.Weights``.
"""

from dataclasses import astuple

import numpy as np
import torch
from numpy.typing import NDArray

from bot.settings import Settings
from knowledge import everyday, index
from knowledge.asking import ASK_SHARE
from knowledge.encoder import load_encoder
from knowledge.index import Scores
from knowledge.ranking import FEATURES, Ranker, Weights
from knowledge.search import RankedQuestions
from knowledge.text.folding import fold

BY_HAND = Weights(0.4, 0.0, 0.3, 0.3, 0.3, 0.5, -0.45, 0.0, 0.5, -0.5)
SHARPNESS = 8.0  # of the softmax over scores
NEARNESS = 1e-3  # how strongly weights are held near those by hand
PARTS = 5
DEPTH = 40
Need = tuple[Scores, int]
"""Features of the candidates, shape (candidates, features), and which of them is right."""


def needs(ranking: RankedQuestions, ranker: Ranker) -> list[Need]:
    """The training needs whose procedure is among the candidates; both spellings of one follow
    each other."""
    row_of = {facts.code: row for row, facts in enumerate(ranking.index.facts)}
    rows = [row for row in everyday.decisions() if row.code in row_of]
    found = []
    for say, row in ((spell(row.say), row) for row in rows for spell in (str, fold)):
        rows, features = _candidates(say, ranking, ranker)
        right = np.flatnonzero(rows == row_of[row.code or ""])
        if len(right):
            found.append((features, int(right[0])))
    return found


def _candidates(
    say: str, ranking: RankedQuestions, ranker: Ranker
) -> tuple[NDArray[np.int64], Scores]:
    """The best candidates of the whole question; features blended as search blends scores."""
    question = ranking.read(say)
    vectors = ranking.encode(question)
    asked = [question, question.ask] if question.ask else [question]
    every = np.ones(len(ranking.index.facts), dtype=bool)
    seen = [
        ranker.candidates(one, ranking.index.dense_scores(vector), every)
        for one, vector in zip(asked, vectors, strict=True)
    ]
    rows, features = seen[0]
    by_hand = np.array(astuple(BY_HAND), dtype=np.float32)
    if len(seen) > 1:
        of_row = dict(zip(*seen[1], strict=True))
        lowest = min(seen[1][1], key=lambda found: float(found @ by_hand))
        ask = np.array([of_row.get(row, lowest) for row in rows])
        features = (1 - ASK_SHARE) * features + ASK_SHARE * ask
    best = np.argsort(-features @ by_hand, kind="stable")[:DEPTH]
    return rows[best], features[best].astype(np.float32)


def fit(taught: list[Need]) -> Scores:
    """The weights, shape (features,), that put the right candidates first."""
    depth = max(len(features) for features, _ in taught)
    padded = torch.zeros(len(taught), depth, len(FEATURES))
    there = torch.zeros(len(taught), depth, dtype=torch.bool)
    for at, (features, _) in enumerate(taught):
        padded[at, : len(features)] = torch.from_numpy(features)
        there[at, : len(features)] = True
    right = torch.tensor([right for _, right in taught])
    by_hand = SHARPNESS * torch.tensor(astuple(BY_HAND))
    weights = by_hand.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = (padded @ weights).masked_fill(~there, -1e9)
        missed = torch.nn.functional.cross_entropy(scores, right)
        total = missed + NEARNESS * ((weights - by_hand) ** 2).sum()
        total.backward()
        return total

    optimiser.step(loss)
    fitted: Scores = weights.detach().numpy() / SHARPNESS
    return fitted


def first(weights: Scores, tried: list[Need]) -> float:
    """R@1 of ``weights``, over needs whose procedure is a candidate."""
    return float(np.mean([np.argmax(features @ weights) == right for features, right in tried]))


def main() -> None:
    settings = Settings()
    encoder = load_encoder("default", settings.cache_dir)
    ranking = RankedQuestions(index.load(settings.cache_dir / "index"), encoder)
    found = needs(ranking, Ranker(ranking.index))
    parts = [found[at : at + 2] for at in range(0, len(found), 2)]
    left_out = []
    for part in range(PARTS):
        taught = [need for at, both in enumerate(parts) if at % PARTS != part for need in both]
        tried = [need for at, both in enumerate(parts) if at % PARTS == part for need in both]
        left_out.append(first(fit(taught), tried))
    for name, weights in (("by hand", BY_HAND), ("in force", Weights())):
        print(f"R@1 {name}: {first(np.array(astuple(weights), dtype=np.float32), found):.4f}")
    print(f"R@1 fitted, of needs left out: {np.mean(left_out):.4f}")
    for name, weight in zip(FEATURES, fit(found), strict=True):
        print(f"{name:20} {weight:6.3f}")


if __name__ == "__main__":
    main()
