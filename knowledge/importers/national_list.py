"""The national portal's list of procedures: names, fields, agencies and audiences, no sections.

One item a line, as in the portal's own list answer: id, name, code, categories[], departments[],
departmentPromulgate, formalityTargetType[], state, type.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.importers.naming import date_in_name
from knowledge.importers.portal_details import STATES
from knowledge.importers.portal_terms import (
    DETAIL_PAGE,
    NATIONAL_LIST,
    levels_of_agencies,
    listed,
    tidy,
)
from knowledge.importers.reading import Document, documents
from knowledge.importers.rendering import with_sections
from knowledge.records import Procedure, Rejection, Source, SourceRecord, State


def recognises(data: dict[str, Any]) -> bool:
    """Whether an object is an item of the list."""
    return "departmentPromulgate" in data and "categories" in data


def read(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records of a file, dated by the date in the file's name (None where it has none)."""
    date = date_in_name(path)
    for item in documents(path):
        yield (item if isinstance(item, Rejection) else list_item(item, path, NATIONAL_LIST, date))


def list_item(
    document: Document, path: Path, kind: str, date: dt.date | None
) -> SourceRecord | Rejection:
    """One item of the list as a record of source ``kind``."""
    data = document.data
    code = tidy(data.get("code"))
    if not code:
        return Rejection(file=str(path), line=document.line, reason="the record has no code")
    if code != data["code"]:
        reason = f"code {data['code']!r} is mistyped and may be another procedure's"
        return Rejection(file=str(path), line=document.line, reason=reason)
    try:
        portal_id = tidy(data.get("id")) or None
        url = DETAIL_PAGE + portal_id if portal_id else None
        source = Source(kind=kind, url=url, date=date)
        agencies = listed(data.get("departments"))
        procedure = Procedure(
            code=code,
            name=tidy(data.get("name")),
            portal_id=portal_id,
            url=url,
            levels=levels_of_agencies(agencies),
            field="; ".join(listed(data.get("categories"))),
            kind=tidy(data.get("type")),
            promulgated_by=tidy(data.get("departmentPromulgate")),
            audience=listed(data.get("formalityTargetType")),
            executing_agency="; ".join(agencies),
            state=STATES.get(data.get("state") or "ACTIVE", State.UNCONFIRMED),
        )
    except (TypeError, ValueError, ValidationError) as error:
        reason = f"{code}: not of this format: {str(error).splitlines()[0]}"
        return Rejection(file=str(path), line=document.line, reason=reason)
    procedure = with_sections(procedure, source)
    return SourceRecord(source=source, line=document.line, raw=document.raw, procedure=procedure)
