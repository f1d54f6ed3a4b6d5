"""Sections of structured sources: their verbatim text written out from the typed fields.

Structured sources have no text of their own, so the text is the fields' texts in order, one line
a row, cells separated by ``CELL``; nothing is added to them.
"""

from collections.abc import Iterable, Mapping

from knowledge.importers.portal_terms import COPIES, ORIGINALS
from knowledge.records import ParseState, Procedure, Section, SectionKey, Source

CELL = " · "


def with_sections(
    procedure: Procedure,
    source: Source,
    unplaced: Mapping[SectionKey, list[str]] | None = None,
) -> Procedure:
    """``procedure`` with one section for each part it has; ``unplaced``: texts without a field."""
    extra = unplaced or {}
    texts = {
        SectionKey.COMPONENTS: _components(procedure),
        SectionKey.FORMS: _forms(procedure),
        SectionKey.FEES: _methods(procedure),
        SectionKey.TIME: _methods(procedure),
        SectionKey.CHANNELS: _methods(procedure),
        SectionKey.STEPS: _lines(_cells(step.name, step.text) for step in procedure.steps),
        SectionKey.AGENCY: procedure.executing_agency,
        SectionKey.CONDITIONS: procedure.conditions,
        SectionKey.RESULTS: _lines(_cells(r.name, r.code, r.note) for r in procedure.results),
        SectionKey.LEGAL_BASIS: _lines(_cells(b.name, b.number) for b in procedure.legal_bases),
        SectionKey.AUDIENCE: _lines(procedure.audience),
    }
    sections = {}
    for key, text in texts.items():
        rest = extra.get(key, [])
        verbatim = _lines([text, *rest])
        if verbatim:
            sections[key] = Section(
                verbatim=verbatim,
                parse=ParseState.PARTIAL if rest else ParseState.FULL,
                unplaced=rest,
                source=source,
            )
    return procedure.model_copy(update={"sections": sections})


def _cells(*texts: str) -> str:
    return CELL.join(text for text in texts if text)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)


def _methods(procedure: Procedure) -> str:
    return _lines(
        _cells(
            method.name,
            method.time,
            *(fee.verbatim for fee in method.fees),
            method.note,
        )
        for method in procedure.methods
    )


def _components(procedure: Procedure) -> str:
    rows = []
    for case in procedure.cases:
        rows.append(case.name)
        for part in case.components:
            counts = (
                f"{number} {word}"
                for number, word in ((part.originals, ORIGINALS), (part.copies, COPIES))
                if number is not None
            )
            rows.append(_cells(part.name, part.form_name, *counts, part.quantity))
    return _lines(rows)


def _forms(procedure: Procedure) -> str:
    return _lines(
        _cells(part.form_name, part.form_url or "")
        for case in procedure.cases
        for part in case.components
    )
