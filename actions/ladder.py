"""The way on for a person who was not understood: examples near the question, then the fields to
browse, then people to ask; and around again in other words, never a dead end."""

from collections.abc import Sequence

from actions.context import Context
from actions.messages import say, sayings
from actions.options import field_options, offered_codes, or_else, procedure_options
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.blocks import Answer, AnswerBlock, ChoicesBlock, NoticeBlock, Option, TextBlock
from knowledge.search import Hit

NEAREST = 3
STEPS = 3  # examples, fields, people


def missed(turn: Turn, context: Context, outcome: Outcome, near: Sequence[Hit] = ()) -> Reply:
    """The next step of the ladder. ``near``: what comes closest in the catalogue, if anything."""
    round_, step = divmod(turn.misses, STEPS)
    nearest = list(near[:NEAREST])
    words = say(outcome) if turn.misses == 0 else _in_turn(f"missed_{step}", round_)
    blocks: list[AnswerBlock] = [NoticeBlock(text=words, level="warning")]
    slots = {"sections": [str(section) for section in turn.sections], "choices": None}
    if step == 0 and nearest:
        options = procedure_options(nearest)
        blocks.append(ChoicesBlock(text=say("nearest"), options=options))
        slots["choices"] = offered_codes(options)
    elif step == 0:
        blocks.append(TextBlock(text=say("examples")))
    if step == 1:
        blocks.append(ChoicesBlock(text=say("choose_field"), options=field_options()))
    if step == STEPS - 1 or turn.misses == 0:
        blocks.append(context.contact)
    return Reply(Answer(outcome=outcome, blocks=blocks), slots)


def denied(turn: Turn, context: Context) -> Reply:
    """A "no", or "that is wrong": other procedures near the question, then the ladder."""
    if turn.misses:
        return missed(turn, context, Outcome.FALLBACK)
    near = context.knowledge.search(turn.subject_in_hand).results if turn.subject_in_hand else []
    others = [hit for hit in near if hit.code != turn.procedure_in_hand][:NEAREST]
    key = "wrong" if others else "rephrase"
    answer = Answer(outcome=Outcome.CLARIFYING, blocks=[TextBlock(text=say(key))])
    answer.suggestions = [*or_else(others), Option(label=say("officer"), intent="human")]
    return Reply(answer, {"misses": 1, "choices": [hit.code for hit in others] or None})


def _in_turn(key: str, round_: int) -> str:
    """One of the ways to say ``key``, another in every round."""
    ways = sayings(key)
    return ways[round_ % len(ways)]
