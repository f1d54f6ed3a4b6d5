"""Clauses of a question: where each begins, whether it asks, wishes or thanks, what it denies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.everyday.cues import Cues, Phrases

SHORTEST = 3  # words a clause has before a joining word may end it; a sign always does
SIGN = re.compile(r"[.,;:!?…\n]")


@dataclass(frozen=True)
class Clause:
    """Words ``start`` to ``end`` (not included) of a question. ``denied``: the word from which on
    the clause tells what is not meant, ``end`` where it denies nothing."""

    start: int
    end: int
    denied: int
    wishes: bool
    asks: bool
    polite: bool


def split(
    said: Sequence[str], gaps: Sequence[str], cues: Cues, not_denied: Phrases
) -> list[Clause]:
    """The clauses of ``said`` (accented, lower case); ``gaps[i]`` is what stands before word i.

    ``not_denied``: phrases with a denial that belong to names ("không phải là tàu bay").
    """
    if not said:
        return []
    cuts = [0]
    for at in range(1, len(said)):
        joined = at - cuts[-1] >= SHORTEST and cues.begin.length_at(said, at)
        if joined or SIGN.search(gaps[at]):
            cuts.append(at)
    return [
        _clause(said, start, end, cues, not_denied)
        for start, end in zip(cuts, [*cuts[1:], len(said)], strict=True)
    ]


def _clause(said: Sequence[str], start: int, end: int, cues: Cues, not_denied: Phrases) -> Clause:
    words = said[start:end]
    return Clause(
        start,
        end,
        start + _denied(words, cues, not_denied),
        cues.wish.stand_in(words),
        cues.ask.stand_in(words),
        cues.polite.stand_in(words),
    )


def _denied(words: Sequence[str], cues: Cues, not_denied: Phrases) -> int:
    """Where in ``words`` a denial begins that has something to deny; their number for none."""
    for at in range(len(words)):
        length = cues.deny.length_at(words, at)
        if not length or at + length == len(words) or not_denied.length_at(words, at):
            continue
        if not cues.deny_not_after.stand_in(words[:at]):
            return at
    return len(words)
