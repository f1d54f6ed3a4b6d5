"""Merging the readings of all sources into one procedure, by a stated precedence.

Fields are taken in groups: a group comes whole from the first source, in the order of precedence,
that has anything in it, so a typed list always stands with the section it was read from. Within
one kind of source the newest record is first, then the better row, then the earlier line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.importers.portal_terms import (
    NATIONAL_LIST,
    PORTAL_DETAILS,
    PORTAL_JSON,
    PORTAL_PAGES,
    PROVINCIAL_LIST,
    SHIPPED,
    names_district,
)
from knowledge.records import Procedure, SectionKey, SourceRecord, State
from knowledge.text.folding import words

NATIONAL = (
    PORTAL_DETAILS,
    PORTAL_JSON,
    PORTAL_PAGES,
    SHIPPED,
    NATIONAL_LIST,
    PROVINCIAL_LIST,
)
PROVINCIAL = (PROVINCIAL_LIST, *NATIONAL[:-1])


@dataclass(frozen=True)
class Group:
    """Fields and sections that are taken together from one source."""

    fields: tuple[str, ...]
    sections: tuple[SectionKey, ...] = ()
    order: tuple[str, ...] = NATIONAL


GROUPS = (
    Group(("name",)),
    Group(("portal_id", "url")),
    Group(("levels",)),
    Group(("field",)),
    Group(("decision",)),
    Group(("kind",)),
    Group(("promulgated_by",)),
    Group(("audience",), (SectionKey.AUDIENCE,)),
    Group(("executing_agency",), (SectionKey.AGENCY,)),
    Group(("competent_agency",)),
    Group(("receiving_address",)),
    Group(("authorized_agency",)),
    Group(("coordinating_agency",)),
    Group(("methods",), (SectionKey.CHANNELS, SectionKey.TIME, SectionKey.FEES)),
    Group(("cases",), (SectionKey.COMPONENTS, SectionKey.FORMS)),
    Group(("steps",), (SectionKey.STEPS,)),
    Group(("conditions",), (SectionKey.CONDITIONS,)),
    Group(("results",), (SectionKey.RESULTS,)),
    Group(("legal_bases",), (SectionKey.LEGAL_BASIS,)),
    Group(("related",)),
    Group((), (SectionKey.OVERVIEW,)),
    Group(("provincial_code",), order=PROVINCIAL),
    Group(("provincial_decision",), order=PROVINCIAL),
    Group(("service_level",), order=PROVINCIAL),
)


def merge(records: Sequence[SourceRecord]) -> Procedure:
    """One procedure from the records of all sources that name its code.

    The order of ``records`` does not matter, nor does a record given twice. Raises ValueError for
    no records or records of several codes.
    """
    codes = {record.procedure.code for record in records}
    if len(codes) != 1:
        raise ValueError(f"records of one procedure expected, got codes {sorted(codes)}")
    merged: dict[str, Any] = {"code": codes.pop(), "sections": {}, "provenance": {}}
    orders: tuple[tuple[str, ...], ...] = (NATIONAL, PROVINCIAL)
    ranked = {order: _ranked(records, order) for order in orders}
    for group in GROUPS:
        giver = next((r for r in ranked[group.order] if _has(r.procedure, group)), None)
        if giver:
            _take(merged, giver, group)
    name = merged.setdefault("name", "")
    merged["aliases"] = _aliases(name, ranked[NATIONAL])
    merged["state"] = _state(ranked[NATIONAL])
    return Procedure(**merged)


def _ranked(records: Sequence[SourceRecord], order: tuple[str, ...]) -> list[SourceRecord]:
    return sorted(
        (record for record in records if record.source.kind in order),
        key=lambda record: (
            order.index(record.source.kind),
            -(record.source.date.toordinal() if record.source.date else 0),
            names_district(record.procedure.name),
            not record.procedure.provincial_decision,
            record.line,
            record.raw,
        ),
    )


def _has(procedure: Procedure, group: Group) -> bool:
    return any(getattr(procedure, field) for field in group.fields) or any(
        key in procedure.sections for key in group.sections
    )


def _take(merged: dict[str, Any], giver: SourceRecord, group: Group) -> None:
    for field in group.fields:
        value = getattr(giver.procedure, field)
        merged[field] = value
        if value:
            merged["provenance"][field] = giver.source
    for key in group.sections:
        if key in giver.procedure.sections:
            merged["sections"][key] = giver.procedure.sections[key]


def _aliases(name: str, ranked: Sequence[SourceRecord]) -> list[str]:
    """Aliases of all sources, and the names that other sources give, without repeats."""
    told = [alias for record in ranked for alias in record.procedure.aliases]
    told += [record.procedure.name for record in ranked]
    kept: dict[str, str] = {}
    for alias in told:
        kept.setdefault(" ".join(words(alias)), alias)
    kept.pop(" ".join(words(name)), None)
    kept.pop("", None)
    return list(kept.values())


def _state(ranked: Sequence[SourceRecord]) -> State:
    """The first national source's state; UNCONFIRMED where only a provincial list names it."""
    national = [record for record in ranked if record.source.kind != PROVINCIAL_LIST]
    return national[0].procedure.state if national else State.UNCONFIRMED
