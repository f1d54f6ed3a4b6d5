"""Provisions: the texts that hold, article by article, each with the days it holds.

A document ends when another replaces it or a later version of it begins. An amending document that
quotes new text ("Sửa đổi khoản 2 Điều 5 ... như sau: “...”") ends the amended article's old text
and begins its new one; an amendment that quotes none is told beside the text it concerns.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.rules.heading import NUMBER
from knowledge.rules.records import Amendment, Part, PartKind, RuleDocument
from knowledge.rules.structure import opens_article, parse, parse_article

UNITS = (PartKind.ARTICLE, PartKind.APPENDIX)
_PLACE = r"(?:điểm\s+([a-zđ])\s*,?\s+)?(?:khoản\s+(\d+[a-zđ]?)\s*,?\s+)?[Đđ]iều\s+(\d+[a-zđ]?)\b"
_CHANGED = re.compile(
    rf"[Ss]ửa đổi(?:,?\s+(?:và\s+)?bổ sung)?\s+{_PLACE}([^“\"]{{0,300}}?)như sau\s*:?\s*"
    r"[“\"](.+?)[”\"](?=[.;,]?\s*(?:\n|$))",
    re.DOTALL,
)
_DROPPED = re.compile(rf"[Bb]ãi bỏ\s+{_PLACE}([^.;\n]{{0,200}})")


@dataclass(frozen=True)
class Provision:
    """One version of one article (or appendix). ``parts``: the unit first, then what is in it;
    ``address`` names it, ``until`` is the first day it no longer holds, ``changed_by`` the document
    whose words it carries, ``ended_by`` the one that ended it. ``carrier``: it only brings new
    words to other articles, which carry them."""

    id: str
    document: str
    name: str
    title: str
    issuer: str
    address: str
    number: str
    heading: str
    parts: tuple[Part, ...]
    since: dt.date | None = None
    until: dt.date | None = None
    changed_by: str = ""
    ended_by: str = ""
    carrier: bool = False
    sample: bool = False
    url: str | None = None

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on ``day``."""
        return (self.since is None or self.since <= day) and not self.is_past(day)

    def is_past(self, day: dt.date) -> bool:
        """Whether it no longer is on ``day``."""
        return self.until is not None and self.until <= day


def provisions(documents: Sequence[RuleDocument]) -> list[Provision]:
    """All provisions of all versions, amended, in the documents' order."""
    made = [unit for document in documents for unit in units(document)]
    made = _ended(made, documents)
    for document in sorted(documents, key=lambda d: d.in_force_from or dt.date.min):
        for amendment in amendments(document):
            made = _amended(made, amendment, document)
    return made


def _carries(document: RuleDocument, unit: str) -> bool:
    return bool(document.amends) and _CHANGED.search(unit) is not None


def units(document: RuleDocument) -> Iterable[Provision]:
    """Articles and appendices without articles; a document that has neither is one unit."""
    found = [at for at, part in enumerate(document.parts) if _is_unit(document, at)]
    for place, at in enumerate(found):
        part = document.parts[at]
        if part.kind is PartKind.ARTICLE and part.number in document.article_ids:
            name = document.article_ids[part.number]
        else:
            name = f"{document.key}#{place + 1}"
        yield _provision(document, at, [at, *document.below(at)], name)
    if not found and document.parts:
        yield _provision(document, 0, range(len(document.parts)), f"{document.key}#1")


def _is_unit(document: RuleDocument, at: int) -> bool:
    if document.parts[at].kind not in UNITS:
        return False
    return not any(document.parts[b].kind is PartKind.ARTICLE for b in document.below(at))


def _provision(document: RuleDocument, at: int, positions: Iterable[int], name: str) -> Provision:
    kept = list(positions)
    place = {position: index for index, position in enumerate(kept)}
    parts = [document.parts[position] for position in kept]
    parts = [part.model_copy(update={"above": place.get(part.above or 0)}) for part in parts]
    parts[0] = parts[0].model_copy(update={"above": None})
    version = f"@{document.in_force_from}" if document.in_force_from else ""
    return Provision(
        carrier=_carries(document, "".join(part.text for part in parts)),
        id=name if document.article_ids else f"{name}{version}",
        document=document.key, name=document.name, title=document.title, issuer=document.issuer,
        address=document.address(at) if parts[0].kind in UNITS else document.name,
        number=parts[0].number, heading=parts[0].title, parts=tuple(parts),
        since=document.in_force_from, until=document.in_force_to, sample=document.sample,
        url=document.url,
    )  # fmt: skip


