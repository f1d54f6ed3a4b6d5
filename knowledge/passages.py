"""The part of a record that speaks of one asked fact ("bản sao có cần công chứng không").

Such a question is known by its build: yes or no, one or the other, or where one thing happens.
What it asks of is looked for in the rows and sentences of the record, after words for one thing
are made one (``facts.yml``). What is found is shown as it stands; nothing here answers yes or no.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from knowledge.records import (
    Component,
    MethodKind,
    ParseState,
    Procedure,
    SectionKey,
    SubmissionMethod,
)
from knowledge.text.folding import fold, tokens
from knowledge.text.telex import settle_tones

TOLD = 0.75  # share of what is asked of that a passage must speak of
ONE_OF_TWO = 0.5  # the same where one of two things is asked for
NAMED = 0.5  # what a submission method gains whose own name is asked of
BESIDE = 0.25  # what a passage gains by what is said beside it
NEAR = 0.2  # passages this near to the best are shown
MOST = 3  # passages of a section
MOST_SECTIONS = 2
LONGEST = 8  # words said in a question before what it asks of that still count
SIZE = re.compile(r"0?(\d+)\s*(?:cm|mm)?\s*[x×]\s*0?(\d+)", re.IGNORECASE)
CLAUSE = re.compile(r"[.,;:?!\n]+(?!\d)")
SENTENCE = re.compile(r"\n+|(?<=[.;])\s+(?=[^\W\d_a-z])")
MARKS = "ăâđêôơư"
IN_WORDS = (SectionKey.CONDITIONS, SectionKey.STEPS, SectionKey.AUDIENCE, SectionKey.AGENCY)
IN_WORDS_TOO = (SectionKey.RESULTS, SectionKey.LEGAL_BASIS)
KIND_WORDS = {
    MethodKind.DIRECT: "trực tiếp",
    MethodKind.ONLINE: "trực tuyến",
    MethodKind.POSTAL: "bưu chính",
}


@dataclass(frozen=True)
class Unit:
    """One thing said: a word, or a phrase of a group under the group's first name (``strong``)."""

    name: str
    strong: bool


@dataclass(frozen=True)
class Fact:
    """What is asked of, and what is said beside it. ``either``: one of two things is asked for;
    ``certain``: the record is asked, so that its silence is worth saying. ``alone``: nothing else
    is spoken of."""

    of: tuple[Unit, ...]
    beside: tuple[Unit, ...]
    accented: bool
    either: bool = False
    certain: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Found:
    """Where a section speaks of a fact: papers (with their case), methods, or sentences."""

    section: SectionKey
    components: tuple[tuple[str, Component], ...] = ()
    methods: tuple[SubmissionMethod, ...] = ()
    sentences: tuple[str, ...] = ()


Candidate = tuple[float, Component | SubmissionMethod | str, str]


@cache
def _words(group: str, accented: bool) -> frozenset[str]:
    return frozenset(_written(word, accented) for word in _data()[group])


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((files("knowledge") / "facts.yml").read_text("utf-8"))
    return loaded


@cache
def _same(accented: bool) -> dict[tuple[str, ...], str]:
    return {
        tuple(_split(phrase, accented)): _written(group[0], accented)
        for group in _data()["same"]
        for phrase in group
    }


@cache
def _longest(accented: bool) -> dict[str, int]:
    """By its first word, how many words the longest phrase has."""
    lengths: dict[str, int] = {}
    for phrase in _same(accented):
        lengths[phrase[0]] = max(lengths.get(phrase[0], 0), len(phrase))
    return lengths


def _ways_to_say(unit: Unit, accented: bool) -> list[list[str]]:
    """The folded words of every phrase that means ``unit``; of a size, its first number."""
    if SIZE.fullmatch(unit.name):
        return [[unit.name.split("x")[0]]]
    phrases = [phrase for phrase, name in _same(accented).items() if name == unit.name]
    return [[fold(word) for word in phrase] for phrase in phrases if unit.strong] or [
        [fold(unit.name)]
    ]


def _written(text: str, accented: bool) -> str:
    return settle_tones(unicodedata.normalize("NFC", text).lower()) if accented else fold(text)


def _split(text: str, accented: bool) -> list[str]:
    text = _written(SIZE.sub(r"\1x\2", text), accented)
    return [text[start:end] for _, start, end in tokens(text)]


