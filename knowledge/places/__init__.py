"""The communes of the province: found by today's name, by an old unit's, by an old district's.

Data: ``places.yml``. A name may have been borne by several units, and two old communes were
split, so an answer may hold several communes to choose from.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from knowledge.text.folding import tokens, words

KINDS = {
    ("xa",): "xã", ("x",): "xã", ("phuong",): "phường", ("p",): "phường", ("f",): "phường",
    ("thi", "tran"): "thị trấn", ("tt",): "thị trấn",
    ("huyen",): "huyện", ("h",): "huyện", ("thanh", "pho"): "thành phố", ("tp",): "thành phố",
}  # fmt: skip
DISTRICTS = ("huyện", "thành phố")
LEADING = frozenset({"o", "tai", "thuoc", "ben", "tren", "duoi"})
PRONOUNS = frozenset({"toi", "em", "minh", "tui", "chau", "nha"})
ALIKE = 0.84  # share of letters in the same order that makes a mistyped name
LONGEST_NAME = 4  # syllables


@dataclass(frozen=True)
class Place:
    """A commune of today. ``code``: of the General Statistics Office; ``name``: "Xã Đồng Đăng"."""

    code: str
    name: str


@dataclass(frozen=True)
class _Unit:
    """Something a person may name: a unit of today, an old unit, or an old district. ``name``
    has its diacritics: "tân thanh" and "tân thành" are two."""

    kind: str
    name: str
    communes: tuple[str, ...]


@cache
def communes() -> dict[str, Place]:
    """All communes of today by code."""
    return {code: Place(code, name) for code, name in _data()["communes"].items()}


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files(__package__) / "places.yml").read_text("utf-8"))
    return found


@cache
def _units() -> dict[str, list[_Unit]]:
    """Folded bare name ("dong dang") -> the units that bear or bore it."""
    found: dict[str, list[_Unit]] = defaultdict(list)

    def add(name: str, codes: Iterable[str]) -> None:
        kind, bare = _split(name)
        found[bare].append(_Unit(kind, name.lower()[len(kind) :].strip(), tuple(codes)))

    for place in communes().values():
        add(place.name, [place.code])
    for district, units in _data()["before"].items():
        add(district, dict.fromkeys(code for codes in units.values() for code in codes))
        for unit, codes in units.items():
            add(unit, codes)
    return dict(found)


def _split(name: str) -> tuple[str, str]:
    """ "Thị trấn Na Sầm" -> ("thị trấn", "na sam")."""
    said = words(name)
    for length in (2, 1):
        if kind := KINDS.get(tuple(said[:length])):
            return kind, " ".join(said[length:])
    return "", " ".join(said)


def places_in(text: str) -> list[Place]:
    """The communes that a sentence may speak of, [] for none.

    Only names behind a word such as "xã" or "huyện" count: many are everyday words. An old
    district narrows a commune's name ("xã Hòa Bình huyện Văn Quan").
    """
    return _choose(_mentions(_said(text)))


def places_named(text: str) -> list[Place]:
    """The communes that an answer to "which commune?" may mean, [] for none. The word before the
    name may be missing, and the name may be mistyped by a letter."""
    if found := places_in(text):
        return found
    said = _said(text)
    for length in range(min(LONGEST_NAME, len(said)), 0, -1):
        for at in range(len(said) - length + 1):
            if units := _called(said[at : at + length]):
                return _choose([units])
    near = difflib.get_close_matches(" ".join(words(text)), _units(), n=1, cutoff=ALIKE)
    return _choose([_units()[near[0]]]) if near else []


def without_places(text: str) -> str:
    """``text`` without the communes and districts it names, and the word that leads to them."""
    spans = tokens(text)
    said = _said(text)
    for first, last, _ in reversed(list(_spans(said))):
        if first and said[first - 1][0] in LEADING:
            first -= 1
        if first and last < len(spans) + 1 and said[first - 1][0] in PRONOUNS:
            first -= 1
        text = text[: spans[first][1]] + text[spans[last - 1][2] :]
        spans, said = tokens(text), _said(text)
    return " ".join(text.split()).strip(" ,.;")


def _said(text: str) -> list[tuple[str, str]]:
    """Each word folded, and as it was written in lower case."""
    return [(folded, text[start:end].lower()) for folded, start, end in tokens(text)]


def _called(said: list[tuple[str, str]]) -> list[_Unit]:
    """The units of this name; with diacritics typed, only those of this very spelling, if any."""
    units = _units().get(" ".join(folded for folded, _ in said), [])
    written = " ".join(word for _, word in said)
    return [unit for unit in units if unit.name == written] or units


def _mentions(said: list[tuple[str, str]]) -> Iterator[list[_Unit]]:
    """For each "xã X" in ``said``: the units it may be, of the kind that was said."""
    return (units for _, _, units in _spans(said))


def _spans(said: list[tuple[str, str]]) -> Iterator[tuple[int, int, list[_Unit]]]:
    """First word, word after the last, and the units, of each "xã X" in ``said``."""
    at = 0
    while at < len(said):
        found = _span_at(said, at)
        if found:
            yield at, *found
        at = found[0] if found else at + 1


def _span_at(said: list[tuple[str, str]], at: int) -> tuple[int, list[_Unit]] | None:
    for length in (2, 1):
        kind = KINDS.get(tuple(folded for folded, _ in said[at : at + length]))
        if kind and (named := _named_at(said, at + length, kind)):
            return named
    return None


def _named_at(said: list[tuple[str, str]], at: int, kind: str) -> tuple[int, list[_Unit]] | None:
    for length in range(min(LONGEST_NAME, len(said) - at), 0, -1):
        if units := _called(said[at : at + length]):
            same = [unit for unit in units if unit.kind == kind]
            is_district = kind in DISTRICTS
            alike = [u for u in units if (u.kind in DISTRICTS) == is_district]
            return (at + length, same or alike) if same or alike else None
    return None


def _choose(mentions: Iterable[list[_Unit]]) -> list[Place]:
    """The communes of the mentioned units; a mentioned district only narrows beside others."""
    mentioned = list(mentions)
    units = [unit for found in mentioned for unit in found if unit.kind not in DISTRICTS]
    districts = [unit for found in mentioned for unit in found if unit.kind in DISTRICTS]
    inside = {code for unit in districts for code in unit.communes}
    if not units:
        units = districts
    elif inside:
        units = [u for u in units if inside & set(u.communes)] or units
    codes = dict.fromkeys(code for unit in units for code in unit.communes)
    return [communes()[code] for code in codes]
