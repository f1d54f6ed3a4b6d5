"""Decide what a turn is about and answer it from the catalogue."""

import time
from dataclasses import replace

from actions.communes import WHERE, asks_where, commune_turn, reception, told
from actions.context import Context
from actions.correcting import at_level, meant, sets_right
from actions.following import stays, turns_away
from actions.ladder import denied, missed
from actions.messages import say
from actions.narrowing import narrowed
from actions.options import offered_codes, or_else, other_levels, procedure_options, record_options
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.several import several_reply
from actions.turn import Turn
from knowledge.blocks import Answer, AnswerBlock, ChoicesBlock, Option, TextBlock
from knowledge.deciding import Decision
from knowledge.everyday import Event
from knowledge.messages import messages
from knowledge.passages import asked_fact
from knowledge.places import without_places
from knowledge.records import Procedure, SectionKey
from knowledge.search import Hit, SearchResult
from knowledge.shaping import NO_WISHES

MAX_CHOICES = 5
MOST_ASKED_BACK = 2  # times in a row; then the best answer is given, with a way out
CHOICE_MARGIN = 0.35  # candidates this near to the best are offered
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
    commune = told(turn.text)
    turn = replace(
        turn,
        commune=commune or turn.commune,
        subject_text=without_places(turn.subject_text),
        corrects=sets_right(turn),
    )
    reply = _answer(turn, context)
    if commune:
        reply.slots["commune"] = commune
    patience_is_over = turn.asked_back >= MOST_ASKED_BACK
    reply.closes_form = turn.open_form == "commune_form" or patience_is_over
    return reply


def _answer(turn: Turn, context: Context) -> Reply:
    if turn.procedure_codes:
        return answer_code(turn.procedure_codes[0], turn, context)
    only_a_place = turn.commune and turn.text and not turn.subject_text and not turn.sections
    if turn.told_commune or only_a_place:
        return commune_turn(turn, context)
    if not turn.text:
        return _follow_up(turn, context)
    if turn.intent == "affirm" and (turn.choices or turn.procedure_in_hand):
        code = turn.choices[0] if turn.choices else turn.procedure_in_hand
        return answer_code(code or "", turn, context, turn.last_sections)
    if turn.intent == "deny" and not turn.corrects:
        return denied(turn, context)
    if code := narrowed(turn, context):
        return answer_code(code, turn, context, turn.sections or turn.last_sections)
    if code := at_level(turn, context):
        return answer_code(code, turn, context, turn.sections or turn.last_sections)
    in_hand = context.knowledge.procedure(turn.procedure_in_hand or "")
    name = in_hand.name if in_hand else ""
    if name and _asks_a_fact(turn, name):
        return _follow_up(turn, context)
    started = time.perf_counter()
    result = _search(turn, context)
    searched = (time.perf_counter() - started) * 1e3
    reply = _by_decision(turn, result, name, context)
    reply.answer.timings_ms = {**result.timings_ms, "search": searched}
    return reply


def _asks_a_fact(turn: Turn, name: str) -> bool:
    """Whether the question is of one fact alone ("bản sao có cần công chứng không")."""
    fact = None if turn.corrects else asked_fact(turn.question, name)
    return fact is not None and fact.alone


def _search(turn: Turn, context: Context) -> SearchResult:
    if turn.corrects and turn.subject_text:
        return meant(turn, context)
    return context.knowledge.search(turn.subject_text or turn.text)


def _by_decision(turn: Turn, result: SearchResult, name: str, context: Context) -> Reply:
    """``name``: of the procedure in hand, '' where there is none."""
    if several := several_reply(turn, result, context):
        return several
    if turn.choices and turn.ordinals and not result.names_procedure:
        return choose_turn(turn, context)
    away = turns_away(turn, result, name)
    if stays(turn, result, away):
        return _follow_up(turn, context)
    hits = _of_level(result.results, turn.levels)
    only_one = result.decision is Decision.CHOOSE and len(hits) == 1 and not result.event
    enough = result.decision is Decision.CHOOSE and turn.asked_back >= MOST_ASKED_BACK
    leads_on = result.decision is Decision.CHOOSE and (away or turn.corrects)
    if result.decision is Decision.ANSWER or only_one or enough or leads_on:
        sections = turn.sections or (turn.last_sections if turn.procedure_in_hand else [])
        reply = answer_code(hits[0].code, turn, context, sections)
        shown = offered_codes(reply.answer.suggestions)
        others = [hit for hit in hits[1:] if hit.code not in shown]
        reply.answer.suggestions += or_else(others[:MAX_OTHERS])
        if enough:
            reply.answer.blocks.insert(0, TextBlock(text=say("maybe_this")))
            reply.answer.suggestions.append(Option(label=say("officer"), intent="human"))
    elif result.event:
        reply = _event_choices(turn, result.event)
    elif result.decision is Decision.CHOOSE:
        reply = _choices(turn, hits)
    elif result.decision is Decision.OUT_OF_SCOPE:
        return missed(turn, context, Outcome.OUT_OF_SCOPE)
    else:
        reply = missed(turn, context, Outcome.NOT_IN_CATALOGUE, result.results)
    reply.slots["subject"] = result.subject
    return reply


