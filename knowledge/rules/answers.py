"""Answer blocks about rules. Texts of a rule stand here verbatim from its document."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.blocks import (
    AnswerBlock,
    ListBlock,
    RuleArticleBlock,
    SourceLine,
    StepRow,
    StepsBlock,
    TextBlock,
)
from knowledge.messages import messages
from knowledge.rules.index import lead_of
from knowledge.rules.processes import HOURS_A_DAY, Process, Step
from knowledge.rules.records import PartKind
from knowledge.rules.versions import Provision

PROCESS = "process:"


@dataclass(frozen=True)
class Link:
    """A way on: to a provision by its id, or to an internal process by ``process:CODE``."""

    label: str
    key: str
    detail: str = ""


def say(name: str, /, **values: object) -> str:
    """One text of the rules' messages."""
    text: str = messages()["rules"][name]
    return text.format(**values)


def article_block(unit: Provision, part: int, day: dt.date) -> RuleArticleBlock:
    """The clause at ``part`` of a provision, or (0) the whole of it, as it stands on ``day``."""
    clause, address = "", unit.address
    lead, text = "", unit.text
    if part:
        above: int | None = part
        names = []
        while above:
            one = unit.parts[above]
            names.append(say_part(one.kind, one.number))
            above = one.above
        address = " ".join([*names, unit.address])
        clause = unit.parts[part].number
        lead, text = lead_of(unit), _whole(unit, part)
    return RuleArticleBlock(
        address=address[0].upper() + address[1:], document=unit.title, number=unit.name,
        article=unit.number, heading=unit.heading, clause=clause, lead=lead, text=text.strip(),
        force=_force(unit, day), notes=_notes(unit, day), url=unit.url,
    )  # fmt: skip


def say_part(kind: PartKind, number: str) -> str:
    """A part as it is named: "khoản 2"."""
    text: str = messages()["rules"]["parts"][kind]
    return " ".join(text.format(number=number, title="").split())


def _whole(unit: Provision, part: int) -> str:
    kept = {part}
    for position in range(part + 1, len(unit.parts)):
        if unit.parts[position].above in kept:
            kept.add(position)
    return "".join(unit.parts[position].text for position in sorted(kept))


def _force(unit: Provision, day: dt.date) -> str:
    if unit.since is None:
        return ""
    if unit.is_past(day) and unit.until is not None:
        last = unit.until - dt.timedelta(days=1)
        return say("was_in_force", since=written(unit.since), last=written(last))
    return say("in_force", day=written(unit.since))


def _notes(unit: Provision, day: dt.date) -> list[str]:
    notes = []
    if unit.is_past(day) and unit.until is not None:
        kind = "ended" if unit.ended_by else "ended_plain"
        notes.append(say(kind, day=written(unit.until), by=unit.ended_by))
    elif unit.changed_by and unit.since is not None:
        notes.append(say("changed", by=unit.changed_by, day=written(unit.since)))
    if unit.sample:
        notes.append(say("sample"))
    return notes


def written(day: dt.date) -> str:
    """A date as people write it: 05/01/2026."""
    return f"{day:%d/%m/%Y}"


def article_link(unit: Provision) -> Link:
    """To the whole article."""
    place = say_part(unit.parts[0].kind, unit.number) if unit.number else unit.name
    return Link(say("whole_article", place=place), unit.id, unit.name)


def process_link(code: str) -> Link:
    """To the internal process of a procedure."""
    return Link(say("process_link"), f"{PROCESS}{code}")


def contents_block(units: Sequence[Provision]) -> ListBlock:
    """The articles of one document by their headings."""
    first = units[0]
    items = [
        (say_part(unit.parts[0].kind, unit.number), unit.heading or unit.text.strip()[:120])
        for unit in units
    ]
    title = say("contents", name=first.name, title=first.title)
    return ListBlock(title=title, items=items, source=_source(first, first.document))


def process_blocks(process: Process, asked: Sequence[Step]) -> list[AnswerBlock]:
    """The asked steps first, marked, then the whole process (closed where steps were asked of)."""
    title = say("process", name=process.name)
    source = _source(process.provision, process.code)
    blocks: list[AnswerBlock] = []
    if asked:
        rows = [_step_row(step) for step in asked]
        blocks.append(
            StepsBlock(title=say("process_asked"), steps=rows, marked=True, source=source)
        )
    rows = [_step_row(step) for step in process.steps]
    blocks.append(StepsBlock(title=title, steps=rows, folded=bool(asked), source=source))
    if process.hours is not None:
        blocks.append(TextBlock(text=say("process_total", **_time(process.hours))))
    return blocks


def _step_row(step: Step) -> StepRow:
    if step.hours is None:
        time = step.time
    else:
        in_days = step.hours % (HOURS_A_DAY / 2) == 0
        time = say("step_days" if in_days else "step_hours", **_time(step.hours))
    form = say("step_form", form=step.form) if step.form else ""
    return StepRow(
        name=say("step", number=step.number, what=step.what),
        text=say("step_row", who=step.who, time=time, form=form),
    )


def _time(hours: float) -> dict[str, str]:
    return {"hours": f"{hours:g}", "days": f"{hours / HOURS_A_DAY:g}".replace(".", ",")}


def _source(unit: Provision, code: str) -> SourceLine:
    return SourceLine(
        code=code, decision=unit.name, origin=unit.title, url=unit.url,
        date=unit.since.isoformat() if unit.since else None,
    )  # fmt: skip
