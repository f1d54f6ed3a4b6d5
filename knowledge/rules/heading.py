"""What a document tells of itself: number, kind, title, issuer, dates, what it replaces, amends."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knowledge.rules.records import Part, PartKind

KINDS = (
    "Bộ luật", "Luật", "Pháp lệnh", "Nghị quyết liên tịch", "Nghị quyết", "Nghị định", "Quyết định",
    "Thông tư liên tịch", "Thông tư", "Chỉ thị", "Quy chế", "Quy định", "Quy trình", "Nội quy",
    "Thông báo", "Hướng dẫn", "Kế hoạch", "Công văn", "Văn bản hợp nhất",
)  # fmt: skip
NUMBER = re.compile(r"\b\d+(?:/\d{4})?/[A-ZĐ][\wĐÂÊÔƠƯ&-]*(?:-[\wĐ]+)*")
_OWN_NUMBER = re.compile(rf"Số\s*:?\s*({NUMBER.pattern})")
_DAY = r"(?:ngày\s+)?(\d{1,2})(?:/|-|\s+tháng\s+)(\d{1,2})(?:/|-|\s+năm\s+)(\d{4})"
_ISSUED = re.compile(r"[Nn]gày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})")
_FORCE = re.compile(
    r"có hiệu lực[^.]{0,40}?(?:từ|kể từ)\s+(ngày ký|ngày ban hành|" + _DAY + ")", re.I
)
_FORCE_TO = re.compile(r"có hiệu lực[^.]{0,80}?đến\s+(?:hết\s+)?" + _DAY, re.IGNORECASE)
_REPLACES = re.compile(r"(?:thay thế|bãi bỏ)(?:\s+(?:các|toàn bộ))?\s+[^.;“]{0,300}", re.IGNORECASE)
_LAPSES = re.compile(r"[^.;]{0,300}hết hiệu lực", re.IGNORECASE)
_PARTIAL = re.compile(r"\b(?:điểm|khoản|điều|phụ lục)\s+\w+", re.IGNORECASE)
_AMENDS = re.compile(r"sửa đổi", re.IGNORECASE)
_TITLE_ENDS = re.compile(
    r"(?:Căn cứ|Theo đề nghị|Xét đề nghị|(?:ỦY|UỶ) BAN|CHỦ TỊCH|GIÁM ĐỐC|QUỐC HỘI|CHÍNH PHỦ"
    r"|BỘ TRƯỞNG|HỘI ĐỒNG|Điều \d)"
)
_MOTTO = re.compile(r"CỘNG H(?:ÒA|OÀ)|Độc lập|^[-–_*=\s|]+$")


@dataclass
class Heading:
    """Fields of ``RuleDocument`` as the text gives them; '' or None where it is silent."""

    number: str = ""
    kind: str = ""
    title: str = ""
    issuer: str = ""
    issued: dt.date | None = None
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    replaces: list[str] = field(default_factory=list)
    amends: list[str] = field(default_factory=list)


def read_heading(parts: Sequence[Part]) -> Heading:
    """Read the preamble of a parsed document, and its articles on force."""
    top = parts[0].text if parts and parts[0].kind is PartKind.PREAMBLE else ""
    lines = [line.strip("#*_ \t") for line in top.replace("|", "\n").splitlines()]
    lines = [line for line in lines if line]
    found = Heading()
    number = _OWN_NUMBER.search(" ".join(lines))
    found.number = number.group(1) if number else ""
    at, found.kind = _kind(lines)
    found.title = _title(lines[at + 1 :]) if found.kind else _title(lines)
    found.issuer = _issuer(lines[: max(at, 0)])
    found.issued = _date(_ISSUED.search(" ".join(lines)))
    body = " ".join(" ".join(part.text for part in parts[1:]).split())
    _read_force(body, found)
    found.replaces = _whole_documents(_REPLACES.findall(body) + _LAPSES.findall(body), found)
    if _AMENDS.match(found.title):
        found.amends = _numbers([found.title], found)
    return found


def _kind(lines: Sequence[str]) -> tuple[int, str]:
    """Where the kind stands alone on a line ("QUYẾT ĐỊNH"), and it; (-1, '') for none."""
    known = {kind.upper(): kind for kind in KINDS}
    for at, line in enumerate(lines):
        words = unicodedata.normalize("NFC", line).upper().rstrip(":")
        if words in known:
            return at, known[words]
    return -1, ""


def _title(lines: Sequence[str]) -> str:
    taken: list[str] = []
    for line in lines:
        if _TITLE_ENDS.match(line) or (taken and _MOTTO.search(line)):
            break
        if not _MOTTO.search(line) and not _OWN_NUMBER.match(line):
            taken.append(line)
    return " ".join(" ".join(taken).split())[:500]


def _issuer(lines: Sequence[str]) -> str:
    taken: list[str] = []
    for line in lines:
        if _MOTTO.search(line) or _OWN_NUMBER.match(line) or _ISSUED.search(line):
            if taken:
                break
            continue
        taken.append(line)
    return " ".join(" ".join(taken).split())[:200]


def _read_force(body: str, found: Heading) -> None:
    begins = _FORCE.search(body)
    if begins is not None:
        on_signing = begins.group(1).lower() in ("ngày ký", "ngày ban hành")
        found.in_force_from = found.issued if on_signing else _date(begins, 2)
    last = _date(_FORCE_TO.search(body))
    if last is not None:
        found.in_force_to = last + dt.timedelta(days=1)


def _date(match: re.Match[str] | None, first: int = 1) -> dt.date | None:
    if match is None:
        return None
    day, month, year = (int(match.group(first + at)) for at in range(3))
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _numbers(texts: Iterable[str], found: Heading) -> list[str]:
    numbers = dict.fromkeys(n for text in texts for n in NUMBER.findall(text))
    return [number for number in numbers if number != found.number]


def _whole_documents(texts: Iterable[str], found: Heading) -> list[str]:
    """Numbers of documents replaced as a whole; "bãi bỏ khoản 3 Điều 7 ..." replaces none."""
    return _numbers((text for text in texts if not _PARTIAL.search(text)), found)
