"""What the rest of the assistant calls: ask the rules as somebody of a role."""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from knowledge.blocks import AnswerBlock, NoticeBlock, RuleArticleBlock
from knowledge.encoder import Encoder
from knowledge.index_versions import current_version
from knowledge.roles import Role
from knowledge.rules import index as rule_index
from knowledge.rules.answers import (
    PROCESS,
    Link,
    article_block,
    article_link,
    contents_block,
    process_blocks,
    say,
    say_part,
)
from knowledge.rules.processes import Process, asked_process, processes
from knowledge.rules.records import PartKind
from knowledge.rules.references import (
    Reference,
    named_documents,
    named_law,
    part_in,
    places,
    read_reference,
)
from knowledge.rules.search import NOTHING, RuleResult, RuleSearcher
from knowledge.rules.versions import Provision
from knowledge.rules.words import load as asking
from knowledge.rules.words import spoken

log = logging.getLogger(__name__)
MOST_SHOWN = 3
MOST_DOCUMENTS = 6  # offered when an article number alone was asked for
LEAST_COVERED = 0.48  # share of a question's words that an article must speak of to be an answer
LEAST_STEPS = 0.6  # the same for an internal process
OWN_WORDS = 2  # words beside a reference that say what is wanted of it


def rules_dir(cache_dir: Path) -> Path:
    """Where the index of the rules is kept, beside the catalogue's."""
    return cache_dir / "rules"


class Kind(StrEnum):
    """How an answer was found."""

    REFERENCE = "reference"
    PROCESS = "process"
    SEARCH = "search"
    WHICH = "which"


@dataclass(frozen=True)
class RuleAnswer:
    """``references``: what was shown, as addresses. ``cued``: the question says itself that it is
    about a rule. ``found``: whether something is shown. ``in_hand``: the provision that a follow-up
    ("còn khoản 3?") is of. ``code``: the procedure of an internal process."""

    kind: Kind
    blocks: list[AnswerBlock]
    links: list[Link] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    cued: bool = True
    found: bool = True
    in_hand: str = ""
    code: str = ""


def _vietnam_today() -> dt.date:
    """What is in force is told by the day in Vietnam, wherever the server's clock stands."""
    return dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()


