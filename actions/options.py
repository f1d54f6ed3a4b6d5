"""Buttons: procedures to choose from, fields to browse."""

from collections.abc import Iterable

from actions.messages import say
from knowledge.blocks import Option
from knowledge.browse import field_groups
from knowledge.choosing import Choice, Named, choices
from knowledge.index import Facts
from knowledge.messages import messages
from knowledge.records import Procedure
from knowledge.search import Hit

MOST_FIELDS = 10


def procedure_options(found: Iterable[Hit]) -> list[Option]:
    """A button for each name, told apart by what differs, with its field and levels."""
    hits = list(found)
    named = [Named(hit.code, hit.name, tuple(filter(None, hit.level.split(",")))) for hit in hits]
    fields = {hit.code: hit.field for hit in hits}
    return [_option(choice, fields[choice.code]) for choice in choices(named)]


def listed_options(found: Iterable[Facts]) -> list[Option]:
    """A button for each row of a list, with its whole name."""
    return [_listed(facts.code, facts.name, facts.field, facts.levels) for facts in found]


def record_options(found: Iterable[Procedure]) -> list[Option]:
    """The same for whole records."""
    return [_listed(record.code, record.name, record.field, record.levels) for record in found]


def _listed(code: str, name: str, field: str, levels: Iterable[str]) -> Option:
    return _option(Choice(code, name, tuple(levels)), field)


def _option(choice: Choice, field: str) -> Option:
    detail = " · ".join(filter(None, [field, level_names(choice.levels)]))
    slots = {"procedure_code": choice.code}
    return Option(label=choice.label, detail=detail, intent="choose", slots=slots)


def level_names(levels: Iterable[str]) -> str:
    """Levels in words, side by side."""
    return " · ".join(messages()["levels"][level] for level in levels if level)


def other_levels(found: Iterable[Facts]) -> list[Option]:
    """A button for each level at which the procedure of an answer is done as another record."""
    return [
        Option(
            label=say("same_at_level", level=level_names(facts.levels)),
            intent="choose",
            slots={"procedure_code": facts.code},
        )
        for facts in found
    ]


def offered_codes(options: Iterable[Option]) -> list[str]:
    """The codes of the procedures that ``options`` lead to, in the order they are shown."""
    codes = (option.slots.get("procedure_code") for option in options)
    return [code for code in codes if code]


def field_options() -> list[Option]:
    """A button for each of the fields that people ask about most."""
    return [
        Option(label=group.label, intent="browse", slots={"field": group.label})
        for group in field_groups()[:MOST_FIELDS]
    ]


def or_else(found: Iterable[Hit]) -> list[Option]:
    """Near procedures, for a person whose need was another one."""
    return [
        Option(
            label=say("or_else", name=hit.name),
            intent="choose",
            slots={"procedure_code": hit.code},
        )
        for hit in found
    ]
