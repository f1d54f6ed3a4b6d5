"""Whether a question stays with the procedure in hand or turns to another one."""

from actions.context import Context
from actions.turn import Turn
from knowledge.deciding import Decision
from knowledge.search import SearchResult
from knowledge.text.folding import words

LONGEST_FOLLOW_UP = 8  # words beside the asked section; a longer question tells of another need
LEADS = frozenset({"the", "vay", "a", "u", "da", "ok"})
TURNS = frozenset({"con", "sang"})
"""Words that lead to another procedure ("thế còn kết hôn?"), folded."""


def turns_away(turn: Turn, result: SearchResult, context: Context) -> bool:
    """Whether the words lead on to something that the procedure in hand is not called by."""
    said = words(turn.subject_text)
    while said and said[0] in LEADS:
        said = said[1:]
    if not said or said[0] not in TURNS:
        return False
    in_hand = context.knowledge.procedure(turn.procedure_in_hand or "")
    known = set(words(in_hand.name)) if in_hand else set()
    return bool(set(words(result.subject)) - known - TURNS)


def stays(turn: Turn, result: SearchResult, context: Context) -> bool:
    """Whether the question is of the procedure in hand: it asks for a section of it, or is a few
    words that search cannot place anywhere else."""
    if not result.subject or not turn.subject_text:
        return True
    if turn.procedure_in_hand is None or result.names_procedure or turn.corrects:
        return False
    if len(words(result.subject)) > LONGEST_FOLLOW_UP or turns_away(turn, result, context):
        return False
    placed = result.decision in (Decision.ANSWER, Decision.OUT_OF_SCOPE) or result.event
    return bool(turn.sections) or not placed
