"""What an official is told of rules and internal processes; nobody else gets here, and retrieval
itself is filtered by the role of the turn."""

from dataclasses import replace

from actions.context import Context
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.blocks import Answer, AnswerBlock, ChoicesBlock, Option
from knowledge.deciding import Decision
from knowledge.rules.answers import Link, process_link
from knowledge.rules.service import Kind, RuleAnswer
from knowledge.search import SearchResult

SEARCHED = ("ask", "nlu_fallback")  # intents that leave it to search what is meant
CANDIDATES = 3  # procedures a question may speak of


def rule_reply(turn: Turn, context: Context) -> Reply | None:
    """The reply of the rules; None for citizens, and where the turn is about something else."""
    rules = context.rules
    if rules is None or not turn.role.sees_internal:
        return None
    if turn.rule:
        shown = rules.show(turn.rule, turn.role)
        return _reply(shown) if shown else None
    if not turn.text or turn.dossier_codes:
        return None
    found = context.knowledge.search(turn.text)
    codes = [hit.code for hit in found.results[:CANDIDATES]]
    answer = rules.ask(turn.text, turn.role, codes, turn.rule_in_hand)
    if answer is None or _about_procedure(turn, answer, found):
        return None
    return _reply(answer)


def _about_procedure(turn: Turn, answer: RuleAnswer, found: SearchResult) -> bool:
    """Whether the question is better left to the catalogue (or to small talk)."""
    sure = found.decision is Decision.ANSWER
    if answer.kind is Kind.PROCESS:
        return sure and answer.code not in [hit.code for hit in found.results[:CANDIDATES]]
    return answer.kind is Kind.SEARCH and (sure or turn.intent not in SEARCHED)


def _reply(answer: RuleAnswer) -> Reply:
    blocks: list[AnswerBlock] = list(answer.blocks)
    options = [_option(link) for link in answer.links]
    outcome = Outcome.RULE_ANSWERED if answer.found else Outcome.RULE_NOT_FOUND
    if answer.kind is Kind.WHICH:
        text = " ".join(block.text for block in blocks if block.type == "notice")
        blocks, options = [ChoicesBlock(text=text, options=options)], []
        outcome = Outcome.CLARIFYING
    slots = {"rule_in_hand": answer.in_hand or None}
    return Reply(Answer(outcome=outcome, blocks=blocks, suggestions=options), slots)


def _option(link: Link) -> Option:
    """A button that asks the rules for one place."""
    return Option(label=link.label, detail=link.detail, intent="ask", slots={"rule": link.key})


def with_process(reply: Reply, turn: Turn, context: Context) -> Reply:
    """``reply`` with a button to the internal process of the procedure shown, for officials."""
    code = reply.slots.get("procedure_code")
    if context.rules is None or code not in context.rules.process_codes(turn.role):
        return reply
    suggestions = [*reply.answer.suggestions, _option(process_link(code))]
    return replace(reply, answer=reply.answer.model_copy(update={"suggestions": suggestions}))
