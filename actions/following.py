"""Whether a question stays with the procedure in hand or turns to another one."""

from actions.turn import Turn
from knowledge.deciding import Decision
from knowledge.search import SearchResult
from knowledge.text.folding import words

LONGEST_FOLLOW_UP = 8  # words beside the asked section; a longer question tells of another need
GOES_ON = frozenset({"the", "vay"})
"""Words that take up what was said ("thế làm ở xã nào cũng được à"), folded."""
LEADS = GOES_ON | {"a", "u", "da", "ok"}
TURNS = frozenset({"con", "sang"})
"""Words that lead to another procedure ("thế còn kết hôn?"), folded."""


def turns_away(turn: Turn, result: SearchResult, name: str) -> bool:
    """Whether the words lead on to something that the procedure in hand is not called by; ``name``:
    its name, '' where there is none."""
    said = words(turn.subject_text)
    while said and said[0] in LEADS:
        said = said[1:]
    if not said or said[0] not in TURNS:
        return False
    return bool(set(words(result.subject)) - set(words(name)) - TURNS)


def stays(turn: Turn, result: SearchResult, away: bool) -> bool:
    """Whether the question is of the procedure in hand: it asks for a section of it, or takes up
    what was said with a few words that fit several procedures. ``away``: see ``turns_away``."""
    if not result.subject or not turn.subject_text:
        return True
    if turn.procedure_in_hand is None or result.names_procedure or turn.corrects or away:
        return False
    if len(words(result.subject)) > LONGEST_FOLLOW_UP:
        return False
    takes_up = words(turn.subject_text)[:1][0] in GOES_ON and result.decision is Decision.CHOOSE
    return bool(turn.sections) or (takes_up and result.event is None)
