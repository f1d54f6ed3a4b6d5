"""What a conversation remembers after each turn, by the turn's outcome."""

from typing import Any

from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn

MISSED = frozenset({Outcome.NOT_IN_CATALOGUE, Outcome.FALLBACK, Outcome.OUT_OF_SCOPE})
ASKED_BACK = frozenset({Outcome.CHOICE_OFFERED, Outcome.CLARIFYING})


def remembered(turn: Turn, reply: Reply) -> dict[str, Any]:
    """All slots to set: the reply's own, and the counts that keep a talk from going in circles."""
    slots = dict(reply.slots)
    outcome = Outcome(reply.answer.outcome)
    slots.setdefault("misses", turn.misses + 1 if outcome in MISSED else 0)
    still_asking = outcome in ASKED_BACK or turn.open_form is not None
    slots.setdefault("asked_back", turn.asked_back + 1 if still_asking else 0)
    in_hand = slots.get("procedure_code")
    if in_hand and turn.procedure_in_hand not in (None, in_hand):
        slots["previous_procedure"] = turn.procedure_in_hand
    return slots
