"""Structured details of the national portal: one JSON object a line, tables kept as lists.

Fields: code, source_id, name, category, promulgating_agency, executing_agency, subject_types[],
results[], requirements, channels[] (method, fees[], processing, note), processing_cases[],
legal_basis[], steps_raw[], checklist_raw[], state, source (url, updated_at, crawled_at).
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.importers.portal_terms import (
    DETAIL_PAGE,
    METHOD_NAMES,
    PORTAL_DETAILS,
    fee_of,
    levels_of_agencies,
    listed,
    tidy,
    time_text,
)
from knowledge.importers.reading import Document, documents
from knowledge.importers.rendering import with_sections
from knowledge.records import (
    Case,
    Component,
    LegalBasis,
    MethodKind,
    Procedure,
    Rejection,
    Result,
    SectionKey,
    Source,
    SourceRecord,
    State,
    Step,
    SubmissionMethod,
)

STATES = {"ACTIVE": State.IN_FORCE, "UPDATED": State.IN_FORCE}


def recognises(data: dict[str, Any]) -> bool:
    """Whether an object is of this format."""
    return "checklist_raw" in data or "steps_raw" in data


def read(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records of a file, each dated by its own ``updated_at`` (else ``crawled_at``)."""
    for item in documents(path):
        yield item if isinstance(item, Rejection) else _record(item, path)


def _record(document: Document, path: Path) -> SourceRecord | Rejection:
    data = document.data
    if not tidy(data.get("code")):
        return Rejection(file=str(path), line=document.line, reason="the record has no code")
    try:
        source = _source(data)
        procedure = with_sections(_procedure(data), source, _unplaced(data))
    except (AttributeError, LookupError, TypeError, ValueError, ValidationError) as error:
        reason = f"{tidy(data['code'])}: not of this format: {str(error).splitlines()[0]}"
        return Rejection(file=str(path), line=document.line, reason=reason)
    return SourceRecord(source=source, line=document.line, raw=document.raw, procedure=procedure)


def _source(data: dict[str, Any]) -> Source:
    given = data.get("source") or {}
    when = given.get("updated_at") or given.get("crawled_at")
    date = dt.datetime.fromisoformat(when).date() if when else None
    return Source(kind=PORTAL_DETAILS, url=given.get("url"), date=date)


def _procedure(data: dict[str, Any]) -> Procedure:
    agency = tidy(data.get("executing_agency"))
    portal_id = tidy(data.get("source_id")) or None
    return Procedure(
        code=tidy(data["code"]),
        name=tidy(data.get("name")),
        portal_id=portal_id,
        url=(data.get("source") or {}).get("url")
        or (DETAIL_PAGE + portal_id if portal_id else None),
        levels=levels_of_agencies(agency.split(";")),
        field=tidy((data.get("category") or {}).get("name")),
        promulgated_by=tidy(data.get("promulgating_agency")),
        audience=listed(data.get("subject_types")),
        executing_agency=agency,
        methods=[_method(channel) for channel in data.get("channels") or ()],
        cases=_cases(data.get("checklist_raw") or []),
        steps=[
            Step(name=tidy(step.get("name")), text=(step.get("text") or "").strip())
            for step in data.get("steps_raw") or ()
            if step.get("name") or step.get("text")
        ],
        conditions=(data.get("requirements") or "").strip(),
        results=[Result(name=name) for name in listed(data.get("results"))],
        legal_bases=[
            LegalBasis(name=tidy(basis.get("name")), number=tidy(basis.get("code")))
            for basis in data.get("legal_basis") or ()
        ],
        state=STATES.get(data.get("state") or "ACTIVE", State.UNCONFIRMED),
    )


def _method(channel: dict[str, Any]) -> SubmissionMethod:
    kind = MethodKind(channel["method"].lower())
    processing = channel.get("processing") or {}
    return SubmissionMethod(
        kind=kind,
        name=METHOD_NAMES[kind],
        time=time_text(processing.get("qty"), processing.get("unit") or ""),
        fees=[
            fee_of(
                fee.get("value_vnd"),
                "VNĐ",
                (fee.get("text") or "").strip(),
                fee.get("type"),
            )
            for fee in channel.get("fees") or ()
        ],
        note=(channel.get("note") or "").strip(),
    )


def _cases(groups: list[dict[str, Any]]) -> list[Case]:
    cases = [
        Case(
            name=tidy(group.get("group")),
            components=[_component(i) for i in group["items"]],
        )
        for group in groups
    ]
    return [case for case in cases if case.name or case.components]


def _component(item: dict[str, Any]) -> Component:
    forms = [tidy(form.get("fileName")) for form in item.get("attachments") or ()]
    return Component(
        name=(item.get("name") or "").strip(),
        originals=item.get("original_qty"),
        copies=item.get("copy_qty"),
        form_name="; ".join(form for form in forms if form),
    )


def _unplaced(data: dict[str, Any]) -> dict[SectionKey, list[str]]:
    """Times of named sub-cases that no submission method states."""
    stated = {
        time_text(given.get("qty"), given.get("unit") or "")
        for channel in data.get("channels") or ()
        if (given := channel.get("processing") or {})
    }
    rest = []
    for case in data.get("processing_cases") or ():
        time = time_text(case.get("qty"), case.get("unit") or "")
        if time and time not in stated:
            rest.append(f"{tidy(case.get('case_code'))}: {time}")
    return {SectionKey.TIME: rest}
