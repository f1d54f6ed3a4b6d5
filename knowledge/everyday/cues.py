"""Cues: words by which the build of a question is read (``cues.yml``)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from knowledge.everyday import Phrase, phrase, read


class Phrases:
    """Phrases found in a list of accented, lower-case words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        for words in sorted(map(phrase, texts), key=len, reverse=True):
            self._by_first.setdefault(words[0], []).append(words)

    def length_at(self, said: Sequence[str], at: int) -> int:
        """How many words the longest phrase that starts at word ``at`` has; 0 for none."""
        for words in self._by_first.get(said[at], ()):
            if tuple(said[at : at + len(words)]) == words:
                return len(words)
        return 0

    def stand_in(self, said: Sequence[str]) -> bool:
        """Whether one of them stands anywhere in ``said``."""
        return any(self.length_at(said, at) for at in range(len(said)))


@dataclass(frozen=True)
class Cues:
    """See ``cues.yml`` for what each means."""

    begin: Phrases
    wish: Phrases
    ask: Phrases
    polite: Phrases
    deny: Phrases
    deny_not_after: Phrases
    compare: Phrases
    join: Phrases
    either: Phrases
    together: Phrases
    deed: Phrases


@cache
def load() -> Cues:
    """The shipped cues."""
    return Cues(**{name: Phrases(texts) for name, texts in read("cues.yml").items()})
