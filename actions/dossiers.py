"""Where dossiers stand, in words a person can act on; nothing but what ``DossierStatus`` holds."""

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from actions.context import Context
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from connectors.codes import DIGITS, ReadCode, read_codes, read_digits
from connectors.dossier import (
    ENDED,
    TIMEZONE,
    DossierStatus,
    Elsewhere,
    Found,
    NotFound,
    PublicStatus,
)
from connectors.working_days import working_days
from knowledge.blocks import (
    Answer,
    AnswerBlock,
    DossierBlock,
    NoticeBlock,
    Option,
    TextBlock,
    TimelineRow,
)

MOST_DOSSIERS = 3  # looked up in one turn
DONE = ENDED | {PublicStatus.FINISHED}
TELLING = [
    Outcome.DOSSIER_FOUND,
    Outcome.DOSSIER_NOT_FOUND,
    Outcome.DOSSIER_CODE_INVALID,
    Outcome.DOSSIER_SYSTEM_UNAVAILABLE,
]
"""Of several codes the first of these is the turn's outcome; the gateway counts misses by it."""


@cache
def texts() -> dict[str, Any]:
    """The catalogue of ``dossier_texts.yml``."""
    found: dict[str, Any] = yaml.safe_load(
        (files("actions") / "dossier_texts.yml").read_text("utf-8")
    )
    return found


def ask_code(turn: Turn) -> Reply:
    """Ask for the code and tell where it stands; the dossier of before is one tap away."""
    again = turn.asked_back and turn.open_form
    reply = _reply(
        Outcome.FORM_ASKED, [TextBlock(text=texts()["ask_again" if again else "ask_code"])]
    )
    if turn.last_dossier:
        label = texts()["buttons"]["again"].format(code=turn.last_dossier)
        slots = {"dossier_code": turn.last_dossier}
        reply.answer.suggestions.append(Option(label=label, intent="dossier_status", slots=slots))
    reply.answer.suggestions.append(Option(label=texts()["buttons"]["cancel"], intent="cancel"))
    reply.slots = {"asked_back": turn.asked_back}
    return reply


async def dossier_turn(codes: Sequence[ReadCode], context: Context) -> Reply:
    """Where the dossiers with ``codes`` stand; with a second factor, its digits are asked first,
    before any system is, so that what exists and what does not looks the same."""
    right = [code.code for code in codes if code.fault is None]
    if not context.second_factor or not right:
        return await dossier_reply(codes, context)
    wrong = [block for code in codes if code.fault for block in _blocks(code, None)]
    reply = _reply(Outcome.FORM_ASKED, wrong)
    reply.slots = {"dossier_code": None, "dossier_waits": ", ".join(right[:MOST_DOSSIERS])}
    reply.then = "digits_form"
    return reply


def ask_digits(turn: Turn) -> Reply:
    """Ask for the second factor of the dossier that waits for it."""
    again = turn.asked_back and turn.open_form
    text = texts()["ask_digits_again" if again else "ask_digits"]
    reply = _reply(Outcome.FORM_ASKED, [TextBlock(text=text.format(digits=DIGITS))])
    reply.answer.suggestions = [Option(label=texts()["buttons"]["cancel"], intent="cancel")]
    reply.slots = {"asked_back": turn.asked_back}
    return reply


async def digits_turn(turn: Turn, context: Context) -> Reply:
    """The dossiers that wait, if their systems take the digits; they are kept nowhere."""
    reply = await dossier_reply(read_codes(turn.dossier_waits), context, read_digits(turn.text))
    reply.slots |= {"dossier_digits": None, "dossier_waits": None}
    return reply


async def dossier_reply(
    codes: Sequence[ReadCode], context: Context, digits: str | None = None
) -> Reply:
    """What is known of the dossiers with ``codes`` (at least one)."""
    asked = codes[:MOST_DOSSIERS]
    found = await asyncio.gather(*(_find(code, context, digits) for code in asked))
    blocks: list[AnswerBlock] = []
    for code, answer in zip(asked, found, strict=True):
        blocks += _blocks(code, answer)
    if len(codes) > MOST_DOSSIERS:
        blocks.append(NoticeBlock(text=texts()["too_many"].format(limit=MOST_DOSSIERS)))
    outcomes = [_outcome(code, answer) for code, answer in zip(asked, found, strict=True)]
    outcome = min(outcomes, key=TELLING.index)
    if outcome is not Outcome.DOSSIER_FOUND:
        blocks.append(context.contact)
    reply = _reply(outcome, blocks)
    reply.answer.suggestions = list(_suggestions(found, context))
    known = next((code.code for code in asked if code.fault is None), None)
    reply.slots = {"dossier_code": None, "last_dossier": known}
    return reply


async def _find(code: ReadCode, context: Context, digits: str | None) -> Found | None:
    """None for a code that cannot be right: no system is asked."""
    return None if code.fault else await context.dossiers.find(code, digits)


