"""How officials ask about rules, from ``words.yml``, ready for comparing folded texts."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from knowledge.text.folding import words as folded_words


@dataclass(frozen=True)
class Cues:
    """Phrases that may stand in a question, as one folded pattern."""

    pattern: re.Pattern[str]

    @classmethod
    def of(cls, phrases: list[str]) -> "Cues":
        longest_first = sorted((spoken(phrase) for phrase in phrases), key=len, reverse=True)
        said = "|".join(map(re.escape, longest_first))
        return cls(re.compile(rf"\b(?:{said})\b"))

    def stand_in(self, said: str) -> bool:
        """Whether one of them stands in ``said`` (see ``spoken``)."""
        return self.pattern.search(said) is not None

    def without(self, said: str) -> str:
        """``said`` with the phrases taken out."""
        return self.pattern.sub(" ", said)


@dataclass(frozen=True)
class Asking:
    """See ``words.yml``. ``means`` and ``step_words`` pair phrases with what they stand for;
    ``ask_words`` are folded."""

    means: tuple[tuple[Cues, str], ...]
    ask_words: frozenset[str]
    past: Cues
    past_accented: frozenset[str]
    rule_cues: Cues
    process_cues: Cues
    step_words: tuple[tuple[Cues, str], ...]


def spoken(text: str) -> str:
    """The folded words of ``text`` with single blanks between them."""
    return " ".join(folded_words(text))


@cache
def load() -> Asking:
    """The phrases, read once."""
    data = yaml.safe_load((files("knowledge.rules") / "words.yml").read_text("utf-8"))
    steps = ((Cues.of(phrases), spoken(word)) for word, phrases in data["step_words"].items())
    return Asking(
        means=tuple((Cues.of(entry["say"]), entry["means"]) for entry in data["means"]),
        ask_words=frozenset(folded_words(data["ask_words"])),
        past=Cues.of(data["past"]),
        past_accented=frozenset(data["past_accented"]),
        rule_cues=Cues.of(data["rule_cues"]),
        process_cues=Cues.of(data["process_cues"]),
        step_words=tuple(steps),
    )
