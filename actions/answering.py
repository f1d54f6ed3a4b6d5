"""Decide what a turn is about and answer it from the catalogue."""

import time

from actions.context import Context
from actions.messages import say
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.blocks import Answer, AnswerBlock, ChoicesBlock, NoticeBlock, Option, TextBlock
from knowledge.deciding import Decision
from knowledge.everyday import Event
from knowledge.messages import messages
from knowledge.records import Procedure, SectionKey
from knowledge.search import Hit, SearchResult

MAX_CHOICES = 5
CHOICE_MARGIN = 0.35  # candidates this near to the best are offered
NEAREST = 3
MAX_OTHERS = 2  # near procedures offered under an answer
OFFERED_SECTIONS = (
    SectionKey.COMPONENTS,
    SectionKey.FEES,
    SectionKey.STEPS,
    SectionKey.AGENCY,
    SectionKey.CONDITIONS,
    SectionKey.LEGAL_BASIS,
)


def answer_turn(turn: Turn, context: Context) -> Reply:
    """The reply to a question, a follow-up, or a yes or no to our own question."""
    if turn.procedure_codes:
        return answer_code(turn.procedure_codes[0], turn.sections, context)
    if not turn.text:
        return _follow_up(turn, context)
    if turn.intent == "affirm" and turn.choices:
        return answer_code(turn.choices[0], turn.last_sections, context)
    if turn.intent == "deny":
        return _say(Outcome.CLARIFYING, "rephrase")
    started = time.perf_counter()
    result = context.knowledge.search(turn.subject_text or turn.text)
    searched = (time.perf_counter() - started) * 1e3
    reply = _by_decision(turn, result, context)
    reply.answer.timings_ms = {**result.timings_ms, "search": searched}
    return reply


def _by_decision(turn: Turn, result: SearchResult, context: Context) -> Reply:
    about_in_hand = turn.procedure_in_hand and turn.sections and not result.names_procedure
    if not result.subject or not turn.subject_text or about_in_hand:
        return _follow_up(turn, context)
    hits = _of_level(result.results, turn.levels)
    narrowed = result.decision is Decision.CHOOSE and len(hits) == 1 and not result.event
    if result.decision is Decision.ANSWER or narrowed:
        sections = turn.sections or (turn.last_sections if turn.procedure_in_hand else [])
        reply = answer_code(hits[0].code, sections, context)
        reply.answer.suggestions += _or_else(hits[1 : 1 + MAX_OTHERS])
        return reply
    if result.event:
        return _event_choices(turn, result.event)
    if result.decision is Decision.CHOOSE:
        return _choices(turn, hits)
    if result.decision is Decision.OUT_OF_SCOPE:
        return _say(Outcome.OUT_OF_SCOPE, "out_of_scope")
    return _not_in_catalogue(turn, result, context)


def _of_level(hits: list[Hit], levels: list[str]) -> list[Hit]:
    best = hits[0].score if hits else 0.0
    near = [hit for hit in hits if best - hit.score <= CHOICE_MARGIN][:MAX_CHOICES]
    named = [hit for hit in near if set(levels) & set(hit.level.split(","))]
    return named or near


def answer_code(code: str, sections: list[SectionKey], context: Context) -> Reply:
    """The asked sections of one procedure; says so when no record has the code."""
    procedure = context.knowledge.procedure(code)
    if procedure is None:
        text = say("code_not_found", code=code)
        blocks: list[AnswerBlock] = [TextBlock(text=text), context.contact]
        return Reply(Answer(outcome=Outcome.NOT_IN_CATALOGUE, blocks=blocks))
    answer = Answer(
        outcome=Outcome.ANSWERED,
        blocks=context.knowledge.answer(procedure, sections),
        suggestions=_other_sections(procedure, sections),
    )
    slots = {
        "procedure_code": procedure.code,
        "sections": [str(section) for section in sections],
        "choices": None,
    }
    return Reply(answer, slots)


