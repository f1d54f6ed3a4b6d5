"""What only officials are told. The role is the gateway's word on the turn, nothing else's."""

from dataclasses import replace

from actions.context import Context
from actions.figures import asks_figures, figures_turn
from actions.reply import Reply
from actions.rules import rule_reply
from actions.turn import Turn


async def internal_reply(turn: Turn, context: Context) -> Reply | None:
    """The reply to a question of an official about internal matters; None where it is none, and
    for every citizen. It ends the turn: a form that the words began, or that is open, is left."""
    if not turn.role.sees_internal:
        return None
    if turn.text and asks_figures(turn.text):
        reply: Reply | None = await figures_turn(turn, context)
    else:
        reply = rule_reply(turn, context)
    return replace(reply, closes_form=True, then="action_listen") if reply else None
