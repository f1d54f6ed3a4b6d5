"""An answer in the form a person wants: what is asked of first, brief, full, without a case.

Nothing is dropped: what the form leaves out is folded, one tap away, and that is said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.answers import TABLE, WHOLE, head, section_blocks, source_line
from knowledge.blocks import (
    AnswerBlock,
    CaseRows,
    ComponentRow,
    ComponentsBlock,
    ContactBlock,
    FeeTableBlock,
    Foldable,
    ListBlock,
    NoticeBlock,
    StepsBlock,
    TextBlock,
)
from knowledge.messages import messages
from knowledge.passages import SENTENCE, Fact, Found, find_passages
from knowledge.records import MethodKind, Procedure, SectionKey
from knowledge.text.folding import words

FIRST_ITEMS = 3  # of a list, where the answer is to be brief
CASE_WORDS = frozenset(words("trường hợp phần cho của là làm cấp thủ tục đăng ký"))


@dataclass(frozen=True)
class Wishes:
    """How a person wants the answer. ``without``: cases, in the person's words, and
    ``without_sections``: both are left closed."""

    brief: bool = False
    full: bool = False
    legal_basis: bool = False
    online_link: bool = False
    without: tuple[str, ...] = ()
    without_sections: frozenset[SectionKey] = frozenset()


NO_WISHES = Wishes()


def answer(
    procedure: Procedure,
    sections: Sequence[SectionKey],
    fact: Fact | None = None,
    wishes: Wishes = NO_WISHES,
) -> list[AnswerBlock]:
    """Head, the part that speaks of ``fact``, the asked sections in order, and what the wishes
    add. Without sections, what people need first."""
    found = find_passages(procedure, fact, sections) if fact else []
    blocks: list[AnswerBlock] = [head(procedure, _is_short_head(sections, wishes))]
    blocks += [_passage(procedure, one) for one in found]
    if fact and fact.certain and not found:
        blocks.append(NoticeBlock(text=messages()["no_passage"]))
    for key, folded in _order(procedure, sections, found, wishes):
        shown = section_blocks(procedure, key)
        brief = wishes.brief and not folded
        blocks += _folded(shown) if folded else [b for s in shown for b in _led(s, brief)]
    return [*_without_cases(blocks, wishes.without), *_remarks(procedure, sections, wishes)]


def _is_short_head(sections: Sequence[SectionKey], wishes: Wishes) -> bool:
    return bool(sections) and not (wishes.brief or wishes.full)


def _order(
    procedure: Procedure, sections: Sequence[SectionKey], found: Sequence[Found], wishes: Wishes
) -> Iterator[tuple[SectionKey, bool]]:
    """Each section to show, once, and whether it is folded."""
    asked = [*(sections or WHOLE), *([SectionKey.LEGAL_BASIS] if wishes.legal_basis else [])]
    told = [one.section for one in found]
    if found and not sections:
        asked = [*told, *asked[len(WHOLE) :]]
    rest = [SectionKey.OVERVIEW, *procedure.sections] if wishes.full else []
    shown: set[SectionKey] = set()
    for key in [*told, *asked, *rest]:
        if key not in shown:
            shown |= TABLE if key in TABLE else {key}
            closed = key in told or (bool(found) and len(sections) == 1)
            closed = closed or key in wishes.without_sections or key not in asked
            closed = closed or (wishes.brief and not sections)
            yield key, closed and not (wishes.legal_basis and key is SectionKey.LEGAL_BASIS)


def _passage(procedure: Procedure, found: Found) -> AnswerBlock:
    """What the record says of the fact, marked, word for word."""
    name = messages()["sections"][found.section]
    title = messages()["passage"].format(section=name)
    section = procedure.sections.get(found.section)
    source = source_line(procedure, section.source if section else None)
    if found.methods:
        table = next(
            block
            for block in section_blocks(procedure, found.section)
            if isinstance(block, FeeTableBlock)
        )
        pairs = zip(procedure.methods, table.rows, strict=True)
        rows = [row for method, row in pairs if method in found.methods]
        return table.model_copy(update={"title": title, "rows": rows, "extra": [], "marked": True})
    if found.components:
        cases: dict[str, list[ComponentRow]] = {}
        for case, part in found.components:
            cases.setdefault(case, []).append(ComponentRow(**part.model_dump()))
        return ComponentsBlock(
            title=title,
            cases=[CaseRows(name=case, rows=rows) for case, rows in cases.items()],
            extra=list(found.sentences),
            marked=True,
            source=source,
        )
    return TextBlock(title=title, text="\n\n".join(found.sentences), marked=True, source=source)


def _folded(blocks: Iterable[AnswerBlock]) -> list[AnswerBlock]:
    return [
        block.model_copy(update={"folded": True}) if isinstance(block, Foldable) else block
        for block in blocks
    ]


def _led(block: AnswerBlock, brief: bool) -> list[AnswerBlock]:
    """The block; where the answer is to be brief, its lead, and all of it folded."""
    lead = _lead(block) if brief else block
    if lead == block:
        return [block]
    whole = messages()["whole"].format(title=getattr(block, "title", ""))
    return [lead, *_folded([block.model_copy(update={"title": whole})])]


def _lead(block: AnswerBlock) -> AnswerBlock:
    """What a person in a hurry reads: first case, sentence, items; the fees without notes."""
    if isinstance(block, ComponentsBlock):
        return block.model_copy(update={"cases": block.cases[:1], "extra": []})
    if isinstance(block, FeeTableBlock):
        rows = [row.model_copy(update={"note": ""}) for row in block.rows]
        return block.model_copy(update={"rows": rows, "extra": []})
    if isinstance(block, StepsBlock):
        steps = [step.model_copy(update={"text": _first(step.text)}) for step in block.steps]
        return block.model_copy(update={"steps": steps, "extra": []})
    if isinstance(block, ListBlock):
        return block.model_copy(update={"items": block.items[:FIRST_ITEMS], "extra": []})
    if isinstance(block, TextBlock):
        return block.model_copy(update={"text": _first(block.text)})
    return block


def _first(text: str) -> str:
    return next((part.strip() for part in SENTENCE.split(text) if part.strip()), text)


def _without_cases(blocks: list[AnswerBlock], without: Sequence[str]) -> list[AnswerBlock]:
    """The blocks with the named cases folded, and a notice of what became of each wish."""
    notices: list[AnswerBlock] = []
    for said in without:
        wanted = set(words(said)) - CASE_WORDS or set(words(said))
        names: dict[str, None] = {}
        for at, block in enumerate(blocks):
            if not isinstance(block, ComponentsBlock) or block.marked:
                continue
            named = {case.name for case in block.cases if wanted <= set(words(case.name))}
            names |= dict.fromkeys(case.name for case in block.cases if case.name in named)
            cases = [
                case.model_copy(update={"folded": case.folded or case.name in named})
                for case in block.cases
            ]
            blocks[at] = block.model_copy(update={"cases": cases})
        key = "wished_without_cases" if names else "no_such_case"
        told = ", ".join(f"“{name}”" for name in names)
        notices.append(NoticeBlock(text=messages()[key].format(names=told, words=said)))
    return [*blocks, *notices]


def _remarks(
    procedure: Procedure, sections: Sequence[SectionKey], wishes: Wishes
) -> Iterator[AnswerBlock]:
    texts = messages()
    closed = [key for key in sections or WHOLE if key in wishes.without_sections]
    if closed:
        names = ", ".join(texts["sections"][key] for key in closed)
        yield NoticeBlock(text=texts["wished_without_sections"].format(names=names))
    if wishes.brief:
        yield NoticeBlock(text=texts["wished_brief"])
    if wishes.online_link:
        yield _online_link(procedure)


def _online_link(procedure: Procedure) -> AnswerBlock:
    texts = messages()
    if procedure.url is None:
        return NoticeBlock(text=texts["online_link_none"])
    online = any(method.kind is MethodKind.ONLINE for method in procedure.methods)
    text = texts["online_link" if online else "online_link_silent"]
    return ContactBlock(text=text, lines=[(texts["online_page"], procedure.url)])
