"""How an official's own unit stands. The unit is the sign-in's; what is typed can only refuse."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from actions.context import Context
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from connectors.codes import read_codes
from connectors.dossier import TIMEZONE, Counts, Elsewhere, Unavailable
from knowledge.blocks import Answer, FigureRow, FiguresBlock, NoticeBlock, Option
from knowledge.places import places_in
from knowledge.text.folding import words

_AGENCY = re.compile(r"(?<![\w.])(?:\d{3}\.\d{2}\.\d{2}\.)?[GH]\d{2}(?:\.\w{2,3})*(?![\w-])", re.I)


@cache
def texts() -> dict[str, Any]:
    """The catalogue of ``figures.yml``."""
    found: dict[str, Any] = yaml.safe_load((files("actions") / "figures.yml").read_text("utf-8"))
    return found


def asks_figures(text: str) -> bool:
    """Whether ``text`` asks how many dossiers a unit has, and not where one dossier stands."""
    said = f" {' '.join(words(text))} "
    counted = _named(said, texts()["count"]) and _named(said, texts()["about"])
    return counted and not _named(said, texts()["unless"]) and not read_codes(text)


async def figures_turn(turn: Turn, context: Context) -> Reply:
    """The figures of the official's unit for the period that is named."""
    if not turn.unit:
        return _refused("no_unit")
    if _another_unit(turn):
        return _refused("forbidden", unit=turn.unit_name or turn.unit)
    now = dt.datetime.now(TIMEZONE)
    since, until = period(turn.text, now.date())
    told = await context.dossiers.figures(turn.unit, since, until)
    if isinstance(told, Counts):
        return _shown(turn, told, since, until, now)
    key = {Unavailable: "unavailable", Elsewhere: "elsewhere"}[type(told)]
    notice = NoticeBlock(text=_say(key, unit=turn.unit_name or turn.unit), level="warning")
    return Reply(Answer(outcome=Outcome.DOSSIER_SYSTEM_UNAVAILABLE, blocks=[notice]))


def period(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the period that ``text`` names; the present month where none is."""
    said = f" {' '.join(words(text))} "
    named = (key for key, ways in texts()["periods"].items() if _named(said, ways))
    month = today.replace(day=1)
    before = month - dt.timedelta(days=1)
    return {
        "today": (today, today),
        "week": (today - dt.timedelta(days=today.weekday()), today),
        "last_month": (before.replace(day=1), before),
        "month": (month, today),
        "quarter": (month.replace(month=(today.month - 1) // 3 * 3 + 1), today),
        "year": (month.replace(month=1), today),
    }[next(named, "month")]


def _named(said: str, ways: Iterable[str]) -> bool:
    return any(f" {way} " in said for way in ways)


def _another_unit(turn: Turn) -> bool:
    """Whether another unit than the official's, or one under it, is spoken of."""
    own = turn.unit.upper()
    for code in _AGENCY.findall(turn.text):
        if code.upper() != own and not code.upper().startswith(f"{own}."):
            return True
    called = f" {' '.join(words(turn.unit_name))} "
    places = [" ".join(words(place.name)[1:]) for place in places_in(turn.text)]
    if places and not any(f" {place} " in called for place in places):
        return True
    return _named(f" {' '.join(words(turn.text))} ", texts()["others"]) and "." in own


def _shown(turn: Turn, told: Counts, since: dt.date, until: dt.date, now: dt.datetime) -> Reply:
    as_of = _say(
        "as_of", since=_day(since), until=_day(until), time=f"{now:%H:%M}", date=_day(now.date())
    )
    block = FiguresBlock(
        title=_say("title", unit=turn.unit_name or turn.unit),
        unit=turn.unit,
        columns=list(texts()["columns"].values()),
        rows=list(_rows(told)),
        as_of=as_of,
    )
    asked = " ".join(words(turn.text))
    again = [Option(label=way) for way in texts()["again"] if " ".join(words(way)) != asked]
    answer = Answer(outcome=Outcome.FIGURES_SHOWN, blocks=[block], suggestions=again)
    return Reply(answer)


def _rows(told: Counts) -> Iterator[FigureRow]:
    yield FigureRow(name=_say("total"), values=_values(told))
    for name, counts in told.by_field.items():
        values = _values(counts)
        if any((counts.received, counts.on_time, counts.overdue, counts.due_in_3_days)):
            yield FigureRow(name=name, values=values)


def _values(counts: Counts) -> list[str]:
    figures = (getattr(counts, name) for name in texts()["columns"])
    return [_say("not_told") if figure is None else str(figure) for figure in figures]


def _refused(key: str, **values: str) -> Reply:
    notice = NoticeBlock(text=_say(key, **values), level="warning")
    return Reply(Answer(outcome=Outcome.FORBIDDEN, blocks=[notice]))


def _say(key: str, **values: str) -> str:
    return str(texts()[key]).format(**values)


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"
