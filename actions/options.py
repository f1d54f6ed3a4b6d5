"""Buttons: procedures to choose from, fields to browse."""

from collections.abc import Iterable

from actions.messages import say
from knowledge.blocks import Option
from knowledge.browse import field_groups
from knowledge.index import Facts
from knowledge.messages import messages
from knowledge.records import Procedure
from knowledge.search import Hit

MOST_FIELDS = 10


def procedure_options(found: Iterable[Hit]) -> list[Option]:
    """A button for each procedure, with its field and levels."""
    return [_option(hit.code, hit.name, hit.field, hit.level.split(",")) for hit in found]


def listed_options(found: Iterable[Facts]) -> list[Option]:
    """The same for the rows of a list."""
    return [_option(facts.code, facts.name, facts.field, facts.levels) for facts in found]


def record_options(found: Iterable[Procedure]) -> list[Option]:
    """The same for whole records."""
    return [_option(record.code, record.name, record.field, record.levels) for record in found]


def _option(code: str, name: str, field: str, levels: Iterable[str]) -> Option:
    names = messages()["levels"]
    detail = " · ".join([*filter(None, [field]), *(names[level] for level in levels if level)])
    return Option(label=name, detail=detail, intent="choose", slots={"procedure_code": code})


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
