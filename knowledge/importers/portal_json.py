"""The national portal's own JSON: list answers, single details, or JSON Lines of either.

Wrappers ``{code: "OK", data: {items: [...]}}`` and ``{code: "OK", data: {...}}`` are opened. A
detail has executionSteps, executionMethods, cases, legalBasisesDetails and so on (the portal's
2026 API, undocumented); an item of the list has names and agencies only.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.importers import national_list
from knowledge.importers.naming import date_in_name
from knowledge.importers.portal_details import STATES
from knowledge.importers.portal_terms import (
    DETAIL_PAGE,
    METHOD_NAMES,
    PORTAL_JSON,
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
    Level,
    MethodKind,
    Procedure,
    Rejection,
    Result,
    ServiceLevel,
    Source,
    SourceRecord,
    State,
    Step,
    SubmissionMethod,
)

_DETAIL = {
    "executionSteps",
    "executionMethods",
    "resultsDetails",
    "legalBasisesDetails",
}
_LEVELS = {
    "isMinistry": Level.MINISTRY,
    "isProvince": Level.PROVINCE,
    "isWard": Level.COMMUNE,
}
_DATES = ("updatedAt", "lastModifiedDate", "createdAt")


def recognises(data: dict[str, Any]) -> bool:
    """Whether an object is a detail, or a wrapped answer of the portal."""
    inner = data.get("data")
    return bool(_DETAIL & data.keys()) or (isinstance(inner, dict) and "code" in data)


def read(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records of a file, each dated by its own change date, else by the file's name."""
    date = date_in_name(path)
    for item in documents(path):
        if isinstance(item, Rejection):
            yield item
            continue
        for document in _opened(item):
            if _DETAIL & document.data.keys() or not national_list.recognises(document.data):
                yield _record(document, path, date)
            else:
                yield national_list.list_item(document, path, PORTAL_JSON, date)


def _opened(document: Document) -> Iterator[Document]:
    """The document without its wrapper: items of a list answer by their place in it, from 1."""
    inner = document.data.get("data")
    if not isinstance(inner, dict):
        yield document
        return
    items = inner.get("items")
    if not isinstance(items, list):
        yield Document(document.line, document.raw, inner)
        return
    for place, item in enumerate(items, 1):
        data = item if isinstance(item, dict) else {}
        yield Document(place, json.dumps(item, ensure_ascii=False), data)


def _record(document: Document, path: Path, date: dt.date | None) -> SourceRecord | Rejection:
    data = document.data
    code = tidy(data.get("code"))
    if not code:
        return Rejection(file=str(path), line=document.line, reason="the record has no code")
    try:
        source = _source(data, date)
        procedure = with_sections(_procedure(data, source.url), source)
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError) as error:
        reason = f"{code}: not of this format: {type(error).__name__} {str(error).splitlines()[0]}"
        return Rejection(file=str(path), line=document.line, reason=reason)
    return SourceRecord(source=source, line=document.line, raw=document.raw, procedure=procedure)


def _source(data: dict[str, Any], date: dt.date | None) -> Source:
    changed = next((data[name] for name in _DATES if data.get(name)), None)
    if isinstance(changed, str):
        date = dt.datetime.fromisoformat(changed).date()
    portal_id = tidy(data.get("id"))
    return Source(kind=PORTAL_JSON, url=DETAIL_PAGE + portal_id if portal_id else None, date=date)


def _procedure(data: dict[str, Any], url: str | None) -> Procedure:
    agencies = _names(data.get("departmentsExecuting"))
    return Procedure(
        code=tidy(data["code"]),
        name=tidy(data.get("name")),
        portal_id=tidy(data.get("id")) or None,
        url=url,
        levels=[level for name, level in _LEVELS.items() if data.get(name)]
        or levels_of_agencies(agencies),
        field="; ".join(_names(data.get("categoriesDetails"))),
        decision=tidy(data.get("decisionNo")) or None,
        service_level=ServiceLevel.FULL if data.get("isFullProcess") else None,
        kind=tidy(data.get("type")),
        promulgated_by=tidy(data.get("departmentPromulgateName")),
        audience=_names(data.get("formalityTargetType")),
        executing_agency="; ".join(agencies),
        receiving_address="; ".join(_names(data.get("dossierReceivingAddresses"))),
        methods=[_method(method) for method in data.get("executionMethods") or ()],
        cases=[_case(case) for case in data.get("cases") or ()],
        steps=[
            Step(
                name=tidy(step.get("name")),
                text=(step.get("description") or "").strip(),
            )
            for step in data.get("executionSteps") or ()
        ],
        conditions=(data.get("requirementsAndConditions") or "").strip(),
        results=[
            Result(name=tidy(result.get("name")), code=tidy(result.get("code")))
            for result in data.get("resultsDetails") or ()
        ],
        legal_bases=[
            LegalBasis(name=tidy(basis.get("name")), number=tidy(basis.get("code")))
            for basis in data.get("legalBasisesDetails") or ()
        ],
        state=STATES.get(data.get("state") or "ACTIVE", State.UNCONFIRMED),
    )


def _names(values: object) -> list[str]:
    """Names of a list of strings or of objects with a ``name``."""
    items = values if isinstance(values, list) else [values]
    return listed([item.get("name") if isinstance(item, dict) else item for item in items])


def _method(method: dict[str, Any]) -> SubmissionMethod:
    kind = MethodKind(method["submissionMethod"].lower())
    return SubmissionMethod(
        kind=kind,
        name=METHOD_NAMES[kind],
        time=time_text(method.get("processingTime"), method.get("processingTimeUnit") or ""),
        fees=[
            fee_of(fee.get("value"), _currency(fee), _fee_text(fee), fee.get("type") or "")
            for fee in method.get("fees") or ()
        ],
        note=(method.get("description") or "").strip(),
    )


def _currency(fee: dict[str, Any]) -> str:
    return tidy(fee.get("currency")) or "VNĐ"


def _fee_text(fee: dict[str, Any]) -> str:
    return ": ".join(text for text in (tidy(fee.get("name")), tidy(fee.get("description"))) if text)


def _case(case: dict[str, Any]) -> Case:
    return Case(
        name=tidy(case.get("name")),
        components=[
            Component(
                name=(part.get("name") or "").strip(),
                originals=part.get("originalQty"),
                copies=part.get("copyQty"),
                form_name="; ".join(
                    listed([form.get("fileName") for form in part.get("attachments") or ()])
                ),
            )
            for part in case.get("profileComponents") or ()
        ],
    )
