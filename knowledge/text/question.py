"""A question made ready for search: cleaned, diacritics restored, small talk around it removed."""

import unicodedata
from dataclasses import dataclass

from knowledge.everyday import Everyday
from knowledge.text.folding import tokens
from knowledge.text.restoring import Restorer
from knowledge.text.telex import decode_telex, settle_tones


@dataclass(frozen=True)
class Question:
    """``restored``: the whole question, accented. ``core``: without phrases that only ask.

    ``meanings``: official words that everyday phrases of the question stand for.
    """

    restored: str
    core: str
    meanings: tuple[str, ...]

    @property
    def official(self) -> str:
        """The core followed by what its everyday words mean."""
        return " ".join([self.core, *self.meanings]).strip()


def read_question(text: str, restorer: Restorer, everyday: Everyday) -> Question:
    """Normalise ``text`` (any case, any diacritics) into a Question."""
    lowered = settle_tones(unicodedata.normalize("NFC", text).lower())
    written = everyday.spell(lowered.split())
    decoded = " ".join(decode_telex(word, restorer.is_spelling) for word in written)
    restored = restorer.restore(decoded)
    spans = tokens(restored)
    said = [restored[start:end] for _, start, end in spans]
    plain = [decoded[start:end] == folded for folded, start, end in spans]
    kept: list[str] = []
    meanings: dict[str, None] = {}
    at = 0
    while at < len(said):
        saying = everyday.match(said, plain, at)
        length = len(saying.words) if saying else 1
        if saying and saying.means:
            meanings[saying.means] = None
        if saying is None or saying.means:
            kept += said[at : at + length]
        at += length
    return Question(restored, " ".join(kept), tuple(meanings))