def _units(said: Sequence[str], accented: bool) -> list[Unit]:
    """The words with each phrase of a group made one, longest first."""
    same, longest, found, at = _same(accented), _longest(accented), [], 0
    while at < len(said):
        for length in range(min(longest.get(said[at], 0), len(said) - at), 0, -1):
            name = same.get(tuple(said[at : at + length]))
            if name is not None:
                found.append(Unit(name, True))
                at += length
                break
        else:
            is_size = said[at][0].isdigit() and SIZE.fullmatch(said[at]) is not None
            found.append(Unit(said[at], is_size))
            at += 1
    return found


@lru_cache(maxsize=1000)
def _read(passage: str, accented: bool) -> tuple[Unit, ...]:
    """The units of a record's text; what was asked last is often asked again."""
    return tuple(_units(_split(passage, accented), accented))


def _has_accents(text: str) -> bool:
    lowered = unicodedata.normalize("NFC", text).lower()
    return fold(lowered) != lowered


def asked_fact(text: str, name: str) -> Fact | None:
    """What the last question of ``text`` about one fact asks of, None when there is none.

    ``name``: the procedure's name, whose words are no fact of it.
    """
    accented = _has_accents(text)
    clauses = [
        clause
        for part in CLAUSE.split(text)
        for clause in _begun(_split(part, accented), _words("begin", accented))
    ]
    own = frozenset(_split(name, accented))
    named = frozenset(_units(_split(name, accented), accented))
    for clause in reversed(clauses):
        fact = _fact(clause, own, accented)
        if fact is not None:
            others = [word for other in clauses if other is not clause for word in other]
            spoken_of = [*fact.of, *fact.beside, *_telling(_units(others, accented), own, accented)]
            of = tuple(unit for unit in fact.of if unit not in named) or fact.of
            beside = (*fact.beside, *(unit for unit in fact.of if unit not in of))
            alone = all(unit.strong for unit in spoken_of)
            return replace(fact, of=of, beside=beside, alone=alone)
    return None


def _begun(said: list[str], begin: frozenset[str]) -> Iterable[list[str]]:
    """The words cut after each that begins a clause."""
    clause: list[str] = []
    for word in said:
        if word in begin:
            yield clause
            clause = []
        else:
            clause.append(word)
    yield clause


def _fact(clause: list[str], own: frozenset[str], accented: bool) -> Fact | None:
    def words(group: str) -> frozenset[str]:
        return _words(group, accented)

    no, idle = words("ending"), words("beside")
    said = list(clause)
    while said and said[-1] in idle and said[-1] not in no | words("where"):
        said.pop()
    if len(said) < 2:
        return None
    if said[-1] in no:
        return _yes_or_no(said[:-1], own, accented)
    units = _units(said, accented)
    if any(word in words("either") for word in said[1:-1]):
        telling = _telling(units, own, accented)
        several = sum(unit.strong for unit in telling) > 1
        return Fact(tuple(telling), (), accented, either=True, certain=True) if several else None
    strong = tuple(unit for unit in units if unit.strong)
    if said[-1] in words("where") and strong:
        return Fact(strong, (), accented)
    return None


def _yes_or_no(said: list[str], own: frozenset[str], accented: bool) -> Fact | None:
    """Of "bản sao có cần công chứng": what follows the words that open it, else what is before."""
    opening = _words("open", accented)
    units = _units(said, accented)
    starts = [at for at, unit in enumerate(units) if unit.name in opening]
    if not starts:
        return None
    after = _telling(units[starts[0] :], frozenset(), accented)
    before = _telling(units[: starts[0]][-LONGEST:], own, accented)
    certain = bool(_words("must", accented) & set(said))
    whose = [u for u in before if u.strong and u.name not in _words("form", accented)]
    for of, beside in ((after, before), (before, [])):
        strong = [unit for unit in of if unit.strong]
        if of is after and strong:
            strong = list(dict.fromkeys([*whose, *strong]))
        if strong or (of and certain):
            others = [unit for unit in of if strong and not unit.strong]
            asked = tuple(strong or of)
            return Fact(asked, (*beside, *others), accented, certain=certain or bool(strong))
    return None


def _telling(units: Iterable[Unit], own: frozenset[str], accented: bool) -> list[Unit]:
    idle = _words("beside", accented) | own
    return [unit for unit in units if unit.strong or unit.name not in idle]


