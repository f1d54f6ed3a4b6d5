"""Personal numbers are taken out of a message before it is stored.

Dossier and procedure codes are detected first and kept. Of the rest, recall goes before
precision: a hidden sum of money harms nobody, a stored identity number does. Hidden are e-mail
addresses, runs of nine or more digits (CMND, CCCD, phone, card and account numbers, however
they are grouped), shorter numbers that a word calls a phone, account or identity number,
passports, number plates, full dates and years of birth. The date of a document, of its coming into
force, of an appointment or of a period is nobody's birth date and stays.
"""

import re
import unicodedata
from collections.abc import Iterator

_DASH = r"[-\u2010-\u2015\u2212]"
_CODES = re.compile(
    rf"""
    (?<![\dA-Za-z])(?:
        (?:\d{{3}}\.\d{{2}}\.\d{{2}}\.)?[GH]\d{{2}}(?:[.\s][0-9A-Z]{{2,3}}){{0,4}}
            (?:\s*{_DASH}\s*|\s)(?:\d{{8}}|\d{{6}})(?:\s*{_DASH}\s*|\s)\d{{4,7}}
      | \d\.\d{{6}}(?:\.\d{{3}}\.\d{{2}}\.\d{{2}}\.[GH]\d{{2}})?
      | (?:\d{{3}}\.\d{{2}}\.\d{{2}}\.)[GH]\d{{2}}
      | \d{{5}}/20\d{{2}}/\d{{5}}
    )(?![\dA-Za-z])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+(?:\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?\.\s?[\w-]{2,})*"
    r"|\s+a\s*c[oò]ng\s+(?:[\w-]+(?:\.[\w-]{2,})+|gmail|icloud|yahoo|hotmail|outlook))",
    re.IGNORECASE,
)
"""A name and what follows an at sign, or the Vietnamese word for it."""
_DATE = re.compile(
    rf"""
    (?<!\d)(?:
        \d{{1,2}}\s?([./]|{_DASH})\s?\d{{1,2}}\s?\1\s?(?:\d{{4}}|\d{{2}})
      | (?:19|20)\d{{2}}\s?([./]|{_DASH})\s?\d{{1,2}}\s?\2\s?\d{{1,2}}
      | (?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{{2}}
    )(?!\d)
    | (?:ng[aà]y|m[uù]ng|m[oồ]ng)?\s?
      \d{{1,2}}\s*th[aá]ng\s*\d{{1,2}},?\s*(?:n[aă]m)?\s*\d{{4}}(?!\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BORN = re.compile(
    r"(?<!\w)(?:đẻ\s*n[aă]m|de\s*nam|sinh(?:\s*n[aă]m)?"
    r"|(?:ng[aà]y\s*)?sinh(?:\s*ng[aà]y)?|n[aă]m\s*sinh|ns|sn|dob)"
    r"(?:\s*(?:l[aà]|v[aà]o|ng[aà]y|n[aă]m|c[uủ]a\s+\w+\s+l[aà])){0,3}\s*[:=]?\s*"
    r"(\d{1,2}\s?[/.-]\s?\d{4}|\d{1,2}\s?[/.-]\s?\d{1,2}|\d{6,8}|\d{4}|\d{2}(?=\D|$)"
    r"|\d{1,2}\s*th[aá]ng\s*\d{1,2}|th[aá]ng\s*\d{1,2}\s*n[aă]m\s*\d{4})(?!\d)"
    r"(?!\s*(?:tu[oổ]i|tu[aầ]n|con|ng[aà]y\s+(?:nay|r[oồ]i)))",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<!\d)\+?\(?\d(?:[\s.()\-_\u2010-\u2015\u2212]{0,3}\d){8,}")
_MONEY = re.compile(
    r"[1-9]\d{0,2}(?:[.\s]\d{3})+(?=\s*(?:đ|d|vnđ|vnd|đồng|dong|triệu|tỷ|m2|m²)\b)", re.IGNORECASE
)
_CALLED = re.compile(
    r"(?<!\w)(?:s[đd]t|[đd]t|tel|phone|zalo|hotline|[đd]i[eệ]n\s*tho[aạ]i|g[oọ]i|"
    r"cmnd|cccd|cmt|cm|h[oộ]\s*chi[eế]u|passport|stk|(?:s[oố]\s*)?t[aà]i\s*kho[aả]n"
    r"(?:\s*ng[aâ]n\s*h[aà]ng)?|s[oố]\s*th[eẻ])"
    r"(?:\s+(?:s[oố]|l[aà]|c[uủ]a|t[oô]i|m[iì]nh|em|anh|ch[iị])){0,4}\s*[:=.]?\s*"
    r"(?!1[89]00)(\d(?:[\s.-]{0,2}\d){4,7})(?!\d)",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"(?<!\w)[A-Z]{1,2}[\s.-]?\d{7,8}(?!\w)", re.IGNORECASE)
_SERIES = r"[1-9]\d\s?-?\s?(?:mđ\d?|md\d?|[a-z]{2}|[a-z]\d?)"
_PLATE = re.compile(
    rf"(?<!\w){_SERIES}\s?[-.]?\s?\d{{3}}\.?\d{{2}}(?![\w/])"
    rf"|(?:(?<=bi[eể]n )|(?<=bi[eể]n s[oố] )){_SERIES}\s?-?\s?\d{{4}}(?!\w)",
    re.IGNORECASE,
)
"""Of four digits only where a word calls it a plate; "lớp 12A 2024" is none."""
_IMPERSONAL = re.compile(
    r"(?:\d/(?:n[đd]|tt|q[đd]|nq|ttlt|qh|vbhn)[\w-]*,?"
    r"|hi[eệ]u\s*l[uự]c(?:\s*(?:k[eể]\s*)?t[uừ])?"
    r"|(?:t[uừ]|[đd][eế]n|tr[uư][oớ]c|sau)(?:\s*h[eế]t)?\s*ng[aà]y"
    r"|h[eẹ]n(?:\s*tr[aả])?(?:\s*k[eế]t\s*qu[aả])?(?:\s*v[aà]o)?)\s*(?:ng[aà]y\s*)?$",
    re.IGNORECASE,
)
"""What stands right before a date that is nobody's birth date."""
_ZERO = re.compile(
    r"(?<=\d)[oO](?=[\doO\s.-]*\d)|(?<=\d[ .-])[oO](?=\d)|(?<!\w)[oO](?=\d[\doO\s.-]{5,})"
)
"""The letter O where a zero is meant."""
_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.()\-]{0,2}\d){2,}")

_WHOLE = ((_EMAIL, "email"), (_PASSPORT, "identity"), (_PLATE, "plate"))
_BEFORE_DATE = 60
"""How many characters before a date tell what it is the date of."""

_HIDDEN = {
    "email": "[thư điện tử]",
    "date": "[ngày tháng]",
    "identity": "[số giấy tờ]",
    "plate": "[biển số xe]",
    "phone": "[số điện thoại]",
    "card": "[số thẻ, tài khoản]",
    "number": "[số]",
}
"""What stands in the stored text instead of the personal detail."""


def _plain_digits(text: str) -> str:
    """``text``, of the same length, with other scripts' digits and the O in numbers as 0-9."""
    plain = "".join(char if char.isascii() else str(unicodedata.digit(char, char)) for char in text)
    plain = plain if len(plain) == len(text) else text
    return _ZERO.sub("0", plain)


def _kind(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    if (digits.startswith(("0", "84")) and len(digits) in (10, 11)) or number.startswith("+"):
        return "phone"
    if len(digits) in (9, 12):
        return "identity"
    return "card" if 13 <= len(digits) <= 19 else "number"


def _personal(plain: str) -> Iterator[tuple[int, int, str]]:
    """Spans of personal details in a piece of text without codes, as ``(start, end, kind)``."""
    for pattern, kind in _WHOLE:
        yield from ((m.start(), m.end(), kind) for m in pattern.finditer(plain))
    for match in _DATE.finditer(plain):
        before = max(0, match.start() - _BEFORE_DATE)
        if _IMPERSONAL.search(plain, before, match.start()) is None:
            yield match.start(), match.end(), "date"
    yield from ((m.start(1), m.end(1), "date") for m in _BORN.finditer(plain))
    yield from ((m.start(1), m.end(1), "number") for m in _CALLED.finditer(plain))
    money = {m.span() for m in _MONEY.finditer(plain)}
    for match in _NUMBER.finditer(plain):
        if match.span() not in money:
            yield match.start(), match.end(), _kind(match.group())


def _hide(text: str, digits: bool) -> str:
    out: list[str] = []
    end = 0
    plain = _plain_digits(text)
    spans = list(_personal(plain))
    if digits:
        spans += [(m.start(), m.end(), "number") for m in _DIGITS.finditer(plain)]
    for start, stop, kind in sorted(spans, key=lambda s: (s[0], -s[1])):
        if start >= end:
            out += [text[end:start], _HIDDEN[kind]]
        end = max(end, stop)
    return "".join(out) + text[end:]


def redact(text: str, *, digits: bool = False) -> str:
    """``text`` (NFC) with personal details replaced by words in brackets, codes kept.

    ``digits``: the end of an identity number may be typed, so three digits in a row are hidden.
    """
    out: list[str] = []
    end = 0
    for match in _CODES.finditer(text):
        out += [_hide(text[end : match.start()], digits), match.group()]
        end = match.end()
    return "".join(out) + _hide(text[end:], digits)
