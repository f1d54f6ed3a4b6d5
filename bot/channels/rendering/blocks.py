"""Draws blocks as paragraphs: the part of drawing that is the same in every messaging channel.

Texts of records stand as they are; labels come from the text catalogue, the same as on the page.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.channels.rendering.document import Button, Document, Line, Paragraph, Span
from bot.messages import message, texts
from bot.replies import PublicBlock, PublicChoices, PublicOption
from knowledge.blocks import (
    ComponentRow,
    ComponentsBlock,
    ContactBlock,
    DossierBlock,
    FeeTableBlock,
    FiguresBlock,
    ListBlock,
    NoticeBlock,
    ProcedureBlock,
    RuleArticleBlock,
    SourceLine,
    StepsBlock,
    TextBlock,
)

_LABELS = texts("page")
_MARKED = "▸ "
_STATES = {"done": "●", "now": "▶", "todo": "○"}
_WARNING = "⚠️ "


def document(
    blocks: Sequence[PublicBlock], suggestions: Sequence[PublicOption], *, numbered: bool
) -> Document:
    """The drawn answer. ``numbered``: the text lists every button with the number that picks it."""
    drawn = Document(suggestions=[_button(option) for option in suggestions])
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):
        if not isinstance(block, PublicChoices):
            drawn.paragraphs += filter(_visible, _paragraphs(block))
            drawn.paragraphs += _source(_cited(block)) if _cited(block) != _cited(following) else ()
            continue
        drawn.paragraphs += _prose(block.text)
        first = len(drawn.choices) + 1
        drawn.choices += [_button(option) for option in block.options]
        if numbered:
            drawn.paragraphs.append(_numbers(drawn.choices[first - 1 :], first))
    if numbered and suggestions:
        drawn.paragraphs.append(_title(message("page.suggestions")))
        drawn.paragraphs.append(_numbers(drawn.suggestions, len(drawn.choices) + 1))
    return drawn


def _visible(paragraph: Paragraph) -> bool:
    return any(span.text.strip() for line in paragraph.lines for span in line)


def _cited(block: PublicBlock | None) -> SourceLine | None:
    """Where the block stands; said once under blocks that stand in the same place."""
    return getattr(block, "source", None)


def _button(option: PublicOption) -> Button:
    return Button(option.label, option.id or option.label, option.detail)


def _numbers(buttons: Sequence[Button], first: int) -> Paragraph:
    lines = []
    for number, button in enumerate(buttons, first):
        detail = f" – {button.detail}" if button.detail else ""
        lines.append((Span(f"{number}. {button.label}{detail}"),))
    return Paragraph(tuple(lines))


def _paragraphs(block: PublicBlock) -> list[Paragraph]:
    match block:
        case TextBlock():
            return _part(block, _prose(block.text))
        case ProcedureBlock():
            return list(_procedure(block))
        case FeeTableBlock():
            return _part(block, [*_fees(block), *_extra(block.extra)])
        case ComponentsBlock():
            return _part(block, [*_cases(block), *_extra(block.extra)])
        case StepsBlock():
            return _part(block, [*_steps(block), *_extra(block.extra)])
        case ListBlock():
            return _part(block, [*_items(block), *_extra(block.extra)])
        case ContactBlock():
            lines = [(Span(block.text),), *_labelled(block.lines)]
            return [Paragraph(tuple(lines))]
        case NoticeBlock():
            mark = _WARNING if block.level == "warning" else ""
            return _prose(mark + block.text)
        case DossierBlock():
            return list(_dossier(block))
        case FiguresBlock():
            return list(_figures(block))
        case RuleArticleBlock():
            return list(_rule_article(block))
    raise TypeError(type(block).__name__)


def _part(
    block: TextBlock | FeeTableBlock | ComponentsBlock | StepsBlock | ListBlock,
    inside: Iterable[Paragraph],
) -> list[Paragraph]:
    """Title and what stands in the part."""
    title = [_title((_MARKED if block.marked else "") + block.title)] if block.title else []
    folded = (replace(paragraph, folded=block.folded or paragraph.folded) for paragraph in inside)
    return [*title, *folded]


def _title(text: str) -> Paragraph:
    return Paragraph(((Span(text, bold=True),),), heads=True)


def _lines(text: str) -> list[Line]:
    return [(Span(line),) for line in text.split("\n")]


def _prose(text: str) -> list[Paragraph]:
    return [Paragraph(tuple(_lines(part))) for part in re.split(r"\n{2,}", text.strip("\n"))]


def _linked(text: str, url: str | None) -> Span:
    """``text`` as a link where ``url`` is an http or https address: no other scheme is followed."""
    return Span(text, url=url if url and re.fullmatch(r"https?://\S+", url) else "")


def _labelled(rows: Iterable[tuple[str, str]]) -> Iterator[Line]:
    for label, value in rows:
        yield Span(f"{label}: ", bold=True), *_lines(value)[0]
        yield from _lines(value)[1:]


def _source(source: SourceLine | None) -> Iterator[Paragraph]:
    if source is None:
        return
    day = dt.date.fromisoformat(source.date).strftime("%d/%m/%Y") if source.date else ""
    parts = [f"{_LABELS['procedure_code']} {source.code}"]
    parts += [f"{_LABELS['decision']} {source.decision}"] if source.decision else []
    dated = f", {_LABELS['source_date']} {day}" if day else ""
    line = (
        Span(f"{_LABELS['source']}: "),
        _linked(source.origin, source.url),
        Span(f"{dated}. {'. '.join(parts)}."),
    )
    yield Paragraph((line,))


def _extra(extra: Sequence[str]) -> Iterator[Paragraph]:
    if extra:
        yield Paragraph(((Span(_LABELS["more_text"], bold=True),),), folded=True, heads=True)
        for text in extra:
            yield from (replace(part, folded=True) for part in _prose(text))


def _procedure(block: ProcedureBlock) -> Iterator[Paragraph]:
    code = f"{_LABELS['procedure_code']} {block.code}"
    about = " · ".join(filter(None, (code, block.level, block.field)))
    yield Paragraph(((Span(block.name, bold=True),), (Span(about),)))
    if block.warning:
        yield from _prose(_WARNING + block.warning)
    if block.facts:
        yield Paragraph(tuple(_labelled(block.facts)))
    link = _linked(_LABELS["submit_online" if block.online else "open_procedure"], block.url)
    if link.url:
        yield Paragraph(((link,),))


def _fees(block: FeeTableBlock) -> Iterator[Paragraph]:
    for row in block.rows:
        rows = [(_LABELS["time"], row.time)] if row.time else []
        rows += [(_LABELS["fee"], fee) for fee in row.fees]
        note = _lines(row.note) if row.note else []
        yield Paragraph(((Span(row.method, bold=True),), *_labelled(rows), *note))


def _cases(block: ComponentsBlock) -> Iterator[Paragraph]:
    for case in block.cases:
        if case.name:
            name = tuple((Span(line[0].text, bold=True),) for line in _lines(case.name))
            yield Paragraph(name, case.folded, heads=True)
        for row in case.rows:
            yield Paragraph(tuple(_component(row)), case.folded, tight=True)


def _component(row: ComponentRow) -> Iterator[Line]:
    yield from _lines(f"• {row.name}")
    counts = [
        f"{count} {_LABELS[word]}"
        for count, word in ((row.originals, "originals"), (row.copies, "copies"))
        if count
    ]
    counts += [row.quantity] if row.quantity else []
    if counts:
        yield (Span(", ".join(counts)),)
    if row.form_name or row.form_url:
        form = row.form_name or row.form_url or ""
        yield Span(f"{_LABELS['form']}: "), _linked(form, row.form_url)


def _steps(block: StepsBlock) -> Iterator[Paragraph]:
    for number, step in enumerate(block.steps, 1):
        first, *rest = _lines(step.text)
        name = (Span(f"{step.name} ", bold=True),) if step.name else ()
        yield Paragraph(((Span(f"{number}. "), *name, *first), *rest), tight=True)


def _items(block: ListBlock) -> Iterator[Paragraph]:
    for item, detail in block.items:
        lines = [(_linked(detail, detail),)] if detail else []
        yield Paragraph((*_lines(f"• {item}"), *lines), tight=True)


def _dossier(block: DossierBlock) -> Iterator[Paragraph]:
    yield Paragraph(((Span(block.status, bold=True),), *_lines(block.meaning)))
    lines = list(_labelled([(_LABELS["dossier"], block.code)]))
    lines += _lines(block.procedure) if block.procedure else []
    lines += _labelled([(_LABELS["agency"], block.agency)] if block.agency else [])
    if block.due:
        lines.append((Span((_WARNING if block.late else "") + block.due),))
    yield Paragraph(tuple(lines))
    if block.next_steps:
        steps = [(Span(f"• {step}"),) for step in block.next_steps]
        yield Paragraph(((Span(_LABELS["next_steps"], bold=True),), *steps))
    if block.timeline:
        rows = [
            (Span(f"{_STATES[row.state]} {row.label}" + (f": {row.when}" if row.when else "")),)
            for row in block.timeline
        ]
        yield Paragraph(((Span(_LABELS["timeline"], bold=True),), *rows))
    yield Paragraph(((Span(block.as_of),),))


def _figures(block: FiguresBlock) -> Iterator[Paragraph]:
    yield Paragraph(((Span(block.title, bold=True),), (Span(block.unit),)), heads=True)
    for row in block.rows:
        figures = _labelled(zip(block.columns, row.values, strict=True))
        yield Paragraph(((Span(row.name, bold=True),), *figures))
    yield Paragraph(((Span(block.as_of),),))


def _rule_article(block: RuleArticleBlock) -> Iterator[Paragraph]:
    about = " · ".join(filter(None, (block.document, block.heading)))
    yield Paragraph(((Span(block.address, bold=True),), *_lines(about)), heads=True)
    yield from _prose(block.lead)
    yield from _prose(block.text)
    for note in block.notes:
        yield from _prose(note)
    force = f". {block.force}" if block.force else ""
    yield Paragraph(((_linked(block.number, block.url), Span(force)),))
