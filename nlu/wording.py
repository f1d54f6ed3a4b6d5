"""The model behind the intents: how a message is worded, as numbers, and a linear classifier on it.

Read with and without diacritics at once: "dừng" and "đúng" differ where they are typed, and every
example is learned without them too, because many people type none.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from knowledge.text.folding import fold, words
from knowledge.text.syllables import is_syllable, without_telex

RARE = "*"
"""Stands for a word that one example at most has: whoever says something new most often asks."""
MOST_WORDS_COUNTED = 8
SHARPNESS = 4.0
"""Turns distances from the classes' borders into confidences: ``softmax(SHARPNESS * distance)``."""
_WORD = re.compile(r"\w+")
_DIGIT = re.compile("[0-9]")


def _ngrams(parts: list[str], longest: int) -> list[str]:
    return [
        " ".join(parts[i : i + n]) for n in range(1, longest + 1) for i in range(len(parts) - n + 1)
    ]


def _typed(text: str) -> list[str]:
    """Folded words, without the keys of Telex."""
    return [without_telex(word) for word in words(text)]


def _pieces(text: str) -> list[str]:
    """2 to 5 letters in a row within a word, for typing errors."""
    padded = [f" {word} " for word in _typed(text)]
    return [w[i : i + n] for w in padded for n in range(2, 6) for i in range(len(w) - n + 1)]


def _accented(text: str) -> list[str]:
    """Words with their diacritics; none when nothing is typed with any."""
    composed = unicodedata.normalize("NFC", text).lower()
    return _ngrams(_WORD.findall(composed), 2) if composed != fold(text) else []


def _shape(text: str) -> list[str]:
    """How many words, how numbers and codes look, whether any word is Vietnamese."""
    said = _typed(text)
    numbers = [_DIGIT.sub("9", word) for word in said if _DIGIT.search(word)]
    foreign = [] if any(map(is_syllable, said)) else ["foreign"]
    return [*numbers, *foreign, f"words {min(len(said), MOST_WORDS_COUNTED)}"]


class Wording:
    """Fits on examples and gives a confidence for each intent."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        readings: list[Callable[[str], list[str]]]
        readings = [self._said, self._outline, _pieces, _accented, _shape]
        self._vectorizers = [
            TfidfVectorizer(analyzer=reading, sublinear_tf=True) for reading in readings
        ]
        self._classifier = LinearSVC(C=1.0)

    @property
    def intents(self) -> list[str]:
        return [str(name) for name in self._classifier.classes_]

    def fit(self, texts: list[str], intents: list[str]) -> "Wording":
        counted = Counter(word for text in set(map(fold, texts)) for word in set(_typed(text)))
        self._known = frozenset(word for word, times in counted.items() if times > 1)
        examples = dict.fromkeys(zip(texts, intents, strict=True))
        examples |= dict.fromkeys((fold(text), intent) for text, intent in examples)
        learned = [text for text, _ in examples]
        numbers = hstack([v.fit_transform(learned) for v in self._vectorizers])
        self._classifier.fit(csr_matrix(numbers), [intent for _, intent in examples])
        return self

    def confidences(self, texts: Iterable[str]) -> np.ndarray:
        """A row for each text, a column for each of ``intents``; rows sum to 1."""
        batch = list(texts)
        numbers = csr_matrix(hstack([v.transform(batch) for v in self._vectorizers]))
        distances = SHARPNESS * self._classifier.decision_function(numbers)
        raised = np.exp(distances - distances.max(axis=1, keepdims=True))
        shares: np.ndarray = raised / raised.sum(axis=1, keepdims=True)
        return shares

    def _said(self, text: str) -> list[str]:
        """1 to 3 words in a row, with the message's beginning and end."""
        return _ngrams(["^", *_typed(text), "$"], 3)

    def _outline(self, text: str) -> list[str]:
        """The same with rare words made one, and numbers without their value."""
        return _ngrams(["^", *map(self._outlined, _typed(text)), "$"], 3)

    def _outlined(self, word: str) -> str:
        if _DIGIT.search(word):
            return _DIGIT.sub("9", word)
        return word if word in self._known else RARE
