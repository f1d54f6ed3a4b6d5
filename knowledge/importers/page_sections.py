"""Cutting a crawled page into its sections again, where the crawl cut it wrongly.

The crawl cut each page at the first place where a heading's words stand, also inside running text
("... theo mục 14.3 (Thành phần hồ sơ) ..."). The page's whole text stands in ``raw_text``; here it
is cut where a heading is followed by what its section begins with.
"""

import re

from knowledge.importers import flat_components, flat_legal, flat_methods
from knowledge.importers.flat_results import CHROME
from knowledge.importers.portal_terms import FILLER

_HEADINGS = (
    ("trinh_tu_thuc_hien", "Trình Tự Thực Hiện", ""),
    (
        "cach_thuc_thuc_hien",
        "Cách Thức Thực Hiện",
        rf"(?:{flat_methods.HEADER}|{FILLER})",
    ),
    ("thanh_phan_ho_so", "Thành phần hồ sơ", ""),
    ("can_cu_phap_ly", "Căn cứ pháp lý", rf"(?:{flat_legal.HEADER}|{FILLER})"),
    ("co_quan_thuc_hien", "Cơ quan thực hiện", ""),
    ("yeu_cau_dieu_kien", "Yêu cầu, điều kiện thực hiện", ""),
    ("ket_qua_xu_ly", "Kết quả xử lý", ""),
)


_LAST = _HEADINGS[-1][0]


def sections_of_page(page: str) -> dict[str, str] | None:
    """Text of each section by the crawl's field name, or None where headings are missing.

    Only the last section, the results, may be missing without its heading.
    """
    bounds: list[tuple[str, int, int]] = []
    reached = 0
    for name, heading, begins in _HEADINGS:
        found = _find(page, reached, heading, begins)
        if found is None:
            if name == _LAST and bounds:
                continue
            return None
        bounds.append((name, *found))
        reached = found[1]
    ends = [start for _, start, _ in bounds[1:]] + [len(page)]
    cut = {name: page[end:until] for (name, _, end), until in zip(bounds, ends, strict=True)}
    return cut if _plausible(cut) else None


def _find(page: str, start: int, heading: str, begins: str) -> tuple[int, int] | None:
    """The heading glued to the text before it, else its first place at all."""
    for glued in (r"(?<![ (“\"])", ""):
        found = re.compile(f"{glued}{heading}(?={begins})").search(page, start)
        if found:
            return found.span()
    return None


def _plausible(cut: dict[str, str]) -> bool:
    """Whether no table stands outside the section that it belongs to."""
    tables = {
        "cach_thuc_thuc_hien": flat_methods.HEADER,
        "thanh_phan_ho_so": flat_components.HEADER,
        "can_cu_phap_ly": flat_legal.HEADER,
    }
    return not any(
        header in text
        for owner, header in tables.items()
        for name, text in cut.items()
        if name != owner
    )


def without_chrome(text: str) -> str:
    """A text without the portal's buttons at its end."""
    return CHROME.sub("", text)
