"""The national portal's own words: source kinds, filler, methods, time units, levels.

Every portal format (pages, details, lists) shares this vocabulary; readers translate it into the
record's enums here and nowhere else.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from knowledge.records import Fee, Level, MethodKind, ServiceLevel
from knowledge.text.folding import fold

PORTAL_DETAILS = "portal_details"
PORTAL_JSON = "portal_json"
PORTAL_PAGES = "portal_pages"
SHIPPED = "shipped"
PROVINCIAL_LIST = "provincial_list"
NATIONAL_LIST = "national_list"
SOURCE_KINDS = (
    PORTAL_DETAILS,
    PORTAL_JSON,
    PORTAL_PAGES,
    SHIPPED,
    NATIONAL_LIST,
    PROVINCIAL_LIST,
)

FILLER = "Không có thông tin"
FREE = "Miễn phí"
ORIGINALS = "bản chính"
COPIES = "bản sao"
NATIONAL_CODE = re.compile(r"\d\.\d{6}")
PROVINCIAL_CODE = re.compile(r"\d\.\d{6}\.\d{3}\.\d{2}\.\d{2}\.H\d{2}")
SMALLEST_FEE = 1000
DETAIL_PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"

METHOD_NAMES = {
    MethodKind.ONLINE: "Trực tuyến",
    MethodKind.DIRECT: "Trực tiếp",
    MethodKind.POSTAL: "Dịch vụ bưu chính",
}
TIME_UNITS = {
    "WORKING_DAY": "Ngày làm việc",
    "DAY": "Ngày",
    "HOUR": "Giờ",
    "MONTH": "Tháng",
    "YEAR": "Năm",
    "OTHER": "",
}
FEE_KINDS = {"FEE": "Phí", "SERVICE_FEE": "Lệ phí", "PRICE_LEVEL": "Giá"}
_LEVELS = {
    "cap bo": Level.MINISTRY,
    "cap tinh": Level.PROVINCE,
    "cap xa": Level.COMMUNE,
}
_SERVICE_LEVELS = {
    "toan trinh": ServiceLevel.FULL,
    "mot phan": ServiceLevel.PARTIAL,
    "muc do 4": ServiceLevel.FULL,
    "muc do 3": ServiceLevel.PARTIAL,
    "muc do 2": ServiceLevel.INFORMATION,
    "muc do 1": ServiceLevel.INFORMATION,
}
_COMMUNE = re.compile(r"\bcap xa\b|\bxa, phuong\b")
_PROVINCE = re.compile(
    r"^so |\bcap tinh\b|^cong an tinh\b|^(chi nhanh )?van phong dang ky dat dai\b"
)
_MINISTRY = re.compile(r"^(bo|cuc|tong cuc|vu) |^ngan hang nha nuoc viet nam$|^uy ban chung khoan")
_NO_FEE = re.compile(r"(khong|khong co|khong quy dinh|chua quy dinh|mien phi|mien le phi)?\.?")


def tidy(text: object) -> str:
    """A one-line field without stray spaces; the portal's filler and None become ""."""
    line = " ".join(unicodedata.normalize("NFC", str(text)).split()) if text is not None else ""
    return "" if line == FILLER else line


def levels_named(text: str) -> list[Level]:
    """Levels of "Cấp bộ, Cấp tỉnh"; "Cấp huyện" (ended 1 July 2025) and "Cơ quan khác" are none."""
    named = (_LEVELS.get(fold(part).strip()) for part in text.split(","))
    return _in_order(level for level in named if level)


def levels_of_agencies(agencies: Iterable[str]) -> list[Level]:
    """Levels that the names of executing agencies tell beyond doubt; others tell none."""
    found = []
    for name in agencies:
        words = " ".join(fold(name).split())
        if _COMMUNE.search(words):
            found.append(Level.COMMUNE)
        elif _PROVINCE.search(words):
            found.append(Level.PROVINCE)
        elif _MINISTRY.search(words):
            found.append(Level.MINISTRY)
    return _in_order(found)


def _in_order(levels: Iterable[Level]) -> list[Level]:
    present = set(levels)
    return [level for level in Level if level in present]


def service_level_named(text: str) -> ServiceLevel | None:
    """The service level of "Toàn trình", "Một phần" or the older "Mức độ 1" to "4"."""
    return _SERVICE_LEVELS.get(" ".join(fold(text).split()))


def names_district(name: str) -> bool:
    """Whether a procedure's name says it is done at the district level, which has ended."""
    return "(cap huyen" in fold(name)


def time_text(quantity: object, unit: str) -> str:
    """``3, WORKING_DAY`` -> "3 Ngày làm việc", as the portal's page writes it.

    Unit OTHER has no word of its own: its quantity is free text, or a number that the page too
    shows bare. A quantity of 0 means none stated.
    """
    amount = tidy(quantity)
    if amount in ("", "0"):
        return ""
    return f"{amount} {TIME_UNITS.get(unit, unit)}".strip()


def fee_of(value: object, currency: str, description: str, kind: str = "") -> Fee:
    """A fee of the portal's JSON, written as its page does: "amount currency (description)".

    The portal gives 0 also where the description states a fee: there the description stands
    alone. Amounts under 1,000 đồng are mistyped thousands ("135 VNĐ (135.000 đồng/lần)") and are
    not taken as numbers.
    """
    amount = int(value) if isinstance(value, int | float) and value == int(value) else None
    sure = sure_amount(amount, currency, description)
    if amount is None:
        shown = tidy(value)
    elif amount == 0:
        shown = FREE if sure == 0 else ""
    else:
        shown = f"{amount:,} {currency}"
    note = f"({description})" if description and shown else description
    verbatim = " ".join(part for part in (shown, note) if part)
    return Fee(kind=FEE_KINDS.get(kind), amount=sure, verbatim=verbatim)


def sure_amount(amount: int | None, currency: str, description: str) -> int | None:
    """The amount in đồng where the description does not put it in doubt, else None."""
    if amount == 0:
        return 0 if _NO_FEE.fullmatch(fold(description).strip(" ()")) else None
    if amount is None or amount < SMALLEST_FEE or "USD" in currency.upper():
        return None
    return amount


def listed(values: Sequence[object] | None) -> list[str]:
    """Tidy, non-empty, unrepeated texts of a JSON list, in order."""
    return list(dict.fromkeys(line for value in values or () if (line := tidy(value))))
