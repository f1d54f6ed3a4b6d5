"""Everyday language as reviewable data, which brings a question nearer to the official names.

``words.yml`` (synonyms, and phrases that only ask), ``teencode.yml`` (chat spellings),
``events.yml`` (life events with the procedures to choose from), ``aliases/*.yml`` (other names of
procedures by code; shipped records carry their own), ``decisions/*.yml`` (questions with what to do
about them, which train the decision), ``sentences.yml`` (plain sentences that only teach spelling).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from knowledge.text.folding import fold, tokens
from knowledge.text.telex import settle_tones

Phrase = tuple[str, ...]
EVENT_SHARE = 0.7  # of the words that are left of a question must speak of the event
PUNCTUATION = ".,;:!?()\"'…"
TAUGHT = {  # files of decisions/ and the decision that each teaches
    "answer": "answer",
    "clarify": "choose",
    "not_in_catalogue": "not_in_catalogue",
    "out_of_scope": "out_of_scope",
}
NAMING = frozenset(
    (
        "hạng", "loại", "khu", "lô", "tầng", "nhóm", "mẫu", "bằng", "khối", "lớp", "số", "điểm",
        "khoản", "điều", "cấp", "chữ", "visa", "vitamin",
    )
)  # fmt: skip


class Saying(NamedTuple):
    """An everyday phrase as accented words, and the official words it means ('': it only asks)."""

    words: Phrase
    means: str


@dataclass(frozen=True)
class Event:
    """A life event people begin with: what to ask back, and ``(code, label)`` to choose from."""

    name: str
    ask: str
    choices: tuple[tuple[str, str], ...]


class Example(NamedTuple):
    """A question, the right decision, and the code of its procedure where it has one."""

    say: str
    decision: str
    code: str | None


@dataclass(frozen=True)
class Everyday:
    """Phrases by their folded words; ``longest`` is the most words a saying has."""

    sayings: dict[Phrase, list[Saying]]
    longest: int
    teencode: dict[str, str]
    teencode_alone: dict[str, str]
    events: dict[Phrase, Event]

    def match(self, said: Sequence[str], typed_plain: Sequence[bool], at: int) -> Saying | None:
        """The longest saying that starts at word ``at`` of ``said`` (accented, lower case).

        A word the person typed without diacritics (``typed_plain``) matches any accents, except
        that a saying of one word must match its restored form: ``cần`` only asks, ``căn`` does not.
        """
        for length in range(min(self.longest, len(said) - at), 0, -1):
            words = tuple(said[at : at + length])
            plain = typed_plain[at : at + length]
            for saying in self.sayings.get(tuple(fold(word) for word in words), ()):
                if all(
                    mine == theirs or (free and length > 1)
                    for mine, theirs, free in zip(words, saying.words, plain, strict=True)
                ):
                    return saying
        return None

    def spell(self, words: Sequence[str]) -> list[str]:
        """``words`` (lower case, split at blanks) with chat spellings written out.

        Those that may also be a unit or a name (``m``, ``c``) are left beside numbers and after
        words such as ``hạng`` (see the header of ``teencode.yml``).
        """
        written = []
        for at, word in enumerate(words):
            before = words[at - 1] if at else ""
            beside = before + (words[at + 1] if at + 1 < len(words) else "")
            bare = word.strip(PUNCTUATION)
            table = self.teencode
            if bare == word and before not in NAMING and not any(map(str.isdigit, beside)):
                table = table | self.teencode_alone
            written.append(word.replace(bare, table[bare]) if bare in table else word)
        return written

    def event(self, said: Sequence[str]) -> Event | None:
        """The life event that (nearly) all of ``said`` (folded words) speaks of, or None."""
        for length in range(len(said), 1, -1):
            if length < len(said) * EVENT_SHARE:
                return None
            for at in range(len(said) - length + 1):
                found = self.events.get(tuple(said[at : at + length]))
                if found:
                    return found
        return None


def phrase(text: str) -> Phrase:
    """The words of ``text``, accented, lower case, tone marks in their usual place."""
    lowered = settle_tones(text.lower())
    return tuple(lowered[start:end] for _, start, end in tokens(lowered))


def folded_phrase(text: str) -> Phrase:
    """The folded words of ``text``."""
    return tuple(word for word, _, _ in tokens(text))


def read(name: str) -> Any:
    return _parse((files(__package__) / name).read_text("utf-8"))


def _parse(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


@cache
def load() -> Everyday:
    """The shipped data."""
    words, teencode = read("words.yml"), read("teencode.yml")
    sayings = [Saying(phrase(say), row["means"]) for row in words["synonyms"] for say in row["say"]]
    sayings += [Saying(phrase(text), "") for group in words["asks"] for text in group]
    table: dict[Phrase, list[Saying]] = {}
    for saying in sayings:
        table.setdefault(tuple(fold(word) for word in saying.words), []).append(saying)
    events = {}
    for row in read("events.yml"):
        choices = tuple((choice["code"], choice["label"]) for choice in row["choices"])
        event = Event(row["event"], row["ask"], choices)
        events.update({folded_phrase(say): event for say in row["say"]})
    return Everyday(
        table,
        max(len(saying.words) for saying in sayings),
        teencode["whole_question"],
        teencode["between_words"],
        events,
    )


@cache
def aliases() -> dict[str, list[str]]:
    """Everyday names of procedures that have no shipped record, by code."""
    found: dict[str, list[str]] = {}
    for file in sorted((files(__package__) / "aliases").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yml"):
            found.update(_parse(file.read_text("utf-8")) or {})
    return found


@cache
def decisions() -> list[Example]:
    """The examples that train the decision."""
    said = {kind: read(f"decisions/{kind}.yml")[kind] for kind in TAUGHT}
    found = [Example(row["say"], TAUGHT["answer"], row["code"]) for row in said.pop("answer")]
    for kind, questions in said.items():
        found += [Example(say, TAUGHT[kind], None) for say in questions]
    return found


@cache
def digest() -> str:
    """SHA-256 of the data that an index is built with, hex."""
    return hashlib.sha256(repr((decisions(), texts())).encode()).hexdigest()


def texts() -> list[str]:
    """Everyday sentences with diacritics, for counting how everyday words are spelled."""
    data = load()
    said = [" ".join(saying.words) for sayings in data.sayings.values() for saying in sayings]
    names = [name for found in aliases().values() for name in found]
    spoken = [example.say for example in decisions()]
    cued = [text for phrases in read("cues.yml").values() for text in phrases]
    plain = [line for lines in read("sentences.yml").values() for line in lines.splitlines()]
    everything = [*said, *cued, *names, *spoken, *data.teencode.values(), *plain]
    return [text for text in everything if not text.isascii()]
