"""Everyday words: reviewable data that brings a question nearer to the official names."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from knowledge.text.folding import fold, tokens

Phrase = tuple[str, ...]


class Saying(NamedTuple):
    """An everyday phrase as accented words, and the official words it means ('': it only asks)."""

    words: Phrase
    means: str


@dataclass(frozen=True)
class Everyday:
    """Phrases by their folded words; ``longest`` is the most words a phrase has."""

    sayings: dict[Phrase, list[Saying]]
    longest: int

    def match(self, said: Sequence[str], typed_plain: Sequence[bool], at: int) -> Saying | None:
        """The longest phrase that starts at word ``at`` of ``said`` (accented, lower case).

        A word the person typed without diacritics (``typed_plain``) matches any accents, except
        that a phrase of one word that only asks must match its restored form: ``cần`` only asks,
        ``căn`` does not.
        """
        for length in range(min(self.longest, len(said) - at), 0, -1):
            words = tuple(said[at : at + length])
            plain = typed_plain[at : at + length]
            for saying in self.sayings.get(tuple(fold(word) for word in words), ()):
                alone = length == 1 and not saying.means
                if all(
                    mine == theirs or (free and not alone)
                    for mine, theirs, free in zip(words, saying.words, plain, strict=True)
                ):
                    return saying
        return None


def phrase(text: str) -> Phrase:
    """The words of ``text``, accented, lower case."""
    lowered = text.lower()
    return tuple(lowered[start:end] for _, start, end in tokens(lowered))


@cache
def load() -> Everyday:
    """The shipped words (``words.yml``)."""
    data = yaml.safe_load((files(__package__) / "words.yml").read_text("utf-8"))
    sayings = [Saying(phrase(say), row["means"]) for row in data["synonyms"] for say in row["say"]]
    sayings += [Saying(phrase(text), "") for group in data["asks"] for text in group]
    table: dict[Phrase, list[Saying]] = {}
    for saying in sayings:
        table.setdefault(tuple(fold(word) for word in saying.words), []).append(saying)
    return Everyday(table, max(len(saying.words) for saying in sayings))


@cache
def aliases() -> dict[str, list[str]]:
    """Everyday names of procedures that have no shipped record, by code (``aliases/*.yml``)."""
    found: dict[str, list[str]] = {}
    folder = files(__package__) / "aliases"
    for file in sorted(folder.iterdir(), key=lambda f: f.name) if folder.is_dir() else []:
        found.update(yaml.safe_load(file.read_text("utf-8")) or {})
    return found