class Rules:
    """The rules with their index. Whoever is no official gets an empty corpus. Reading is safe from
    many threads."""

    def __init__(
        self, encoder: Encoder, index_dir: Path, today: Callable[[], dt.date] = _vietnam_today
    ) -> None:
        self._encoder = encoder
        self._index_dir = index_dir
        self._today = today
        self._load()

    def _load(self) -> None:
        version = current_version(self._index_dir)
        if version is None:
            log.warning("rules: nothing built in %s; run `assistant index`", self._index_dir)
            index = rule_index.EMPTY
        else:
            index = rule_index.load(self._index_dir)
        self._searcher = RuleSearcher(index, self._encoder)
        self._row_of = {unit.id: row for row, unit in enumerate(index.provisions)}
        self._processes = processes(index.provisions)
        self._tables = {process.provision.id for process in self._processes}
        self._version = version

    @property
    def size(self) -> int:
        """How many provisions the index holds, of all versions."""
        return len(self._row_of)

    def reload_if_newer(self) -> bool:
        """Load the index again when a newer one serves; searches under way keep the old one."""
        if current_version(self._index_dir) == self._version:
            return False
        self._load()
        return True

    def search(self, text: str, role: Role) -> RuleResult:
        """See ``RuleSearcher.search``; empty for everybody but officials."""
        return self._searcher.search(text, role, self._today()) if role.sees_internal else NOTHING

    def listed(self, text: str, role: Role) -> list[tuple[RuleArticleBlock, float]]:
        """What a program that searches gets, best first, with scores: the places that ``text``
        names (1.0), else the nearest clauses; nothing for everybody but officials."""
        named = self._by_reference(text, read_reference(text), role) if role.sees_internal else None
        shown = [block for block in named.blocks if block.type == "rule_article"] if named else []
        if shown:
            return [(block, 1.0) for block in shown]
        day = self._today()
        hits = self.search(text, role).hits
        return [(article_block(hit.provision, hit.part, day), hit.score) for hit in hits]

    def article(self, key: str, role: Role) -> Provision | None:
        """The provision with this id, None where there is none that ``role`` may see."""
        row = self._row_of.get(key)
        if row is None or row not in self._searcher.visible(role):
            return None
        return self._searcher.index.provisions[row]

    def process_codes(self, role: Role) -> frozenset[str]:
        """Codes of the procedures that have an internal process which ``role`` may see."""
        return frozenset(self._processes_now(role))

    def _processes_now(self, role: Role) -> dict[str, Process]:
        held = {unit.id for unit in self._units(role, past=False)} if self._processes else set()
        return {p.code: p for p in self._processes if p.provision.id in held}

    def ask(
        self, text: str, role: Role, codes: Sequence[str] = (), in_hand: str = ""
    ) -> RuleAnswer | None:
        """The answer to ``text``; None for everybody but officials, and where the question is not
        about rules. ``codes``: procedures that the question may speak of, best first."""
        if not role.sees_internal:
            return None
        if text.startswith(PROCESS):
            return self._process(asked=text, code=text.removeprefix(PROCESS), role=role)
        reference = read_reference(text)
        if unit := self._of_hand(reference, role, in_hand):
            return self._placed([unit], reference)
        answer = self._by_reference(text, reference, role)
        if answer is None:
            answer = self._by_process(text, role, codes)
        return answer or self._by_search(text, role)

    def show(self, key: str, role: Role) -> RuleAnswer | None:
        """The whole provision ``key`` (or ``process:CODE``), as a button asks for it."""
        if key.startswith(PROCESS):
            return self.ask(key, role)
        unit = self.article(key, role)
        return None if unit is None else self._shown([(unit, 0)], whole=True)

    def _units(self, role: Role, past: bool) -> list[Provision]:
        rows = self._searcher.standing(role, self._today(), past)
        return [self._searcher.index.provisions[row] for row in rows]

    def _of_hand(self, reference: Reference, role: Role, in_hand: str) -> Provision | None:
        """The article in hand, where a clause is named without its article ("còn khoản 3?")."""
        lone = reference.clause and not reference.place and not reference.document
        unit = self.article(in_hand, role) if lone and in_hand else None
        return unit if unit and unit.parts[0].kind is PartKind.ARTICLE else None

    def _by_reference(self, text: str, reference: Reference, role: Role) -> RuleAnswer | None:
        past = self._searcher.read(text).past
        units = self._units(role, past)
        named = named_documents(text, reference, _titles(units))
        if not named:  # a document that no longer holds, asked for by its number
            units = self._units(role, not past)
            named = named_documents(text, reference, _titles(units))
        if not reference.place:
            return self._contents(reference, [u for u in units if u.document in named])
        if reference.document and not named:
            return _nothing("no_document", number=reference.document.upper())
        if not named and (law := named_law(text)):
            return _nothing("no_law", law=law)
        if not named:
            units = self._units(role, past)
        candidates = [(at, u) for at, u in enumerate(units) if not named or u.document in named]
        found = [units[at] for at in places(reference, candidates)]
        if not found and named:
            return self._no_place(reference, [unit for _, unit in candidates])
        if named:
            return self._placed(found, reference)
        return self._which(text, reference, found, role)

    def _contents(self, reference: Reference, units: Sequence[Provision]) -> RuleAnswer | None:
        """The articles of a document that was named by its number and nothing more."""
        if not units or not reference.document or len(reference.rest.split()) > OWN_WORDS + 2:
            return None
        links = [article_link(unit) for unit in units[:MOST_DOCUMENTS]]
        return RuleAnswer(Kind.REFERENCE, [contents_block(units)], links, [units[0].name])

    def _no_place(self, reference: Reference, units: Sequence[Provision]) -> RuleAnswer:
        place = _place(reference)
        articles = sum(unit.parts[0].kind is PartKind.ARTICLE for unit in units)
        return _nothing("no_place", document=units[0].name, place=place, count=articles)

    def _placed(self, found: Sequence[Provision], reference: Reference) -> RuleAnswer:
        parts = [part_in(unit, reference) for unit in found]
        if any(part is not None for part in parts):
            kept = [(u, p) for u, p in zip(found, parts, strict=True) if p is not None]
            return self._shown(kept[:MOST_SHOWN])
        answer = self._shown([(unit, 0) for unit in found[:MOST_SHOWN]])
        lacking = " ".join(
            say_part(kind, number)
            for kind, number in (
                (PartKind.POINT, reference.point), (PartKind.CLAUSE, reference.clause)
            ) if number
        )  # fmt: skip
        notice = NoticeBlock(text=say("no_part", address=found[0].address, part=lacking))
        return replace(answer, blocks=[notice, *answer.blocks])

    def _which(
        self, text: str, reference: Reference, found: Sequence[Provision], role: Role
    ) -> RuleAnswer | None:
        """An article number without its document: told by the other words, else asked back."""
        if not found:
            return _nothing("nothing")
        if len(found) == 1:
            return self._placed(found, reference)
        if len(reference.rest.split()) >= OWN_WORDS:
            ids = {unit.id for unit in found}
            hits = [h for h in self.search(text, role).hits if h.provision.id in ids]
            if hits:
                return self._placed([hits[0].provision], reference)
        links = [Link(u.name, u.id, detail=u.title) for u in found[:MOST_DOCUMENTS]]
        notice = NoticeBlock(text=say("which_document", place=_place(reference)))
        return RuleAnswer(Kind.WHICH, [notice], links)

    def _by_process(self, text: str, role: Role, codes: Sequence[str]) -> RuleAnswer | None:
        known = list(self._processes_now(role).values())
        asked = self._searcher.read(text)
        process = asked_process(text, asked.fuller, known, codes)
        if process is None:
            return None
        if process.code not in text:
            nearest = self.search(text, role).hits[0].provision.id
            covered = self._searcher.covered(asked, self._row_of[process.provision.id])
            if nearest not in self._tables or covered < LEAST_STEPS:
                return None  # another article is nearer, or it asks of more than the process
        return self._process(text, process.code, role)

    def _process(self, asked: str, code: str, role: Role) -> RuleAnswer | None:
        process = self._processes_now(role).get(code)
        if process is None:
            return None
        blocks = process_blocks(process, process.asked_steps(asked))
        if process.provision.sample:
            blocks.append(NoticeBlock(text=say("sample")))
        link = article_link(process.provision)
        return RuleAnswer(
            Kind.PROCESS, blocks, [link], [say("process_of", code=code)],
            in_hand=process.provision.id, code=code,
        )  # fmt: skip

    def _by_search(self, text: str, role: Role) -> RuleAnswer | None:
        result = self.search(text, role)
        cued = asking().rule_cues.stand_in(spoken(text))
        near = result.hits and result.covered >= LEAST_COVERED
        if not near or (not cued and result.hits[0].provision.id in self._tables):
            nothing = _nothing("nothing_past" if result.past else "nothing")
            return replace(nothing, kind=Kind.SEARCH, found=False) if cued else None
        found = [(hit.provision, hit.part) for hit in result.hits[: result.taken]]
        answer = self._shown(found)
        blocks = answer.blocks
        if result.past:
            blocks = [NoticeBlock(text=say("past")), *blocks]
        elif len(found) > 1:
            blocks = [NoticeBlock(text=say("several")), *blocks]
        return replace(answer, kind=Kind.SEARCH, blocks=blocks, cued=cued)

    def _shown(self, found: Sequence[tuple[Provision, int]], whole: bool = False) -> RuleAnswer:
        day = self._today()
        blocks: list[AnswerBlock] = [article_block(unit, part, day) for unit, part in found]
        links = [] if whole else [article_link(unit) for unit, part in found if part]
        links += [link for unit, _ in found for link in self._other_versions(unit, day)]
        references = [block.address for block in blocks if block.type == "rule_article"]
        return RuleAnswer(Kind.REFERENCE, blocks, links, references, in_hand=found[0][0].id)

    def _other_versions(self, unit: Provision, day: dt.date) -> list[Link]:
        """Buttons to the old text of an amended article, or from the old one to today's."""
        links = []
        for other in self._searcher.index.provisions:
            same = other.document == unit.document and other.address == unit.address
            if not same or other.id == unit.id:
                continue
            if other.is_past(day) and not unit.is_past(day):
                links.append(Link(say("old_text"), other.id, detail=unit.address))
            elif other.holds(day) and unit.is_past(day):
                links.append(Link(say("now_text"), other.id, detail=unit.address))
        return links


def _titles(units: Sequence[Provision]) -> dict[str, str]:
    return {unit.document: unit.title for unit in units}


def _place(reference: Reference) -> str:
    kind = PartKind.ARTICLE if reference.article else PartKind.APPENDIX
    return say_part(kind, reference.article or reference.appendix.upper())


def _nothing(name: str, **values: object) -> RuleAnswer:
    return RuleAnswer(Kind.REFERENCE, [NoticeBlock(text=say(name, **values))], found=False)
