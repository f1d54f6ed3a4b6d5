"""Diacritic restoration: the most probable accented reading of unaccented and mistyped words.

A bigram model counted from the catalogue's own texts and everyday sentences, decoded by Viterbi
over the spellings each folded word has there. A word that is not known may be one letter away from
frequent words that are (found by shared deletions, as SymSpell does); otherwise it stays as typed.
A word that does not go with its neighbour may be heard for one that sounds alike and does
("tạm chú" -> "tạm trú").
"""

import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge.text.folding import fold
from knowledge.text.sounding import sound_alikes
from knowledge.text.telex import settle_tones

_WORD = re.compile(r"[^\W\d_]+")
_SPELLINGS = 8  # candidates kept per folded word
_MIN_BIGRAM = 2
_UNSEEN = 6  # how much each kind of follower of a word speaks for followers not seen yet
_START = "<s>"
_FREQUENT = 30  # a mistyped word is only read as a word at least this frequent
_MIN_MISTYPED = 3  # letters; shorter words have too many neighbours
_MISTYPED_SPELLINGS = 3  # spellings taken of each neighbour
_HEARD = 100  # so frequent a pair draws a word that sounds like one of its words
_HEARD_COST = 6.0  # what reading a word as another costs, in nats

Candidates = dict[str, float]  # spelling -> what reading the word so costs, in nats


