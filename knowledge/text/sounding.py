"""Words that sound alike where people speak: what one may write, or a machine hear, for another."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Both ways; "gi" stands before a vowel only.
_BEGINNINGS = (
    ("ch", "tr"), ("s", "x"), ("l", "n"), ("d", "gi"), ("d", "r"), ("gi", "r"), ("d", "v"),
    ("gi", "v"),
)  # fmt: skip
_ENDINGS = (("n", "ng"), ("n", "nh"), ("t", "c"), ("t", "ch"))
_LETTERS = ("ngh", "ng", "nh", "ch", "tr", "gi", "th", "kh", "ph", "gh")  # one sound, many letters
_HOOK, _TILDE = "\u0309", "\u0303"


@lru_cache(maxsize=8192)
def sound_alikes(word: str) -> tuple[str, ...]:
    """Spellings that sound like ``word`` (lower case, NFC) to some: one sound or tone changed."""
    found = dict.fromkeys((*_begun(word), *_ended(word), *_toned(word)))
    found.pop(word, None)
    return tuple(found)


def _begun(word: str) -> Iterator[str]:
    first = next((letters for letters in _LETTERS if word.startswith(letters)), word[:1])
    rest = word[len(first) :]
    if not rest:
        return
    for pair in _BEGINNINGS:
        if first in pair:
            other = pair[1 - pair.index(first)]
            if not (other == "gi" and rest[0] in "iìíỉĩị"):
                yield other + rest


def _ended(word: str) -> Iterator[str]:
    last = word[-2:] if word[-2:] in ("ng", "nh", "ch") else word[-1:]
    stem = word[: len(word) - len(last)]
    if not stem:
        return
    for pair in _ENDINGS:
        if last in pair:
            yield stem + pair[1 - pair.index(last)]


def _toned(word: str) -> Iterator[str]:
    parts = unicodedata.normalize("NFD", word)
    for tone, other in ((_HOOK, _TILDE), (_TILDE, _HOOK)):
        if tone in parts:
            yield unicodedata.normalize("NFC", parts.replace(tone, other))
