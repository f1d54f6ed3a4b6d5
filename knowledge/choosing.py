"""Choices told apart: one for each name, its levels with it, and labels of what really differs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.index import Facts
from knowledge.messages import messages
from knowledge.ranking import LEVEL_NOTE
from knowledge.records import Level, State
from knowledge.text.folding import fold, words

LONGEST_NAME = 80  # characters; of a longer name only what differs is shown
LONGEST_LABEL = 120
CONDITION = re.compile(
    r"(?=[,;(/] ?)|(?<= )(?=(?:đối với|trong trường hợp|trường hợp|bằng|thực hiện|theo|do|tại) )"
)
NEAREST_LEVEL = (Level.COMMUNE, Level.PROVINCE, Level.MINISTRY)
LEADS = ("Thủ tục ",)
CUT = "…"


@dataclass(frozen=True)
class Named:
    """A procedure to choose: code, official name, levels."""

    code: str
    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What one choice stands for. ``label``: short, unlike all others; ``same``: the codes that
    have this name at other levels."""

    code: str
    label: str
    levels: tuple[str, ...]
    same: tuple[str, ...] = ()


def choices(found: Sequence[Named]) -> list[Choice]:
    """One choice for each name of ``found``, in order, with the levels it is done at. Where all
    share one name, the levels are the choice and stay apart."""
    groups: dict[str, list[Named]] = {}
    for procedure in found:
        groups.setdefault(same_name(procedure.name), []).append(procedure)
    if len(groups) == 1:
        by_levels = {one.levels: one for one in reversed(found)}
        apart = [one for one in found if by_levels[one.levels] is one]
        return [Choice(one.code, _at_levels(one), one.levels) for one in apart]
    labels = labelled([short_name(group[0].name) for group in groups.values()])
    return [
        Choice(
            group[0].code,
            label,
            tuple(dict.fromkeys(level for one in group for level in one.levels)),
            tuple(one.code for one in group[1:]),
        )
        for label, group in zip(labels, groups.values(), strict=True)
    ]


class Namesakes:
    """The records of one catalogue by name, to find a procedure at other levels."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._by_name: dict[str, list[Facts]] = {}
        for one in facts:
            self._by_name.setdefault(same_name(one.name), []).append(one)

    def at_other_levels(self, procedure: Named) -> list[Facts]:
        """Records in force of the same name, done at levels that ``procedure`` is not, nearest to
        the citizen first."""
        others = [
            one
            for one in self._by_name.get(same_name(procedure.name), ())
            if one.code != procedure.code
            and one.state != State.UNCONFIRMED
            and set(one.levels) - set(procedure.levels)
        ]
        return sorted(others, key=lambda one: NEAREST_LEVEL.index(Level(one.levels[-1])))


def same_name(name: str) -> str:
    """What two names share that differ in the level they note alone."""
    return " ".join(words(short_name(name)))


def short_name(name: str) -> str:
    """A name without "Thủ tục" before it and the note on its level, which stands beside it."""
    bare = " ".join(LEVEL_NOTE.sub(" ", name).split()).rstrip(". ")
    for lead in LEADS:
        if fold(bare).startswith(fold(lead)):
            bare = bare[len(lead) :]
    return bare[:1].upper() + bare[1:]


def _at_levels(procedure: Named) -> str:
    levels = " · ".join(messages()["levels"][level] for level in procedure.levels)
    name = short_name(procedure.name)
    return f"{name} ({levels})" if levels else name


def labelled(names: Sequence[str]) -> list[str]:
    """A short label for each name: its beginning and those conditions that others do not have."""
    said = [set(words(name)) for name in names]
    labels = []
    for at, name in enumerate(names):
        others = [found for place, found in enumerate(said) if place != at]
        labels.append(_cut(name, set.intersection(*others) if others else set()))
    return labels if len(set(labels)) == len(labels) else list(names)


def _cut(name: str, shared: set[str]) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    first, *conditions = [part for part in CONDITION.split(name) if part.strip()]
    kept = [first]
    for part in conditions:
        tells = not set(words(part)) <= shared
        if tells and len("".join([*kept, part])) <= LONGEST_LABEL:
            kept.append(part)
        elif not kept[-1].endswith(CUT):
            kept.append(CUT)
    return " ".join("".join(kept).split())