class Restorer:
    """``restore(text)`` puts diacritics where the person left them out.

    A word that carries a diacritic is kept. In a text that carries any, an unaccented word
    that is itself a known word (``con``, ``sinh``) is kept too.
    """

    def __init__(self, unigrams: dict[str, int], bigrams: dict[str, int]) -> None:
        self._unigrams = unigrams
        self._bigrams = bigrams
        total = max(1, sum(unigrams.values()))
        self._alone = {word: (n + 0.1) / total for word, n in unigrams.items()}
        self._unknown = 0.1 / total
        followers: dict[str, dict[str, int]] = defaultdict(dict)
        for pair, n in bigrams.items():
            previous, word = pair.split(" ")
            followers[previous][word] = n
        self._after = dict(followers)
        self._seen = {previous: sum(row.values()) for previous, row in followers.items()}
        spellings: dict[str, list[str]] = defaultdict(list)
        for word in sorted(unigrams, key=unigrams.__getitem__, reverse=True):
            kept = spellings[fold(word)]
            if len(kept) < _SPELLINGS:
                kept.append(word)
        self._spellings = dict(spellings)
        self._near: dict[str, set[str]] = defaultdict(set)
        for folded, words in self._spellings.items():
            if unigrams[words[0]] >= _FREQUENT and len(folded) >= _MIN_MISTYPED - 1:
                for form in _deletions(folded):
                    self._near[form].add(folded)

    @classmethod
    def count(cls, texts: Iterable[tuple[str, int]]) -> "Restorer":
        """Count words and pairs of ``(text, weight)``; only accented texts teach spellings."""
        unigrams: Counter[str] = Counter()
        bigrams: Counter[str] = Counter()
        for text, weight in texts:
            previous = _START
            for word in _WORD.findall(settle_tones(unicodedata.normalize("NFC", text).lower())):
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

    def restore(self, text: str, kept: Sequence[tuple[int, int]] = ()) -> str:
        """``text`` (NFC, lower case) with the most probable diacritics; other signs unchanged.

        Words inside the spans ``kept`` (start, end) stay as they are.
        """
        matches = list(_WORD.finditer(text))
        if not matches:
            return text
        accented = any(match.group() != fold(match.group()) for match in matches)
        kinds = [
            {match.group(): 0.0}
            if any(start <= match.start() < end for start, end in kept)
            else dict.fromkeys(self._candidates(match.group(), accented), 0.0)
            for match in matches
        ]
        lattice = [
            kinds[at] | self._heard(match.group(), kinds, at) for at, match in enumerate(matches)
        ]
        pieces, at = [], 0
        for match, word in zip(matches, self._decode(lattice), strict=True):
            pieces += [text[at : match.start()], word]
            at = match.end()
        return "".join([*pieces, text[at:]])

    def _candidates(self, word: str, text_is_accented: bool) -> list[str]:
        folded = fold(word)
        if word in self._unigrams and (text_is_accented or word != folded):
            return [word]
        if word != folded and folded in self._spellings:
            return [word]
        return self._spellings.get(folded) or self._mistyped(word, folded)

    def _mistyped(self, word: str, folded: str) -> list[str]:
        """Spellings of the known words one letter away, or the word itself."""
        if len(folded) < _MIN_MISTYPED:
            return [word]
        near = set().union(*(self._near.get(form, ()) for form in _deletions(folded)))
        close = sorted(known for known in near if _one_apart(folded, known))
        spellings = [s for known in close for s in self._spellings[known][:_MISTYPED_SPELLINGS]]
        return spellings or [word]

    def _heard(self, word: str, kinds: Sequence[Candidates], at: int) -> Candidates:
        """Words that sound like ``word`` and go with a neighbour that it does not go with."""
        before = kinds[at - 1] if at else ()
        behind = kinds[at + 1] if at + 1 < len(kinds) else ()
        own = kinds[at]
        left, right = self._most(before, own), self._most(own, behind)
        found: Candidates = {}
        if (left or not before) and (right or not behind):
            return found
        as_typed = len(own) == 1 and word in own  # its diacritics were meant
        for other in sound_alikes(word):
            for spelling in [other] if as_typed else self._spellings.get(fold(other), ()):
                one = (spelling,)
                goes_left = not left and self._most(before, one) >= _HEARD
                if goes_left or (not right and self._most(one, behind) >= _HEARD):
                    found[spelling] = _HEARD_COST
        return found

    def _most(self, previous: Iterable[str], words: Iterable[str]) -> int:
        """How often the most frequent pair of these stands together."""
        rows = [self._after[p] for p in previous if p in self._after]
        return max((row.get(word, 0) for row in rows for word in words), default=0)

    def _decode(self, lattice: Sequence[Candidates]) -> list[str]:
        best = {_START: 0.0}
        back: list[dict[str, str]] = []
        for candidates in lattice:
            step: dict[str, float] = {}
            came: dict[str, str] = {}
            for word, cost in candidates.items():
                scores = {p: s + self._log_probability(p, word) for p, s in best.items()}
                came[word] = max(scores, key=scores.__getitem__)
                step[word] = scores[came[word]] - cost
            best = step
            back.append(came)
        word = max(best, key=best.__getitem__)
        path = []
        for came in reversed(back):
            path.append(word)
            word = came[word]
        return path[::-1]

    def _log_probability(self, previous: str, word: str) -> float:
        """Witten and Bell's interpolation (1991): a word with many followers expects new ones."""
        alone = self._alone.get(word, self._unknown)
        after = self._after.get(previous)
        if after is None:
            return math.log(alone)
        unseen = _UNSEEN * len(after)
        return math.log((after.get(word, 0) + unseen * alone) / (self._seen[previous] + unseen))


def _deletions(word: str) -> set[str]:
    """``word`` and every form of it with one letter left out."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_apart(typed: str, known: str) -> bool:
    """Whether one letter was dropped, added, changed, or swapped with its neighbour."""
    if abs(len(typed) - len(known)) > 1:
        return False
    differ = [i for i, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b]
    if len(typed) != len(known):
        at = differ[0] if differ else min(len(typed), len(known))
        longer, shorter = sorted((typed, known), key=len, reverse=True)
        return longer[:at] + longer[at + 1 :] == shorter
    swapped = len(differ) == 2 and typed[differ[0]] + typed[differ[1]] == (
        known[differ[1]] + known[differ[0]]
    )
    return len(differ) == 1 or (swapped and differ[1] == differ[0] + 1)
