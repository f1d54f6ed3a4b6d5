"""Direct references: "điều 15 khoản 2 quyết định 335" to the place it names."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.rules.heading import KINDS
from knowledge.rules.records import PartKind
from knowledge.rules.versions import Provision
from knowledge.rules.words import spoken
from knowledge.text.folding import fold

_KINDS = "|".join(
    sorted((fold(kind).replace(" ", r"\s+") for kind in KINDS), key=len, reverse=True)
)
_ARTICLE = re.compile(r"\bdieu\s+(?:thu\s+)?(\d{1,4}[a-z]?)\b(?!\s*%)")
_CLAUSE = re.compile(r"\bkhoan\s+(?:thu\s+)?(\d{1,3}[a-z]?)\b")
_POINT = re.compile(r"\bdiem\s+([a-z]\d?)\b(?!\w)")
_APPENDIX = re.compile(r"\bphu\s+luc\s+(?:so\s+)?(\d{1,3}[a-z]?|[ivxlc]+)\b")
_NUMBER = re.compile(r"\b(\d+(?:/\d{4})?)\s*/\s*([a-z][a-z0-9]*(?:\s*-\s*[a-z0-9]+)*)")
_SPOKEN_NUMBER = re.compile(rf"\b(?:{_KINDS})\s+(?:so\s+)?(\d+(?:/\d{{4}})?)\b")

_LAW = re.compile(r"\b(?:bo\s+luat|luat|nghi\s+dinh|thong\s+tu|phap\s+lenh|hien\s+phap)\b.{0,60}")
_LEFT_OUT = frozenset({"va", "ve", "cua"})


@dataclass(frozen=True)
class Reference:
    """What a question names. ``document``: a number as far as said ("335"), folded, or ''."""

    article: str = ""
    clause: str = ""
    point: str = ""
    appendix: str = ""
    document: str = ""
    rest: str = ""

    @property
    def place(self) -> bool:
        """Whether it names an article or appendix."""
        return bool(self.article or self.appendix)


def read_reference(text: str) -> Reference:
    """The reference in ``text``; empty where there is none. ``rest``: its other words, folded."""
    said = unicodedata.normalize("NFC", text).lower()
    folded = fold(said)
    article, clause, appendix = (form.search(folded) for form in (_ARTICLE, _CLAUSE, _APPENDIX))
    point = _POINT.search(folded) if clause or article else None
    number = _NUMBER.search(folded) or _SPOKEN_NUMBER.search(folded)
    rest = folded
    for match in (article, clause, appendix, point, number):
        if match is not None:
            rest = rest[: match.start()] + " " * len(match.group()) + rest[match.end() :]
    return Reference(
        article=article.group(1) if article else "",
        clause=clause.group(1) if clause else "",
        point=said[point.start(1) : point.end(1)] if point else "",
        appendix=appendix.group(1) if appendix else "",
        document=re.sub(r"\s+", "", "/".join(g for g in number.groups() if g)) if number else "",
        rest=spoken(rest),
    )


def named_documents(text: str, reference: Reference, documents: Mapping[str, str]) -> set[str]:
    """Keys of ``documents`` (key: title) that the question names, by number or by whole title."""
    said = _named(text)
    found = set()
    for key, title in documents.items():
        if "/" not in key:
            if f" {_named(title).strip()} " in said:
                found.add(key)
        elif reference.document and f"{fold(key)}/".startswith(f"{reference.document}/"):
            found.add(key)
    return found


def named_law(text: str) -> str:
    """The law or decree that the question names in words or by number, '' for none."""
    said = unicodedata.normalize("NFC", text)
    law = _LAW.search(fold(said))
    return " ".join(said[law.start() : law.end()].split()) if law else ""


def _named(text: str) -> str:
    """The words of a title or question without those that people leave out of names."""
    kept = [word for word in spoken(text).split() if word not in _LEFT_OUT]
    return f" {' '.join(kept)} "


def places(reference: Reference, units: Sequence[tuple[int, Provision]]) -> list[int]:
    """Rows of ``units`` that are the article or appendix named."""
    kind = PartKind.ARTICLE if reference.article else PartKind.APPENDIX
    wanted = _same_number(reference.article or reference.appendix)
    return [
        row for row, unit in units
        if unit.parts[0].kind is kind and _same_number(unit.number) == wanted
    ]  # fmt: skip


def part_in(unit: Provision, reference: Reference) -> int | None:
    """Position in ``unit`` of the clause or point named, 0 for the article itself; None where the
    article has no such part."""
    at = 0
    for kind, number in ((PartKind.CLAUSE, reference.clause), (PartKind.POINT, reference.point)):
        if not number:
            continue
        inside = [
            b for b in range(at + 1, len(unit.parts))
            if unit.parts[b].kind is kind and unit.parts[b].number == number
            and (at == 0 or unit.parts[b].above == at)
        ]  # fmt: skip
        if not inside:
            return None
        at = inside[0]
    return at


def _same_number(number: str) -> str:
    """A number in one form: Roman ones as figures ("ii" and "2" are the same appendix)."""
    folded = fold(number)
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    if not folded or not set(folded) <= set(values):
        return folded
    total = 0
    for at, sign in enumerate(folded):
        value = values[sign]
        larger_follows = any(values[after] > value for after in folded[at + 1 : at + 2])
        total += -value if larger_follows else value
    return str(total)
