"""The run-together table of legal bases (căn cứ pháp lý).

Grammar, with no separator between cells::

    table  = header row*
    row    = name number
    number = [kind of document ["số"]] digits "/" [year "/"] symbol

A number inside a name is followed by a space or a sign ("Nghị định số 70/2024/NĐ-CP ngày ..."); the
number that ends a row is glued to its name and to the next one. Symbols are those of Vietnamese
legal documents, so that "TT-BTC" ends where "Luật" begins. A row whose name holds a glued number
(a misspelt symbol hid the end of a row) stays unplaced.
"""

import re
from dataclasses import dataclass

from knowledge.importers.pieces import Cover, Piece
from knowledge.records import LegalBasis

HEADER = "Tên văn bản pháp lýMã văn bản"
_BODIES = (
    "BCA|BCT|BGDĐT|BGDDT|BGTVT|BHXH|BKHĐT|BKHCN|BLĐTBXH|BLDTBXH|BNG|BNNMT|BNNPTNT|BNN|BNV|BQP|BTC|"
    "BTNMT|BTP|BTTTT|BTTT|BVHTTDL|BXD|BYT|BDTTG|BDT|CP|CTN|HĐND|NHNN(?:\\d(?![\\d/]))?|TANDTC|TTCP|TTg|UBCK|UBDT|"
    "UBND|UBTVQH\\d\\d|VKSNDTC|VPCP|VPQH|QH\\d\\d|TCHQ|TCT|KTNN|HĐTP|CSXH"
)
_KINDS = "NĐ|ND|NQ|QĐ|TTLT|TT|PL|VBHN|CT|L|HD|LCTN|CP|BHXH"
_SYMBOL = (
    rf"(?:(?:{_KINDS})(?:[-_/] ?(?:{_BODIES}))+|NĐ-C(?=[A-ZĐ][a-zà-ỹ])|QH\d{{2}}|QH\d(?!\d)"
    r"|UBTVQH\d{2}|QĐ-?TTg|CP-NĐ|NQ-QH\d{2})"
)
_DIGITS = r"(?P<digits>(?<!\d)\d{1,3}\.\d{1,2}|\d+\.?[a-d]?)"
_NUMBER = re.compile(rf"{_DIGITS} ?/ ?(?:(?:19|20)\d\d ?/ ?)?{_SYMBOL}")
_PREFIX = re.compile(
    r"(?:Luật|Bộ luật|Nghị định|Nghị quyết|Thông tư liên tịch|Thông tư|Quyết định|Pháp lệnh|"
    r"Văn bản hợp nhất|Hiến pháp|NĐ|TT|NQ|QĐ|số|Số)(?: số)?:? ?$"
)
_GOES_ON = re.compile(r"\s*ngày \d|\s+(?:ngày|của|năm|\(|về việc|[-–] )|[,:)/]")
_GLUED_NUMBER = re.compile(r"(?:[^\W\d_]|\D\.|\d{4}\.|[;)])\d+(?:\.\d+)?/\d{4}")
_ENDS_NUMBER = re.compile(rf"/{_SYMBOL}$")
_RUN_ON = re.compile(rf"{_SYMBOL}\d")
_KIND = re.compile(
    r"(?:Luật|Bộ luật|Nghị định|Nghị quyết|Thông tư|Quyết định|Quy định|Pháp lệnh|NĐ|TT|NQ|QĐ)\b"
)
_YEAR = re.compile(r"((?:19|20)\d\d)(\d{1,3}[a-d]?)")


@dataclass(frozen=True)
class _Row:
    start: int
    number: int
    end: int


def parse_legal_bases(text: str) -> tuple[list[LegalBasis], list[Piece]]:
    """Names with numbers, and the pieces of the whole text."""
    cover = Cover(text)
    reached = len(text) - len(text.lstrip())
    if text.startswith(HEADER, reached):
        cover.add("header", reached, reached + len(HEADER))
        reached += len(HEADER)
    bases = []
    for row in _rows(text, reached):
        name = text[row.start : row.number].strip()
        if _holds_another_row(name):
            continue
        cover.add("name", row.start, row.number)
        bases.append(LegalBasis(name=name, number=cover.add("number", row.number, row.end)))
    return bases, cover.whole()


def _holds_another_row(name: str) -> bool:
    """Whether the end of a row went unseen inside a name."""
    glued = (name[kind.start() - 1 : kind.start()] for kind in _KIND.finditer(name))
    run_on = _GLUED_NUMBER.search(name) or _RUN_ON.search(name)
    return run_on is not None or any(
        before.islower() or before.isdigit() or before in (".", ";", ")")
        for before in glued
        if before
    )


def _rows(text: str, start: int) -> list[_Row]:
    rows: list[_Row] = []
    numbers = list(_NUMBER.finditer(text, start))
    for place, number in enumerate(numbers):
        following = numbers[place + 1] if place + 1 < len(numbers) else None
        if number.start() < start:
            continue
        begins = _ends_row(text, start, number, following)
        if begins is not None:
            rows.append(_Row(start, begins, number.end()))
            start = number.end()
    return rows


def _ends_row(
    text: str, start: int, number: re.Match[str], following: re.Match[str] | None
) -> int | None:
    """Where the number cell begins, if this number ends the row that starts at ``start``."""
    end = number.end()
    last = not text[end:].strip()
    begins = _cell_start(text, start, number)
    if begins is None or not text[start:begins].strip():
        return None
    if last:
        return begins
    if _GOES_ON.match(text, end) or (following and _is_repeated(number, following)):
        return None
    if not text[begins - 1].isspace():
        return begins
    if text[end].isspace() or text[end] in ".,;:)-/":
        return None
    own_cell_follows = following is not None and (
        following.start() == end or _PREFIX.fullmatch(text, end, following.start())
    )
    return None if own_cell_follows else begins


def _is_repeated(number: re.Match[str], following: re.Match[str]) -> bool:
    """Whether this number closes a name and stands again right after it as the row's number."""
    return following.start() == number.end() and following.group() == number.group()


def _cell_start(text: str, start: int, number: re.Match[str]) -> int | None:
    """The start of a number cell, with the kind of document before it where that is glued too."""
    digits = number.start()
    prefix = _PREFIX.search(text, start, digits)
    if prefix and prefix.start() > start and not text[prefix.start() - 1].isspace():
        return prefix.start()
    after_number = not text[digits - 1].isdigit() or _ENDS_NUMBER.search(text, start, digits)
    if after_number and len(number.group("digits").split(".")[0]) <= 3:
        return digits
    return _after_year(text, start, number)


def _after_year(text: str, start: int, number: re.Match[str]) -> int | None:
    """ "năm 2024" + "43/2024/QH15" are written "năm 202443/2024/QH15"."""
    digits = number.group("digits")
    year = _YEAR.match(digits)
    if year and year.end() >= len(digits.split(".")[0]):
        return number.start() + 4
    repeated = [
        place
        for place in range(1, len(digits))
        if f"{text[number.start() + place : number.end()]}" in text[start : number.start()]
    ]
    return number.start() + repeated[0] if len(repeated) == 1 else None