def _of_level(hits: list[Hit], levels: list[str]) -> list[Hit]:
    best = hits[0].score if hits else 0.0
    near = [hit for hit in hits if best - hit.score <= CHOICE_MARGIN][:MAX_CHOICES]
    named = [hit for hit in near if set(levels) & set(hit.level.split(","))]
    return named or near


def answer_code(
    code: str, turn: Turn, context: Context, sections: list[SectionKey] | None = None
) -> Reply:
    """The asked sections of one procedure (those of the turn unless given), and who takes the
    dossier where that was asked; says so when no record has the code."""
    asked = turn.sections if sections is None else sections
    procedure = context.knowledge.procedure(code)
    if procedure is None:
        text = say("code_not_found", code=code)
        blocks: list[AnswerBlock] = [TextBlock(text=text), context.contact]
        return Reply(Answer(outcome=Outcome.NOT_IN_CATALOGUE, blocks=blocks))
    fact = asked_fact(turn.question, procedure.name)
    answer = Answer(
        outcome=Outcome.ANSWERED,
        blocks=context.knowledge.answer(procedure, asked, fact, turn.wishes),
        suggestions=[
            *other_levels(context.knowledge.at_other_levels(procedure)),
            *_other_sections(procedure, asked),
        ],
    )
    where = WHERE & set(asked) and reception(procedure, turn.commune)
    if where:
        answer.blocks.insert(1, where)
    slots = {
        "procedure_code": procedure.code,
        "sections": [str(section) for section in asked],
        "choices": None,
    }
    then = "commune_form" if asks_where(turn, procedure, asked) else None
    return Reply(answer, slots, then)


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
        only_wishes = turn.wishes != NO_WISHES and not turn.sections
        sections = turn.last_sections if only_wishes else turn.sections
        return answer_code(turn.procedure_in_hand, turn, context, sections)
    if turn.choices:
        return _choices_again(turn, context)
    reply = _say(Outcome.CLARIFYING, "which_procedure")
    reply.slots = {"sections": [str(section) for section in turn.sections]}
    return reply


def _choices(turn: Turn, hits: list[Hit]) -> Reply:
    block = ChoicesBlock(text=say("choose", count=len(hits)), options=procedure_options(hits))
    return _offered(turn, block)


def _choices_again(turn: Turn, context: Context) -> Reply:
    """The choices that are open, now with the section that was asked meanwhile."""
    found = [context.knowledge.procedure(code) for code in turn.choices[:MAX_CHOICES]]
    offered = [procedure for procedure in found if procedure is not None]
    block = ChoicesBlock(text=say("choose_first"), options=record_options(offered))
    return _offered(turn, block)


def _event_choices(turn: Turn, event: Event) -> Reply:
    options = [
        Option(label=label, intent="choose", slots={"procedure_code": code})
        for code, label in event.choices
    ]
    block = ChoicesBlock(text=event.ask, options=options)
    return _offered(turn, block)


def _offered(turn: Turn, block: ChoicesBlock) -> Reply:
    slots = {
        "choices": offered_codes(block.options),
        "sections": [str(section) for section in turn.sections],
        "procedure_code": None,
    }
    return Reply(Answer(outcome=Outcome.CHOICE_OFFERED, blocks=[block]), slots)


def choose_turn(turn: Turn, context: Context) -> Reply:
    """The reply to a choice: a button, or an ordinal into the open list ("cái thứ hai")."""
    sections = turn.sections or turn.last_sections
    if turn.procedure_codes:
        return answer_code(turn.procedure_codes[0], turn, context, sections)
    if not turn.choices:
        return _follow_up(turn, context)
    position = turn.ordinals[0] if turn.ordinals else 0
    index = len(turn.choices) - 1 if position == -1 else position - 1
    if 0 <= index < len(turn.choices):
        return answer_code(turn.choices[index], turn, context, sections)
    if code := narrowed(turn, context):
        return answer_code(code, turn, context, sections)
    return _say(Outcome.CLARIFYING, "choose_again")


def fallback_turn(turn: Turn, context: Context) -> Reply:
    """Nothing was understood."""
    return missed(turn, context, Outcome.FALLBACK)


def _say(outcome: Outcome, key: str) -> Reply:
    return Reply(Answer(outcome=outcome, blocks=[TextBlock(text=say(key))]))