def find_passages(
    procedure: Procedure, fact: Fact, asked: Sequence[SectionKey] = ()
) -> list[Found]:
    """Where the record speaks of ``fact``: asked sections first, at most ``MOST_SECTIONS``."""
    found = {}
    for key, candidates in _candidates(procedure, fact, asked):
        scored = [row for row in candidates if row[0] > 0]
        if scored:
            found[key] = sorted(scored, key=lambda row: -row[0])
    best = max((rows[0][0] for rows in found.values()), default=0.0)
    near = {
        key: [row for row in rows if best - row[0] <= NEAR]
        for key, rows in found.items()
        if best - rows[0][0] <= NEAR
    }
    order = sorted(near, key=lambda key: key not in asked)
    return [_found(key, near[key]) for key in order[:MOST_SECTIONS]]


def _found(key: SectionKey, rows: Sequence[Candidate]) -> Found:
    distinct = list({str(row[1]): row for row in rows}.values())[:MOST]
    return Found(
        key,
        components=tuple((case, row) for _, row, case in distinct if isinstance(row, Component)),
        methods=tuple(row for _, row, _ in distinct if isinstance(row, SubmissionMethod)),
        sentences=tuple(row for _, row, _ in distinct if isinstance(row, str)),
    )


def _candidates(
    procedure: Procedure, fact: Fact, asked: Sequence[SectionKey]
) -> Iterable[tuple[SectionKey, list[Candidate]]]:
    needles = [words for unit in fact.of for words in _ways_to_say(unit, fact.accented)]

    def score(text: str) -> float:
        folded = fold(text)
        if not any(all(word in folded for word in words) for words in needles):
            return 0.0  # reading all words of a record takes 20 ms, this 1 ms
        return _score(_read(text, fact.accented), fact)

    yield (
        SectionKey.COMPONENTS,
        [
            (score(_paper(part)), part, case.name)
            for case in procedure.cases
            for part in case.components
        ]
        + [(score(text), text, "") for text in _loose(procedure, SectionKey.COMPONENTS)],
    )
    table = procedure.sections.get(SectionKey.FEES)
    methods = procedure.methods if table and table.parse is not ParseState.NONE else []
    ways = [(score(_way(m)) + NAMED * _is_named(m, fact), m, "") for m in methods]
    yield SectionKey.CHANNELS, [*ways]
    fees = [(score(" ".join(fee.verbatim for fee in m.fees)), m, "") for m in methods]
    yield SectionKey.FEES, [*fees]
    for key in (*IN_WORDS, *(key for key in IN_WORDS_TOO if key in asked)):
        section = procedure.sections.get(key)
        sentences = SENTENCE.split(section.verbatim) if section else []
        yield key, [(score(text), text.strip(), "") for text in sentences if text.strip()]


def _loose(procedure: Procedure, key: SectionKey) -> list[str]:
    """Sentences of a section that stand in no typed field."""
    section = procedure.sections.get(key)
    if section is None:
        return []
    texts = section.unplaced if procedure.cases else [section.verbatim]
    return [line.strip() for text in texts for line in SENTENCE.split(text) if line.strip()]


def _paper(part: Component) -> str:
    counts = ["bản chính"] * bool(part.originals) + ["bản sao"] * bool(part.copies)
    return " ; ".join([part.name, part.quantity, *counts])


def _way(method: SubmissionMethod) -> str:
    return " ; ".join([method.name, KIND_WORDS[method.kind] if method.kind else "", method.note])


def _is_named(method: SubmissionMethod, fact: Fact) -> bool:
    kind = KIND_WORDS[method.kind] if method.kind else method.name
    return any(unit in fact.of for unit in _units(_split(kind, fact.accented), fact.accented))


def _score(passage: Sequence[Unit], fact: Fact) -> float:
    """How well a passage speaks of a fact, 0 when not enough."""
    told = _covered(fact.of, passage)
    if told < (ONE_OF_TWO if fact.either else TOLD):
        return 0.0
    return told + BESIDE * _covered(fact.beside, passage)


def _covered(asked: Sequence[Unit], passage: Sequence[Unit]) -> float:
    """Share of ``asked`` that the passage has; a plain word counts with a plain neighbour only."""
    if not asked:
        return 0.0
    there = {unit.name for unit in passage}
    pairs = {(a.name, b.name) for a, b in pairwise(passage)}
    told = 0
    for at, unit in enumerate(asked):
        plain_neighbours = [
            pair
            for pair in (asked[at - 1 : at + 1] if at else (), asked[at : at + 2])
            if len(pair) == 2 and not (pair[0].strong or pair[1].strong)
        ]
        if unit.strong or not plain_neighbours:
            told += unit.name in there
        else:
            told += any((a.name, b.name) in pairs for a, b in plain_neighbours)
    return told / len(asked)
