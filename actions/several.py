"""Several procedures in one question: a choice among them, or how their records differ."""

from collections.abc import Sequence

from actions.context import Context
from actions.messages import say
from actions.options import offered_codes, procedure_options, record_options
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.answers import head
from knowledge.blocks import Answer, AnswerBlock, ChoicesBlock, NoticeBlock, TextBlock
from knowledge.comparing import differences
from knowledge.deciding import Decision
from knowledge.records import Procedure
from knowledge.search import Hit, SearchResult, Together

COMPARED = 2  # of an open list, where the person names none


def several_reply(turn: Turn, result: SearchResult, context: Context) -> Reply | None:
    """The reply to a question about several procedures, None for one about a single one."""
    if result.compares:
        found = [context.knowledge.procedure(code) for code in _compared(turn, result)]
        records = [record for record in found if record is not None]
        return _comparison(turn, records) if len(records) > 1 else None
    if result.together is None or result.decision is Decision.OUT_OF_SCOPE:
        return None
    return _choice(turn, result, result.together)


def _compared(turn: Turn, result: SearchResult) -> list[str]:
    """The codes a comparison is about: those named, picked from the open list, or seen last."""
    if result.together is not None:
        return [hit.code for hit in result.together.hits]
    picked = [turn.choices[place - 1] for place in turn.ordinals if 0 < place <= len(turn.choices)]
    if len(picked) > 1:
        return picked
    if turn.choices:
        return turn.choices[:COMPARED]
    seen = (turn.previous_procedure, turn.procedure_in_hand)
    return [code for code in seen if code]


def _choice(turn: Turn, result: SearchResult, together: Together) -> Reply:
    """What does all together first, then each part, then what the whole question is nearest to."""
    linked = together.linked
    hits = [*([linked] if linked else []), *together.hits, *result.results[:1]]
    offered: list[Hit] = list({hit.code: hit for hit in hits}.values())
    words = say("several_linked" if linked else "several")
    block = ChoicesBlock(text=words, options=procedure_options(offered))
    slots = {**_remembered(turn, offered_codes(block.options)), "subject": result.subject}
    return Reply(Answer(outcome=Outcome.CHOICE_OFFERED, blocks=[block]), slots)


def _comparison(turn: Turn, records: Sequence[Procedure]) -> Reply:
    """The heads of the records, and the facts in which they differ, word for word."""
    differ, same = differences(records)
    lines = [
        f"{label}: " + "; ".join(_placed(place, value) for place, value in enumerate(values, 1))
        for label, values in differ
    ]
    if same:
        lines.append(say("comparison_same", labels=", ".join(same)))
    blocks: list[AnswerBlock] = [head(record, brief=True) for record in records]
    blocks.append(TextBlock(title=say("comparison"), text="\n".join(lines)))
    blocks.append(NoticeBlock(text=say("comparison_note")))
    answer = Answer(outcome=Outcome.ANSWERED, blocks=blocks, suggestions=record_options(records))
    return Reply(answer, _remembered(turn, [record.code for record in records]))


def _placed(place: int, value: str) -> str:
    return f"{say('comparison_place', place=place)} {value or say('not_told')}"


def _remembered(turn: Turn, codes: list[str]) -> dict[str, object]:
    sections = [str(section) for section in turn.sections]
    return {"choices": codes, "sections": sections, "procedure_code": None}