def _other_sections(procedure: Procedure, shown: list[SectionKey]) -> list[Option]:
    labels = messages()["section_buttons"]
    known = set(shown or (SectionKey.COMPONENTS, SectionKey.FEES))
    return [
        Option(label=labels[key], intent="ask", slots={"section": key})
        for key in OFFERED_SECTIONS
        if key not in known and key in procedure.sections
    ]


def _follow_up(turn: Turn, context: Context) -> Reply:
    if turn.procedure_in_hand:
        return answer_code(turn.procedure_in_hand, turn.sections, context)
    reply = _say(Outcome.CLARIFYING, "which_procedure")
    reply.slots = {"sections": [str(section) for section in turn.sections]}
    return reply


def _choices(turn: Turn, hits: list[Hit]) -> Reply:
    block = ChoicesBlock(text=say("choose", count=len(hits)), options=_options(hits))
    slots = {
        "choices": [hit.code for hit in hits],
        "sections": [str(section) for section in turn.sections],
        "procedure_code": None,
    }
    return Reply(Answer(outcome=Outcome.CHOICE_OFFERED, blocks=[block]), slots)


def _event_choices(turn: Turn, event: Event) -> Reply:
    options = [
        Option(label=label, intent="choose", slots={"procedure_code": code})
        for code, label in event.choices
    ]
    slots = {
        "choices": [code for code, _ in event.choices],
        "sections": [str(section) for section in turn.sections],
        "procedure_code": None,
    }
    block = ChoicesBlock(text=event.ask, options=options)
    return Reply(Answer(outcome=Outcome.CHOICE_OFFERED, blocks=[block]), slots)


def _or_else(hits: list[Hit]) -> list[Option]:
    """Near procedures, for a person whose need was another one."""
    return [
        Option(
            label=say("or_else", name=hit.name),
            intent="choose",
            slots={"procedure_code": hit.code},
        )
        for hit in hits
    ]


def _options(hits: list[Hit]) -> list[Option]:
    levels = messages()["levels"]
    options = []
    for hit in hits:
        named = [levels[level] for level in hit.level.split(",") if level]
        detail = " · ".join([*filter(None, [hit.field]), *named])
        choice = {"procedure_code": hit.code}
        options.append(Option(label=hit.name, detail=detail, intent="choose", slots=choice))
    return options


def _not_in_catalogue(turn: Turn, result: SearchResult, context: Context) -> Reply:
    near = result.results[:NEAREST]
    blocks: list[AnswerBlock] = [NoticeBlock(text=say("not_in_catalogue"), level="warning")]
    if near:
        blocks.append(ChoicesBlock(text=say("nearest"), options=_options(near)))
    blocks.append(context.contact)
    slots = {
        "choices": [hit.code for hit in near],
        "sections": [str(section) for section in turn.sections],
    }
    return Reply(Answer(outcome=Outcome.NOT_IN_CATALOGUE, blocks=blocks), slots)


def choose_turn(turn: Turn, context: Context) -> Reply:
    """The reply to a choice: a button, or an ordinal into the open list ("cái thứ hai")."""
    if turn.procedure_codes:
        return answer_code(turn.procedure_codes[0], turn.sections or turn.last_sections, context)
    if not turn.choices:
        return _follow_up(turn, context)
    position = turn.ordinals[0] if turn.ordinals else 0
    index = len(turn.choices) - 1 if position == -1 else position - 1
    if 0 <= index < len(turn.choices):
        return answer_code(turn.choices[index], turn.sections or turn.last_sections, context)
    return _say(Outcome.CLARIFYING, "choose_again")


def fallback_turn(turn: Turn, context: Context) -> Reply:
    """Nothing was understood: an example and whom to ask."""
    blocks: list[AnswerBlock] = [TextBlock(text=say("fallback")), context.contact]
    return Reply(Answer(outcome=Outcome.FALLBACK, blocks=blocks))


def _say(outcome: Outcome, key: str) -> Reply:
    return Reply(Answer(outcome=outcome, blocks=[TextBlock(text=say(key))]))
