"""The head and each section of a record as answer blocks, word for word.

Typed fields are shown as tables and lists; what an importer could not place stands beside them
as ``extra``; a section that was not parsed at all is shown as its whole original text. A section
the record does not have is said to be missing - nothing is ever filled in.
"""

from collections.abc import Callable, Iterable

from knowledge.blocks import (
    AnswerBlock,
    CaseRows,
    ComponentRow,
    ComponentsBlock,
    FeeRow,
    FeeTableBlock,
    ListBlock,
    NoticeBlock,
    ProcedureBlock,
    SourceLine,
    StepRow,
    StepsBlock,
    TextBlock,
)
from knowledge.messages import messages
from knowledge.records import (
    Component,
    MethodKind,
    ParseState,
    Procedure,
    Section,
    SectionKey,
    ServiceLevel,
    Source,
    State,
    SubmissionMethod,
)

WHOLE = (SectionKey.COMPONENTS, SectionKey.FEES)  # shown when a procedure is asked for as such
TABLE = frozenset({SectionKey.FEES, SectionKey.TIME, SectionKey.CHANNELS})
FREE_OPEN = "Miễn phí("  # the portal's own print, see _free_but_explained
FACT_LENGTH = 160  # a longer text is no five-second fact


def head(procedure: Procedure, brief: bool = False) -> ProcedureBlock:
    """Which procedure, and the facts a person reads in five seconds.

    ``brief``: without the facts, so that an asked section stands at the top of a phone's screen.
    """
    texts = messages()
    facts = [
        (
            texts["facts"]["time"],
            _common(m.time for m in procedure.methods if not m.time.isdigit()),
        ),
        (texts["facts"]["fees"], _common_fees(procedure)),
        (texts["facts"]["agency"], _short(procedure.executing_agency)),
        (texts["facts"]["methods"], ", ".join(dict.fromkeys(m.name for m in procedure.methods))),
        (texts["facts"]["service_level"], _service_level(procedure)),
    ]
    unconfirmed = procedure.state == State.UNCONFIRMED
    return ProcedureBlock(
        code=procedure.code,
        name=procedure.name,
        level=_levels(procedure),
        field=procedure.field,
        facts=[(label, value) for label, value in facts if value and not brief],
        url=procedure.url,
        online=takes_online(procedure),
        warning=texts["unconfirmed"] if unconfirmed else None,
        source=source_line(procedure, procedure.provenance.get("name")),
    )


def takes_online(procedure: Procedure) -> bool:
    """Whether the record tells of an online submission on the procedure's own page."""
    named = any(method.kind is MethodKind.ONLINE for method in procedure.methods)
    return named and procedure.service_level is not ServiceLevel.INFORMATION


def section_blocks(procedure: Procedure, key: SectionKey) -> list[AnswerBlock]:
    """One section as blocks; never empty: a silent record is said to be silent."""
    if key is SectionKey.OVERVIEW:
        return [_overview(procedure)]
    section = procedure.sections.get(key)
    builder = _TYPED.get(key)
    if section is None:
        if key is SectionKey.FORMS and _forms(procedure):
            section = procedure.sections.get(SectionKey.COMPONENTS)
        else:
            return [_silent(procedure, key)]
    if builder is None or section is None or section.parse is ParseState.NONE:
        return [_verbatim(procedure, key, section)]
    blocks = [builder(procedure, key, section)]
    if key in TABLE and any(_free_but_explained(m) for m in procedure.methods):
        blocks.append(NoticeBlock(text=messages()["free_but_explained"]))
    return blocks


def source_line(procedure: Procedure, source: Source | None) -> SourceLine:
    """Code, decision, origin, link and date under a block."""
    kind = source.kind if source else ""
    return SourceLine(
        code=procedure.code,
        decision=procedure.provincial_decision or procedure.decision,
        origin=messages()["origins"].get(kind, kind),
        url=(source.url if source else None) or procedure.url,
        date=source.date.isoformat() if source and source.date else None,
    )


def _silent(procedure: Procedure, key: SectionKey) -> NoticeBlock:
    template = messages()["silent_link" if procedure.url else "silent"]
    return NoticeBlock(text=template.format(section=messages()["sections"][key]))


def _verbatim(procedure: Procedure, key: SectionKey, section: Section | None) -> TextBlock:
    return TextBlock(
        title=messages()["sections"][key],
        text=section.verbatim if section else "",
        source=source_line(procedure, section.source if section else None),
    )


