"""Lists of procedures by what the records say of them: field, level, online, free of charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.everyday import read
from knowledge.index import Facts
from knowledge.records import State


@dataclass(frozen=True)
class FieldGroup:
    """A field as people name it; ``fields``: as the catalogue does."""

    label: str
    say: tuple[str, ...]
    fields: frozenset[str]


@cache
def field_groups() -> list[FieldGroup]:
    """The groups of ``everyday/fields.yml``, most asked first."""
    rows: list[dict[str, Any]] = read("fields.yml")
    return [FieldGroup(r["label"], tuple(r["say"]), frozenset(r["fields"])) for r in rows]


def field_group(label: str) -> FieldGroup | None:
    """The group with this label."""
    return next((group for group in field_groups() if group.label == label), None)


@dataclass(frozen=True)
class Filter:
    """What a list is asked by; a part left out allows everything. ``group``: label of a field
    group. ``field``: a field as the catalogue names it. ``service_level``: ``full`` means that
    everything can be done online."""

    group: str | None = None
    field: str | None = None
    level: str | None = None
    service_level: str | None = None
    free: bool = False

    @property
    def is_empty(self) -> bool:
        return self == Filter()

    def allows(self, facts: Facts) -> bool:
        """Whether the record says of itself what is asked; an old list's record never counts."""
        group = field_group(self.group) if self.group else None
        return (
            facts.state != State.UNCONFIRMED
            and (group is None or facts.field in group.fields)
            and (self.field is None or facts.field == self.field)
            and (self.level is None or self.level in facts.levels)
            and (self.service_level is None or facts.service_level == self.service_level)
            and (facts.free or not self.free)
        )


def browse(chosen: Filter, facts: Sequence[Facts], asked: NDArray[np.int64]) -> list[Facts]:
    """All procedures that ``chosen`` allows: those with most everyday names first (people ask
    them most), then by name. ``asked``: how many names each of ``facts`` has, shape (facts,)."""
    rows = [row for row, item in enumerate(facts) if chosen.allows(item)]
    return [facts[row] for row in sorted(rows, key=lambda row: (-asked[row], facts[row].name))]
