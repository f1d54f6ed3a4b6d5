"""The run-together list of results (kết quả xử lý), and the portal's own buttons after it.

Grammar, with no separator between cells::

    list    = result+ ["Từ khóa" keywords "Mô tả" description] [buttons]
    result  = name "Mã: " code
    buttons = "Chọn cơ quan thực hiện" ... "Nộp hồ sơ"

Keywords and description are of the list as a whole; they are kept as the note of a single result
and stay unplaced where there are several.
"""

import re

from knowledge.importers.pieces import Cover, Piece
from knowledge.importers.portal_terms import FILLER
from knowledge.records import Result

CHROME = re.compile(
    r"Chọn cơ quan thực hiệnTỉnh/ Thành phốBộ ngành"
    r"(?:-- Chọn [^-]{2,40} --|Đơn vị|Phường/ XãSở|Hệ thống chỉ hiển thị những cơ quan đã áp dụng "
    r"dịch vụ công trực tuyến|Phường/ Xã|Sở)*Nộp hồ sơ\s*$"
)
_LABEL = "Mã:"
_KEYWORDS = "Từ khóa"
_DESCRIPTION = "Mô tả"
_LONGEST_CODE = 30
_CODE = re.compile(r" ?(?:[A-ZĐ]{0,8}\d*[.\-_])*[A-ZĐ]{0,6}\d{2,8}(?!\d)")


def parse_results(text: str) -> tuple[list[Result], list[Piece]]:
    """Results with their codes, and the pieces of the whole text."""
    cover = Cover(text)
    chrome = CHROME.search(text)
    end = chrome.start() if chrome else len(text)
    if chrome:
        cover.add("chrome", chrome.start(), len(text))
    last_label = text.rfind(_LABEL, 0, end)
    keywords = text.find(_KEYWORDS, max(last_label, 0), end)
    body_end = keywords if keywords >= 0 else end
    results = _results(cover, body_end)
    if keywords >= 0:
        results = _with_note(cover, results, keywords, end)
    return results, cover.whole()


def _results(cover: Cover, end: int) -> list[Result]:
    text = cover.text
    results: list[Result] = []
    start = 0
    label = text.find(_LABEL, start, end)
    while label >= 0:
        following = text.find(_LABEL, label + len(_LABEL), end)
        code_start = label + len(_LABEL)
        code_end = end if following < 0 else _code_end(text, code_start)
        if code_end is None or not _is_code(text[code_start:code_end]):
            start, label = code_start, following
            continue
        name = cover.add("name", start, label)
        cover.add("label", label, code_start)
        results.append(Result(name=name, code=cover.add("code", code_start, code_end)))
        start, label = code_end, following
    return results


def _is_code(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_CODE


def _code_end(text: str, start: int) -> int | None:
    code = _CODE.match(text, start)
    return code.end() if code else None


def _with_note(cover: Cover, results: list[Result], start: int, end: int) -> list[Result]:
    text = cover.text
    cover.add("label", start, start + len(_KEYWORDS))
    start += len(_KEYWORDS)
    description = text.find(_DESCRIPTION, start, end)
    parts = [(start, description if description >= 0 else end)]
    if description >= 0:
        cover.add("label", description, description + len(_DESCRIPTION))
        parts.append((description + len(_DESCRIPTION), end))
    notes = []
    for part in parts:
        if text[slice(*part)].strip() == FILLER:
            cover.add("filler", *part)
        elif len(results) == 1:
            notes.append(cover.add("note", *part))
    if not any(notes):
        return results
    return [results[0].model_copy(update={"note": "\n".join(note for note in notes if note)})]