def _outcome(code: ReadCode, answer: Found | None) -> Outcome:
    if code.fault:
        return Outcome.DOSSIER_CODE_INVALID
    if isinstance(answer, DossierStatus):
        return Outcome.DOSSIER_FOUND
    if isinstance(answer, NotFound):
        return Outcome.DOSSIER_NOT_FOUND
    return Outcome.DOSSIER_SYSTEM_UNAVAILABLE


def _blocks(code: ReadCode, answer: Found | None) -> list[AnswerBlock]:
    if code.fault:
        return [NoticeBlock(text=texts()["faults"][code.fault].format(code=code.code))]
    if isinstance(answer, DossierStatus):
        return [dossier_block(answer, dt.datetime.now(TIMEZONE))]
    if isinstance(answer, NotFound):
        not_found = texts()["not_found"].format(code=code.code)
        return [
            NoticeBlock(text=not_found, level="warning"),
            TextBlock(text=texts()["not_found_hint"]),
        ]
    key = "elsewhere" if isinstance(answer, Elsewhere) else "unavailable"
    return [NoticeBlock(text=texts()[key].format(code=code.code), level="warning")]


def dossier_block(status: DossierStatus, now: dt.datetime) -> DossierBlock:
    """The card of one dossier, as of ``now`` (aware)."""
    words = texts()["statuses"][status.status]
    late = _is_late(status, now)
    return DossierBlock(
        code=status.code,
        procedure=status.procedure_name,
        agency=status.agency,
        status=words["name"].format(status_name=status.status_name or texts()["unknown_status"]),
        meaning=words["meaning"],
        due=_due(status, now),
        late=late,
        next_steps=list(_next_steps(status, late)),
        timeline=list(_timeline(status, words["name"].format(status_name=status.status_name))),
        as_of=texts()["source"].format(time=f"{now:%H:%M}", date=_date(now)),
    )


def _is_late(status: DossierStatus, now: dt.datetime) -> bool:
    return status.due is not None and status.status not in DONE and status.due < now


def _due(status: DossierStatus, now: dt.datetime) -> str:
    if status.status in DONE:
        return ""
    words = texts()["due"]
    if status.due is None:
        return str(words["none"])
    days = working_days(now.date(), status.due.date())
    key = "left" if days > 0 else "late" if days < 0 else "soon"
    if status.due.date() == now.date():
        key = "today"
    if key == "soon" and status.due < now:
        key = "late_today"
    return str(words[key].format(date=_date(status.due), days=abs(days)))


def _next_steps(status: DossierStatus, late: bool) -> Iterator[str]:
    words = texts()["next"]
    place = status.agency or texts()["place_unnamed"]
    if late:
        yield words["late"]
    if status.status is PublicStatus.SUPPLEMENT:
        papers = "; ".join(status.supplement)
        yield words["papers"].format(papers=papers) if papers else words["papers_unnamed"]
        yield words["papers_where"].format(agency=place)
    if status.status is PublicStatus.PAYMENT:
        fee = status.fee_due
        yield words["fee"].format(fee=fee) if fee else words["fee_unnamed"]
        yield words["fee_where"]
    if status.status is PublicStatus.FINISHED:
        yield words["collect"].format(place=status.result_place or place)
    if not late:
        yield from texts()["statuses"][status.status]["next"]


def _timeline(status: DossierStatus, name: str) -> Iterator[TimelineRow]:
    """What happened with its day, where the dossier is now, and what is to come."""
    labels = texts()["timeline"]
    past = [("submitted", status.submitted), ("received", status.received)]
    if status.submitted and status.received and status.submitted.date() == status.received.date():
        past = past[1:]
    for key, when in past:
        if when is not None:
            yield TimelineRow(label=labels[key], when=_date(when), state="done")
    if status.finished is not None and status.status in DONE:
        yield TimelineRow(label=name, when=_date(status.finished), state="now")
        return
    yield TimelineRow(label=name, state="now")
    if status.due is not None and status.status not in DONE:
        yield TimelineRow(label=labels["due"], when=_date(status.due), state="todo")


def _suggestions(found: Sequence[Found | None], context: Context) -> Iterator[Option]:
    """Buttons to the procedures of the dossiers that are in the catalogue."""
    shown = [answer for answer in found if isinstance(answer, DossierStatus)]
    for code in dict.fromkeys(answer.procedure_code for answer in shown):
        if code and context.knowledge.procedure(code) is not None:
            yield Option(
                label=texts()["buttons"]["procedure"], intent="ask", slots={"procedure_code": code}
            )
    if shown:
        yield Option(label=texts()["buttons"]["other"], intent="dossier_status")


def _date(when: dt.datetime) -> str:
    return f"{when.astimezone(TIMEZONE):%d/%m/%Y}"


def _reply(outcome: Outcome, blocks: list[AnswerBlock]) -> Reply:
    return Reply(Answer(outcome=outcome, blocks=blocks))
