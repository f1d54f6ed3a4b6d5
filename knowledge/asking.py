"""The ask inside a story: which clauses of a long question carry it, and how it weighs.

A story is ranked twice, as a whole and by its ask alone; the circumstances still tell cases apart
but no longer outweigh what is asked. Weights were chosen on training stories and everyday-dev
(docs/decisions/0006).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Scores
from knowledge.ranking import Ranked
from knowledge.text.question import Piece, Question

STORY = 20  # words from which on a question is looked at for its ask
ASK_SHARE = 0.3  # of the blended score
WISH, ASKS, LAST, CLOSE = 1.0, 0.5, 0.5, 1.0  # what a clause gains; LAST grows with its place
POLITE, EMPTY = -3.0, -5.0
LEANS = 5  # a question with fewer words of its own belongs to the clause before it
ENOUGH = 5  # words of its own that an ask has; with fewer, the clause before it is taken too

Closeness = Callable[[Sequence[Piece]], Sequence[float]]


def ask_of(question: Question, closeness: Closeness) -> Question | None:
    """The ask of a story, None for a question that is all ask.

    ``closeness`` tells of each clause how near it is to any procedure's name, in any unit.
    """
    pieces = question.pieces
    if len(question.said) < STORY or len(pieces) < 2:
        return None
    near = np.asarray(closeness(pieces))
    near = near / (near.max() or 1.0)
    scores = [_score(pieces, at) + CLOSE * near[at] for at in range(len(pieces))]
    first = last = int(np.argmax(scores))
    while first > 0 and sum(len(piece.core) for piece in pieces[first : last + 1]) < ENOUGH:
        first -= 1
    ask = question.only(first, last)
    return ask if ask.official and len(ask.pieces) < len(pieces) else None


def _score(pieces: Sequence[Piece], at: int) -> float:
    """How likely the clause ``at`` carries the ask, by its build and place alone."""
    clause = pieces[at].clause
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    asked_after = after is not None and after.clause.asks and len(after.core) < LEANS
    score = WISH * clause.wishes + ASKS * (clause.asks or asked_after)
    score += POLITE * clause.polite + LAST * at / (len(pieces) - 1)
    return score + EMPTY * (len(pieces[at].core) < 2)


def blend(whole: Ranked, ask: Ranked) -> Ranked:
    """One ranking of both; a procedure that one of them lacks has that one's lowest score."""
    rows = np.union1d(whole.rows, ask.rows)
    at_whole, at_ask = _places(whole.rows, rows), _places(ask.rows, rows)

    def either(of_whole: NDArray[Any], of_ask: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = np.where(at_whole >= 0, of_whole[at_whole], of_ask[at_ask])
        return found

    scores = (1 - ASK_SHARE) * _or_lowest(whole.scores, at_whole)
    scores += ASK_SHARE * _or_lowest(ask.scores, at_ask)
    order = np.argsort(-scores, kind="stable")
    return Ranked(
        rows=rows[order],
        scores=scores[order].astype(np.float32),
        question_covered=either(whole.question_covered, ask.question_covered)[order],
        name_covered=either(whole.name_covered, ask.name_covered)[order],
        exact=either(whole.exact, ask.exact)[order],
        cosine=either(whole.cosine, ask.cosine)[order],
        known_words=whole.known_words,
    )


def _places(rows: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of ``wanted`` (sorted) stands in ``rows``, -1 where it does not."""
    order = np.argsort(rows)
    found = np.searchsorted(rows[order], wanted)
    found = np.minimum(found, len(rows) - 1)
    places = order[found]
    return np.where(rows[places] == wanted, places, -1)


def _or_lowest(scores: Scores, places: NDArray[np.int64]) -> Scores:
    found: Scores = np.where(places >= 0, scores[places], scores.min(initial=0.0))
    return found
