"""Diacritic restoration: the most probable accented reading of unaccented words.

A bigram model counted from the catalogue's own texts, decoded by Viterbi over the spellings
each folded word has there. Words the catalogue does not know stay as typed.
"""

import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from knowledge.text.folding import fold

_WORD = re.compile(r"[^\W\d_]+")
_SPELLINGS = 8  # candidates kept per folded word
_MIN_BIGRAM = 2
_BACK_OFF = 0.4  # "stupid backoff" (Brants et al. 2007), also its usual constant
_START = "<s>"


class Restorer:
    """``restore(text)`` puts diacritics where the person left them out.

    A word that carries a diacritic is kept. In a text that carries any, an unaccented word
    that is itself a known word (``con``, ``sinh``) is kept too.
    """

    def __init__(self, unigrams: dict[str, int], bigrams: dict[str, int]) -> None:
        self._unigrams = unigrams
        self._bigrams = bigrams
        self._total = max(1, sum(unigrams.values()))
        spellings: dict[str, list[str]] = defaultdict(list)
        for word in sorted(unigrams, key=unigrams.__getitem__, reverse=True):
            kept = spellings[fold(word)]
            if len(kept) < _SPELLINGS:
                kept.append(word)
        self._spellings = dict(spellings)

    @classmethod
    def count(cls, texts: Iterable[tuple[str, int]]) -> "Restorer":
        """Count words and pairs of ``(text, weight)``; only accented texts teach spellings."""
        unigrams: Counter[str] = Counter()
        bigrams: Counter[str] = Counter()
        for text, weight in texts:
            previous = _START
            for word in _WORD.findall(unicodedata.normalize("NFC", text).lower()):
                unigrams[word] += weight
                bigrams[f"{previous} {word}"] += weight
                previous = word
        frequent = {pair: n for pair, n in bigrams.items() if n >= _MIN_BIGRAM}
        return cls(dict(unigrams), frequent)

    @classmethod
    def load(cls, path: Path) -> "Restorer":
        counts = json.loads(path.read_text("utf-8"))
        return cls(counts["unigrams"], counts["bigrams"])

    def save(self, path: Path) -> None:
        counts = {"unigrams": self._unigrams, "bigrams": self._bigrams}
        path.write_text(json.dumps(counts, ensure_ascii=False), "utf-8")

    def knows(self, word: str) -> bool:
        """Whether the catalogue has a spelling of this word."""
        return fold(word) in self._spellings

    def is_spelling(self, word: str) -> bool:
        """Whether the catalogue has exactly this word (lower case)."""
        return word in self._unigrams

    def restore(self, text: str) -> str:
        """``text`` (NFC, lower case) with the most probable diacritics; other signs unchanged."""
        matches = list(_WORD.finditer(text))
        if not matches:
            return text
        accented = any(match.group() != fold(match.group()) for match in matches)
        lattice = [self._candidates(match.group(), accented) for match in matches]
        pieces, at = [], 0
        for match, word in zip(matches, self._decode(lattice), strict=True):
            pieces += [text[at : match.start()], word]
            at = match.end()
        return "".join([*pieces, text[at:]])

    def _candidates(self, word: str, text_is_accented: bool) -> list[str]:
        folded = fold(word)
        if word != folded or (text_is_accented and word in self._unigrams):
            return [word]
        return self._spellings.get(folded, [word])

    def _decode(self, lattice: list[list[str]]) -> list[str]:
        best = {_START: 0.0}
        back: list[dict[str, str]] = []
        for candidates in lattice:
            step: dict[str, float] = {}
            came: dict[str, str] = {}
            for word in candidates:
                scores = {p: s + self._log_probability(p, word) for p, s in best.items()}
                came[word] = max(scores, key=scores.__getitem__)
                step[word] = scores[came[word]]
            best = step
            back.append(came)
        word = max(best, key=best.__getitem__)
        path = []
        for came in reversed(back):
            path.append(word)
            word = came[word]
        return path[::-1]

    def _log_probability(self, previous: str, word: str) -> float:
        together = self._bigrams.get(f"{previous} {word}")
        if together and previous in self._unigrams:
            return math.log(together / self._unigrams[previous])
        return math.log(_BACK_OFF * (self._unigrams.get(word, 0) + 0.1) / self._total)