def _overview(procedure: Procedure) -> ListBlock:
    labels = messages()["facts"]
    values = {
        "level": _levels(procedure),
        "field": procedure.field,
        "audience": ", ".join(procedure.audience),
        "agency": procedure.executing_agency,
        "competent_agency": procedure.competent_agency,
        "receiving_address": procedure.receiving_address,
        "authorized_agency": procedure.authorized_agency,
        "coordinating_agency": procedure.coordinating_agency,
        "service_level": _service_level(procedure),
        "promulgated_by": procedure.promulgated_by,
        "decision": procedure.decision or "",
        "provincial_decision": procedure.provincial_decision or "",
        "related": procedure.related,
    }
    return ListBlock(
        title=messages()["sections"]["overview"],
        items=[(labels[name], value) for name, value in values.items() if value],
        source=source_line(procedure, procedure.provenance.get("name")),
    )


def _free_but_explained(method: SubmissionMethod) -> bool:
    """The portal prints "Miễn phí(...)" for an amount of 0, though the words may tell a fee."""
    return any(fee.amount is None and fee.verbatim.startswith(FREE_OPEN) for fee in method.fees)


def _fee_table(procedure: Procedure, key: SectionKey, section: Section) -> FeeTableBlock:
    names = messages()["methods"]
    rows = [
        FeeRow(
            method=names[method.kind] if method.kind else method.name,
            time=method.time,
            fees=[fee.verbatim for fee in method.fees],
            note=method.note,
        )
        for method in procedure.methods
    ]
    return FeeTableBlock(
        title=messages()["sections"][key],
        rows=rows,
        extra=section.unplaced,
        source=source_line(procedure, section.source),
    )


def _components(procedure: Procedure, key: SectionKey, section: Section) -> ComponentsBlock:
    cases = [
        CaseRows(name=case.name, rows=[_component(part) for part in case.components])
        for case in procedure.cases
    ]
    return ComponentsBlock(
        title=messages()["sections"][key],
        cases=cases,
        extra=section.unplaced,
        source=source_line(procedure, section.source),
    )


def _component(part: Component) -> ComponentRow:
    return ComponentRow(**part.model_dump())


def _steps(procedure: Procedure, key: SectionKey, section: Section) -> StepsBlock:
    return StepsBlock(
        title=messages()["sections"][key],
        steps=[StepRow(name=step.name, text=step.text) for step in procedure.steps],
        extra=section.unplaced,
        source=source_line(procedure, section.source),
    )


def _results(procedure: Procedure, key: SectionKey, section: Section) -> ListBlock:
    items = [(result.name, result.note) for result in procedure.results]
    return _list(procedure, key, section, items)


def _legal_bases(procedure: Procedure, key: SectionKey, section: Section) -> ListBlock:
    items = [(basis.name, basis.number) for basis in procedure.legal_bases]
    return _list(procedure, key, section, items, folded=len(items) > 3)


def _audience(procedure: Procedure, key: SectionKey, section: Section) -> ListBlock:
    return _list(procedure, key, section, [(who, "") for who in procedure.audience])


def _form_list(procedure: Procedure, key: SectionKey, section: Section) -> ComponentsBlock:
    rows = [_component(part) for part in _forms(procedure)]
    return ComponentsBlock(
        title=messages()["sections"][key],
        cases=[CaseRows(name="", rows=rows)],
        source=source_line(procedure, section.source),
    )


def _list(
    procedure: Procedure,
    key: SectionKey,
    section: Section,
    items: list[tuple[str, str]],
    folded: bool = False,
) -> ListBlock:
    return ListBlock(
        title=messages()["sections"][key],
        items=items,
        folded=folded,
        extra=section.unplaced,
        source=source_line(procedure, section.source),
    )


def _forms(procedure: Procedure) -> list[Component]:
    parts = [part for case in procedure.cases for part in case.components]
    return [part for part in parts if part.form_name or part.form_url]


def _levels(procedure: Procedure) -> str:
    return ", ".join(messages()["levels"][level] for level in procedure.levels)


def _service_level(procedure: Procedure) -> str:
    level = procedure.service_level
    return messages()["service_levels"][level] if level else ""


def _common(values: Iterable[str]) -> str:
    """The one value all methods share, or a pointer to the table; '' when there is none."""
    distinct = list(dict.fromkeys(value for value in values if value))
    if not distinct:
        return ""
    return _short(distinct[0]) if len(distinct) == 1 else messages()["see_table"]


def _common_fees(procedure: Procedure) -> str:
    return _common("; ".join(fee.verbatim for fee in m.fees) for m in procedure.methods)


def _short(text: str) -> str:
    return text if len(text) <= FACT_LENGTH else messages()["see_list"]


_TYPED: dict[SectionKey, Callable[[Procedure, SectionKey, Section], AnswerBlock]] = {
    SectionKey.COMPONENTS: _components,
    SectionKey.FEES: _fee_table,
    SectionKey.TIME: _fee_table,
    SectionKey.CHANNELS: _fee_table,
    SectionKey.STEPS: _steps,
    SectionKey.RESULTS: _results,
    SectionKey.LEGAL_BASIS: _legal_bases,
    SectionKey.AUDIENCE: _audience,
    SectionKey.FORMS: _form_list,
}