def _ended(made: list[Provision], documents: Sequence[RuleDocument]) -> list[Provision]:
    """End what another document replaced, and old versions of the same one."""
    ends: dict[tuple[str, dt.date | None], tuple[dt.date, str]] = {}
    for later in documents:
        if later.in_force_from is None:
            continue
        for old in documents:
            same = old.key == later.key and (old.in_force_from or dt.date.min) < later.in_force_from
            if same or (old.number and old.number in later.replaces):
                key = (old.key, old.in_force_from)
                ends[key] = min(ends.get(key, (dt.date.max, "")), (later.in_force_from, later.name))
    ended = []
    for unit in made:
        day, by = ends.get((unit.document, unit.since), (None, ""))
        if day is not None and (unit.until is None or day < unit.until):
            unit = replace(unit, until=day, ended_by=by)
        ended.append(unit)
    return ended


def amendments(document: RuleDocument) -> list[Amendment]:
    """The changes that ``document`` makes to others, as far as it quotes the new text or drops
    an article, clause or point."""
    if not document.amends:
        return []
    text = document.text
    found = []
    for match in _CHANGED.finditer(text):
        point, clause, article, rest, new = match.groups()
        found.append((match.start(), article, clause, point, rest, new))
    for match in _DROPPED.finditer(text):
        point, clause, article, rest = match.groups()
        found.append((match.start(), article, clause, point, rest, ""))
    made = []
    for _, article, clause, point, rest, new in sorted(found, key=lambda change: change[0]):
        named = NUMBER.search(rest)
        target = named.group() if named else document.amends[0]
        made.append(
            Amendment(
                document=target, article=article, clause=clause or "", point=point or "", text=new
            )
        )
    return made


def _amended(made: list[Provision], amendment: Amendment, by: RuleDocument) -> list[Provision]:
    """``made`` with the change carried out. Where a decision and the regulation issued with it both
    have the article, the regulation's is meant: it comes last."""
    for at in reversed(range(len(made))):
        unit = made[at]
        concerned = (
            unit.document == amendment.document and unit.number == amendment.article
            and unit.parts[0].kind is PartKind.ARTICLE and unit.until is None
            and by.in_force_from is not None and by.key != unit.document
        )  # fmt: skip
        new = _rewritten(unit, amendment) if concerned else None
        if new is None:
            continue
        if unit.changed_by == by.name:  # a second change by the same document
            return [*made[:at], replace(unit, parts=new), *made[at + 1 :]]
        ended = replace(unit, until=by.in_force_from, ended_by=by.name)
        begun = replace(
            unit, id=f"{unit.id}+{by.key}", parts=new, since=by.in_force_from, changed_by=by.name
        )
        return [*made[:at], ended, begun, *made[at + 1 :]]
    return made


def _rewritten(unit: Provision, amendment: Amendment) -> tuple[Part, ...] | None:
    """The unit's parts with the new text in place; None where the place is not found."""
    at = _place(unit, amendment)
    if at is None:
        return None
    below = _below(unit.parts, at)
    before = "".join(part.text for part in unit.parts[:at])
    after = "".join(part.text for part in unit.parts[max(below) + 1 :])
    new = f"{amendment.text.strip()}\n" if amendment.text else ""
    return read_unit(unit.number, unit.heading, f"{before}{new}{after}")


def read_unit(number: str, heading: str, text: str) -> tuple[Part, ...]:
    """The parts of one article, with or without its line "Điều N."."""
    if opens_article(text):
        return tuple(parse(text))
    return tuple(parse_article(number, heading, text))


def _place(unit: Provision, amendment: Amendment) -> int | None:
    at = 0
    for kind, number in (
        (PartKind.CLAUSE, amendment.clause), (PartKind.POINT, amendment.point),
    ):  # fmt: skip
        if not number:
            continue
        inside = [
            b for b in _below(unit.parts, at)[1:]
            if unit.parts[b].kind is kind and unit.parts[b].number == number
        ]  # fmt: skip
        if not inside:
            return None
        at = inside[0]
    return at


def _below(parts: Sequence[Part], at: int) -> list[int]:
    """The position and those of all parts in it, in order."""
    found = [at]
    for position in range(at + 1, len(parts)):
        if parts[position].above in found:
            found.append(position)
    return found
