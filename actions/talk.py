"""Turns about the talk itself: back, anew, no further, an officer."""

from actions.answering import answer_code
from actions.context import Context
from actions.messages import say
from actions.options import field_options
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.blocks import Answer, AnswerBlock, ChoicesBlock, Option, TextBlock

EVERYTHING = ("procedure_code", "previous_procedure", "sections", "choices", "subject", "listing")


def back_turn(turn: Turn, context: Context) -> Reply:
    """The procedure before this one, as a whole."""
    if turn.previous_procedure is None:
        return _text(Outcome.CLARIFYING, "nothing_before")
    return answer_code(turn.previous_procedure, turn, context, turn.sections or turn.last_sections)


def start_over_turn(turn: Turn, context: Context) -> Reply:
    """Nothing is in hand any more; the commune stays known."""
    block = ChoicesBlock(text=say("start_over"), options=field_options())
    slots: dict[str, None] = dict.fromkeys(EVERYTHING)
    return Reply(Answer(outcome=Outcome.SMALL_TALK, blocks=[block]), {**slots}, closes_form=True)


def cancel_turn(turn: Turn, context: Context) -> Reply:
    """The form that is open is given up, with what helps a person who has no code."""
    key = {
        "dossier_form": "cancelled_dossier",
        "digits_form": "cancelled_dossier",
        "commune_form": "cancelled_commune",
    }
    reply = _text(Outcome.SMALL_TALK, key.get(turn.open_form or "", "cancelled"))
    reply.closes_form = True
    if turn.open_form == "dossier_form":
        again = Option(label=say("dossier_later"), intent="dossier_status")
        reply.answer.suggestions = [again]
    return reply


def human_turn(turn: Turn, context: Context) -> Reply:
    """Whom to turn to; the assistant can put nobody through."""
    blocks: list[AnswerBlock] = [TextBlock(text=say("human")), context.contact]
    return Reply(Answer(outcome=Outcome.HANDED_OVER, blocks=blocks), closes_form=True)


def _text(outcome: Outcome, key: str) -> Reply:
    return Reply(Answer(outcome=outcome, blocks=[TextBlock(text=say(key))]))
