"""An answer to our own question that tells the procedures on offer apart: "cấp xã", "lần đầu",
"không có yếu tố nước ngoài"."""

from actions.context import Context
from actions.turn import Turn
from knowledge.records import Procedure
from knowledge.text.folding import words

LONGEST_ANSWER = 8  # words; a longer text is a question of its own
NO = frozenset({"khong", "ko", "k", "chua", "hong"})


def narrowed(turn: Turn, context: Context) -> str | None:
    """The code of the one procedure on offer that fits what was said, None when none or several
    do. ``turn.choices``: the codes on offer."""
    said = words(turn.text)
    if not 0 < len(said) <= LONGEST_ANSWER or len(turn.choices) < 2:
        return None
    found = map(context.knowledge.procedure, turn.choices)
    offered = [procedure for procedure in found if procedure is not None]
    if turn.levels:
        offered = [p for p in offered if set(turn.levels) & set(p.levels)]
        return offered[0].code if len(offered) == 1 else None
    return _by_words(frozenset(said), offered)


def _by_words(said: frozenset[str], offered: list[Procedure]) -> str | None:
    """The one whose name, by the words it does not share with all others, was spoken of most; a
    "no" turns that around where two are left."""
    names = [frozenset(words(procedure.name)) for procedure in offered]
    if len(names) < 2:
        return None
    shared = frozenset.intersection(*names)
    scores = [len((name - shared) & (said - NO)) for name in names]
    if said & NO and len(offered) == 2:
        scores = scores[::-1]
    best = max(scores)
    if not best or scores.count(best) > 1:
        return None
    return offered[scores.index(best)].code
