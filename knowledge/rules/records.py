"""Rule documents: what officials ask about, cut into parts that can each be named.

``RuleDocument.parts`` is flat and in order; the parts' texts joined are the document's text, with
no character lost. What a part belongs to stands in ``Part.above`` (a position, or None).
"""

import datetime as dt
import hashlib
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from knowledge.messages import messages


class PartKind(StrEnum):
    """The parts of a Vietnamese legal text; ATTACHMENT is a regulation issued with a decision, TEXT
    what goes on behind a table."""

    PREAMBLE = "preamble"
    PART = "part"
    CHAPTER = "chapter"
    SECTION = "section"
    ARTICLE = "article"
    CLAUSE = "clause"
    POINT = "point"
    APPENDIX = "appendix"
    ATTACHMENT = "attachment"
    TABLE = "table"
    TEXT = "text"
    SIGNATURE = "signature"


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Part(Model):
    """``text`` is verbatim and without the parts below; ``title`` is the heading in it."""

    kind: PartKind
    number: str = ""
    title: str = ""
    text: str
    above: int | None = None


class Amendment(Model):
    """New text for one place of another document; ``text`` is what stands in the quotes."""

    document: str
    article: str
    clause: str = ""
    point: str = ""
    text: str


class RuleDocument(Model):
    """One version of one document. ``key``: its number, or its title where it has none.

    ``in_force_to`` is the first day it no longer holds. ``article_ids`` are the source's own ids of
    articles by number, where it has such.
    """

    key: str
    number: str = ""
    kind: str = ""
    title: str
    issuer: str = ""
    issued: dt.date | None = None
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    replaces: list[str] = []
    amends: list[str] = []
    sample: bool = False
    url: str | None = None
    parts: list[Part]
    article_ids: dict[str, str] = {}

    @property
    def text(self) -> str:
        """The whole text as it was read."""
        return "".join(part.text for part in self.parts)

    @property
    def name(self) -> str:
        """As people write it: "Quyết định số 335/QĐ-UBND", or the title of a law."""
        if not self.number:
            return self.title
        said: str = messages()["rules"]["numbered"].format(kind=self.kind, number=self.number)
        return said.strip()

    def content_hash(self) -> str:
        """SHA-256 over the whole record, hex."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def below(self, position: int) -> list[int]:
        """Positions of the parts that belong to the one at ``position``, at any depth, in order."""
        found = {position}
        for at in range(position + 1, len(self.parts)):
            if self.parts[at].above in found:
                found.add(at)
        return sorted(found - {position})

    def whole(self, position: int) -> str:
        """The text of a part with all that belongs to it."""
        return "".join(self.parts[at].text for at in [position, *self.below(position)])

    def address(self, position: int) -> str:
        """How the part is named: "điểm a khoản 2 Điều 15 Quyết định số 335/QĐ-UBND"."""
        words = messages()["rules"]["parts"]
        named = []
        at: int | None = position
        while at is not None:
            part = self.parts[at]
            inside = part.kind in _ADDRESSED_INSIDE
            if inside or at == position or part.kind is PartKind.ATTACHMENT:
                said = words[part.kind].format(number=part.number, title=part.title)
                named.append(" ".join(said.split()))
            at = part.above
        return " ".join([*named, self.name])


_ADDRESSED_INSIDE = (PartKind.POINT, PartKind.CLAUSE, PartKind.ARTICLE, PartKind.APPENDIX)
