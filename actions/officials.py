"""What only officials are told. The role is the gateway's word on the turn, nothing else's."""

from actions.context import Context
from actions.figures import asks_figures, figures_turn
from actions.reply import Reply
from actions.rules import rule_reply
from actions.turn import Turn


async def internal_reply(turn: Turn, context: Context) -> Reply | None:
    """The reply to a question of an official about internal matters; None where it is none, and
    for every citizen."""
    if not turn.role.sees_internal:
        return None
    if turn.text and asks_figures(turn.text):
        return await figures_turn(turn, context)
    return rule_reply(turn, context)
