"""Cut a Vietnamese legal text into its parts: phần, chương, mục, điều, khoản, điểm, phụ lục.

The text is cut, never changed: the parts' texts joined are the text. A line opens a part by its
form; numbers must go on where the last one stopped, so that "2025. ..." opens no clause. Text in
quotes that an amending document gives to another one is left whole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from knowledge.rules.records import Part, PartKind

MAX_SKIPPED = 5  # clauses or letters an amended text may lack
LONGEST_HEADING = 300
ALPHABET = "abcdđeghiklmnopqrstuvxy"
_ROMAN = r"[IVXLC]+"
_ORDINAL = r"(?:thứ|THỨ)\s+\w+(?:\s+\w+)?"
_PART = re.compile(rf"(?:PHẦN|Phần)\s+({_ORDINAL}|{_ROMAN}|\d+)\s*(?:[.:]|$)\s*(.*)")
_CHAPTER = re.compile(rf"(?:CHƯƠNG|Chương)\s+({_ROMAN}|\d+)\s*(?:[.:]|$|\s(?=\W*[A-ZĐÀ-Ỹ]))\s*(.*)")
_SECTION = re.compile(rf"(?:MỤC|Mục)\s+({_ROMAN}|\d+)\s*(?:[.:]|$)\s*(.*)")
_ARTICLE = re.compile(r"(?:Điều|ĐIỀU)\s+(\d{1,4}[a-zđ]?)\s*(?:[.:–-]|$)\s*(.*)")
_CLAUSE = re.compile(r"(\d{1,3})([a-zđ]?)\s*[.)]\s*(?=\D)")
_POINT = re.compile(r"([a-zđ])(\d?)\s*[.)]\s+")
_APPENDIX = re.compile(
    r"(?:PHỤ LỤC|Phụ lục)(?:\s+(?:số\s+|SỐ\s+)?(\d+[a-z]?|[IVXLC]+|[A-Z]))?\s*(?:[.:]|$)\s*(.*)"
)
_ATTACHMENT = re.compile(r"(?:QUY CHẾ|QUY ĐỊNH|NỘI QUY|QUY TRÌNH|KẾ HOẠCH|ĐỀ ÁN|CHƯƠNG TRÌNH)\b")
_ISSUED_WITH = re.compile(r"\(?(?:Ban hành )?kèm theo", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?:Nơi nhận\s*:|(?:TM|KT|TL|TUQ|Q)\.\s*[A-ZĐÀ-Ỹ]{2}"
    r"|(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|CHÁNH VĂN PHÒNG)\s*$)"
)
_TABLE = re.compile(r"\|")
_OPENED = re.compile(r"[“\"]")
_CLOSED = re.compile(r"[”\"][.;,]?\s*$")
_MARKS = re.compile(r"^[#*_\s]+|[*_]+(?=\s|$)")

_DEPTH = {
    PartKind.PREAMBLE: 0, PartKind.SIGNATURE: 0, PartKind.ATTACHMENT: 0, PartKind.APPENDIX: 0,
    PartKind.PART: 1, PartKind.CHAPTER: 2, PartKind.SECTION: 3, PartKind.ARTICLE: 4,
    PartKind.CLAUSE: 5, PartKind.POINT: 6, PartKind.TABLE: 7,
    PartKind.TEXT: 7,
}  # fmt: skip
_INSIDE_ATTACHMENT = (PartKind.PART, PartKind.CHAPTER, PartKind.SECTION, PartKind.ARTICLE)


@dataclass
class _Open:
    """A part being read; ``depth`` tells what it closes."""

    kind: PartKind
    number: str = ""
    title: str = ""
    awaits_title: bool = False
    above: int | None = None
    lines: list[str] = field(default_factory=list)


def parse(text: str) -> list[Part]:
    """The parts of a whole document."""
    return _Parser(text).parts()


def parse_article(number: str, title: str, text: str) -> list[Part]:
    """The parts of one article whose ``text`` came alone, the article itself first."""
    return _Parser(text, _Open(PartKind.ARTICLE, number, title)).parts()


class _Parser:
    """Reads line by line; ``open`` holds every part found so far, in order. In the text of one
    ``article`` only clauses, points and tables are looked for."""

    def __init__(self, text: str, article: "_Open | None" = None) -> None:
        self.lines = text.split("\n")
        self.lines = [f"{line}\n" for line in self.lines[:-1]] + self.lines[-1:]
        self.open = [article or _Open(PartKind.PREAMBLE)]
        self.alone = article is not None
        self.stack = [0]
        self.closing = self._closing_quotes()

    def parts(self) -> list[Part]:
        quoted_until = -1
        for at, line in enumerate(self.lines):
            said = _MARKS.sub("", line.strip())
            if at > quoted_until and _OPENED.match(said):
                quoted_until = self.closing.get(at, -1)
            if at > quoted_until:
                self._line(at, said)
            self.open[-1].lines.append(line)
        parts = [
            Part(kind=p.kind, number=p.number, title=p.title, text="".join(p.lines), above=p.above)
            for p in self.open
        ]
        if len(parts) > 1 and not parts[0].text and parts[0].kind is PartKind.PREAMBLE:
            return [
                part.model_copy(update={"above": None if part.above is None else part.above - 1})
                for part in parts[1:]
            ]
        return parts

    def _closing_quotes(self) -> dict[int, int]:
        """For each line that opens a quote: the line that closes it, where one does."""
        found = {}
        opened = None
        for at, line in enumerate(self.lines):
            said = line.strip()
            if opened is None and _OPENED.match(said):
                opened = at
            if opened is not None and _CLOSED.search(said) and len(said) > 1:
                found[opened] = at
                opened = None
        return found

    def _line(self, at: int, said: str) -> None:
        if not said:
            return
        last = self.open[-1]
        openers: tuple[Callable[[int, str], bool], ...] = (self._table, self._clause, self._point)
        if not self.alone:
            openers = (*openers, self._heading, self._attachment, self._signature)
        if any(opener(at, said) for opener in openers):
            return
        if last.kind is PartKind.TABLE:
            self._begin(_Open(PartKind.TEXT))
        elif last.awaits_title:
            last.title = f"{last.title} {said}".strip()
            last.awaits_title = last.kind is not PartKind.ARTICLE and said.isupper()

    def _table(self, at: int, said: str) -> bool:
        if not _TABLE.match(said) or self.open[-1].kind is PartKind.PREAMBLE:
            return False  # offices write the head of a document in a table
        if any(_SIGNATURE.match(cell.strip()) for cell in said.strip("|").split("|")):
            return self._sign()
        if self.open[-1].kind is not PartKind.TABLE:
            number = 1 + sum(part.kind is PartKind.TABLE for part in self.open)
            self._begin(_Open(PartKind.TABLE, str(number)))
        return True

    def _heading(self, at: int, said: str) -> bool:
        if len(said) > LONGEST_HEADING and not _ARTICLE.match(said):
            return False
        for kind, form in (
            (PartKind.ARTICLE, _ARTICLE), (PartKind.CHAPTER, _CHAPTER),
            (PartKind.SECTION, _SECTION), (PartKind.PART, _PART), (PartKind.APPENDIX, _APPENDIX),
        ):  # fmt: skip
            match = form.match(said)
            if match:
                number, title = match.group(1) or "", match.group(2).strip()
                awaits = not title
                if kind is PartKind.ARTICLE and title.endswith((".", ":", ";")):
                    title = ""  # an article without a heading: this is its text
                self._begin(_Open(kind, number, title, awaits))
                return True
        return False

    def _attachment(self, at: int, said: str) -> bool:
        began = any(part.kind is PartKind.ARTICLE for part in self.open)
        if not (began and _ATTACHMENT.match(said) and said.isupper()):
            return False
        following = [line.strip() for line in self.lines[at + 1 : at + 8] if line.strip()][:4]
        if not any(_ISSUED_WITH.match(line.strip("*_ ")) for line in following):
            return False
        self._begin(_Open(PartKind.ATTACHMENT, "", said.capitalize()))
        return True

    def _signature(self, at: int, said: str) -> bool:
        if not _SIGNATURE.match(said) or self.open[-1].kind is PartKind.PREAMBLE:
            return False
        return self._sign()

    def _sign(self) -> bool:
        if self.open[-1].kind is not PartKind.SIGNATURE:
            self._begin(_Open(PartKind.SIGNATURE))
        return True

    def _clause(self, at: int, said: str) -> bool:
        match = _CLAUSE.match(said)
        if match is None or not self._within(PartKind.ARTICLE):
            return False
        number = int(match.group(1))
        before = self._last(PartKind.CLAUSE)
        last = int(re.match(r"\d+", before).group()) if before else 0  # type: ignore[union-attr]
        goes_on = last < number <= last + (MAX_SKIPPED if before else 1)
        if not goes_on and not (number == last and match.group(2)):
            return False
        self._begin(_Open(PartKind.CLAUSE, match.group(1) + match.group(2)))
        return True

    def _point(self, at: int, said: str) -> bool:
        match = _POINT.match(said)
        if match is None or not self._within(PartKind.ARTICLE) or match.group(1) not in ALPHABET:
            return False
        before = self._last(PartKind.POINT)
        place = ALPHABET.index(match.group(1))
        last = ALPHABET.index(before[0]) if before else -1
        goes_on = last < place <= last + (MAX_SKIPPED if before else 1)
        if not goes_on and not (place == last and match.group(2)):
            return False
        self._begin(_Open(PartKind.POINT, match.group(1) + match.group(2)))
        return True

    def _within(self, kind: PartKind) -> bool:
        return any(self.open[position].kind is kind for position in self.stack)

    def _last(self, kind: PartKind) -> str:
        """The number of the part of this kind that is open now, '' for none."""
        for position in reversed(self.stack):
            if self.open[position].kind is kind:
                return self.open[position].number
        return ""

    def _begin(self, part: _Open) -> None:
        """Close what ``part`` ends and put it below what is still open."""
        keeps_attachment = part.kind in _INSIDE_ATTACHMENT or part.kind is PartKind.TABLE
        while self.stack:
            top = self.open[self.stack[-1]]
            opener = top.kind in (PartKind.ATTACHMENT, PartKind.APPENDIX)
            if keeps_attachment and opener:
                break
            if _DEPTH[top.kind] < _DEPTH[part.kind] and _DEPTH[top.kind] > 0:
                break
            if opener and _DEPTH[part.kind] > 0:
                break
            self.stack.pop()
        part.above = self.stack[-1] if self.stack else None
        self.open.append(part)
        self.stack.append(len(self.open) - 1)


_OPENERS = (
    _ARTICLE, _CHAPTER, _SECTION, _PART, _APPENDIX, _CLAUSE, _POINT, _SIGNATURE, _TABLE,
    _ATTACHMENT,
)  # fmt: skip


def opens_part(line: str) -> bool:
    """Whether a line has the form of one that opens a part."""
    return any(form.match(line) for form in _OPENERS)


def opens_article(text: str) -> bool:
    """Whether ``text`` begins with the line of an article ("Điều 5. ...")."""
    return _ARTICLE.match(_MARKS.sub("", text.lstrip().split("\n")[0])) is not None
