"""The run-together table of submission methods (cách thức thực hiện).

Grammar, with no separator between cells::

    table  = header row*
    row    = method time fees [note]
    method = "Trực tuyến" | "Trực tiếp" | "Dịch vụ bưu chính"
    time   = number unit | number | filler | free text
    fees   = filler | fee+
    fee    = ("Miễn phí" | amount currency) ["(" description ")"]

A method's name also occurs inside notes, so a row starts only where method, time and fees follow
one another. A number without unit (the portal's unit "other") runs into an amount after it
("1100,000 VNĐ"); it is split where only one reading is possible, or where the other rows of the
table have the same time, else both stay unplaced.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.importers.pieces import Cover, Piece
from knowledge.importers.portal_terms import FILLER, FREE, METHOD_NAMES, sure_amount
from knowledge.records import Fee, SubmissionMethod

HEADER = "Hình thức nộpThời gianPhí, lệ phíMô tả"
_UNITS = "Ngày làm việc|Ngày|Giờ|Tháng|Năm"
_METHOD = re.compile("|".join(METHOD_NAMES.values()))
_KINDS = {name: kind for kind, name in METHOD_NAMES.items()}
_TIME = re.compile(rf"\d+(?:[.,]\d+)? (?:{_UNITS})|{FILLER}")
_AMOUNT = r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*"
_CURRENCY = r"(?:VNĐ|Việt Nam Đồng|USD|EUR|Đô la Mỹ)"
_FEE = re.compile(rf"({FREE})|({_AMOUNT}) ({_CURRENCY})")
_RUN_IN = re.compile(rf"([1-9][\d,]*) ({_CURRENCY})")
_BARE = re.compile(rf"\d+(?:[.,]\d+)?(?={FREE}|{FILLER})")
_FREE_TEXT = re.compile(rf"(?=[A-ZĐÀ-Ỹ])[^\n]{{2,160}}?(?<=\S) ?(?={FREE}|{FILLER})")
_ENUMERATOR = re.compile(r"[\s;.,:(](?:[a-zđA-ZĐ]|\d{1,2}|[ivx]{1,3})$")
_ITEM = re.compile(r"\((?:[a-zđ]|\d{1,2}|[ivx]{1,3})\)[^\n]{20}")


@dataclass(frozen=True)
class _Head:
    """Where the cells of a row stand; ``time`` None: it could not be told from the amount."""

    start: int
    method_end: int
    time: tuple[int, int] | None
    fees: int


def parse_methods(text: str) -> tuple[list[SubmissionMethod], list[Piece]]:
    """Methods with time, fees and note, and the pieces of the whole text."""
    cover = Cover(text)
    reached = len(text) - len(text.lstrip())
    if text.startswith(HEADER, reached):
        cover.add("header", reached, reached + len(HEADER))
        reached += len(HEADER)
    heads = list(_heads(text, reached))
    methods = []
    ends = [head.start for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=False):
        methods.append(_row(cover, head, end))
    return methods, cover.whole()


def _heads(text: str, start: int) -> Iterator[_Head]:
    """Row starts, in order; times run into an amount are split by what the other rows say."""
    found = []
    reached = start
    for method in _METHOD.finditer(text, start):
        head = _head(text, method) if method.start() >= reached else None
        if head:
            found.append(head)
            reached = head.fees
    known = {text[slice(*head.time)] for head in found if head.time}
    for head in found:
        yield head if head.time else _split(text, head, known)


def _head(text: str, method: re.Match[str]) -> _Head | None:
    start, end = method.span()
    time = _TIME.match(text, end)
    if time and _fees_follow(text, time.end()):
        return _Head(start, end, time.span(), time.end())
    if text[start - 1 : start] in (" ", "(", "“"):
        return None
    if _RUN_IN.match(text, end):
        return _Head(start, end, None, end)
    other = _BARE.match(text, end) or _FREE_TEXT.match(text, end)
    return _Head(start, end, other.span(), other.end()) if other else None


def _fees_follow(text: str, at: int) -> bool:
    return text.startswith(FILLER, at) or _FEE.match(text, at) is not None


def _split(text: str, head: _Head, known: set[str]) -> _Head:
    """The row with its unit-less time told from the amount, where one reading is left."""
    run = _RUN_IN.match(text, head.method_end)
    digits = run.group(1) if run else ""
    splits = [
        place
        for place in range(1, min(4, len(digits)))
        if digits[:place].isdigit() and re.fullmatch(_AMOUNT, digits[place:])
    ]
    if len(splits) > 1:
        splits = [place for place in splits if digits[:place] in known]
    if len(splits) != 1:
        return head
    end = head.method_end + splits[0]
    return _Head(head.start, head.method_end, (head.method_end, end), end)


def _row(cover: Cover, head: _Head, end: int) -> SubmissionMethod:
    text = cover.text
    name = cover.add("method", head.start, head.method_end)
    if head.time is None:
        run = _RUN_IN.match(text, head.method_end)
        note = _note(cover, run.end() if run else head.method_end, end)
        return SubmissionMethod(kind=_KINDS[name], name=name, note=note)
    time = text[slice(*head.time)]
    cover.add("filler" if time == FILLER else "time", *head.time)
    fees, reached = _fees(cover, head.fees, end)
    return SubmissionMethod(
        kind=_KINDS[name],
        name=name,
        time="" if time == FILLER else time.strip(),
        fees=fees,
        note=_note(cover, reached, end),
    )


def _fees(cover: Cover, start: int, end: int) -> tuple[list[Fee], int]:
    """The fee at ``start`` and where the note begins; the page shows at most one fee a row."""
    text = cover.text
    if text.startswith(FILLER, start):
        cover.add("filler", start, start + len(FILLER))
        return [], start + len(FILLER)
    fee = _FEE.match(text, start)
    if fee is None:
        return [], start
    close = _closing(text, fee.end(), end)
    amount = int(fee.group(2).replace(",", "")) if fee.group(2) else 0
    description = text[fee.end() + 1 : close - 1].strip() if close else ""
    verbatim = cover.add("fee", start, close or fee.end())
    sure = sure_amount(amount, fee.group(3) or "", description)
    after = fee.end() if close == fee.end() else end if close is None else close
    return [Fee(amount=sure, verbatim=verbatim)], after


def _closing(text: str, start: int, end: int) -> int | None:
    """The end of the description in parentheses at ``start``.

    ``start`` itself where there is no description, None where it does not end: then it cannot be
    told from the note. A closing sign followed by more of a sentence is not the last one.
    """
    if not text.startswith("(", start):
        return start
    for skip_items in (True, False):
        for place in _closers(text, start, end, skip_items):
            if place + 1 == end or text[place + 1] not in ".,;:)":
                return place + 1
        if _ITEM.match(text, start):
            return start
    return None


def _closers(text: str, start: int, end: int, skip_items: bool) -> Iterator[int]:
    """Places where every parenthesis since ``start`` is closed; "a)" and "1)" may be passed by."""
    depth, opened = 0, start
    for place in range(start, end):
        if text[place] == "(":
            depth, opened = depth + 1, place
        elif text[place] == ")":
            paired = depth > 1 and place - opened <= 4
            if skip_items and not paired and _ENUMERATOR.search(text, max(start, place - 4), place):
                continue
            depth -= 1
            if depth <= 0:
                yield place


def _note(cover: Cover, start: int, end: int) -> str:
    return cover.add("note", start, end)
