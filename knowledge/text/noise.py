"""Ways people mistype, for evaluation: each takes a text and a random source, and spoils it."""

import random
import unicodedata
from collections.abc import Callable

from knowledge.text.folding import fold

_TELEX = {
    "ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd",
    "\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j",
}  # fmt: skip
_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo",
    "k": "jl", "l": "ko", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad",
    "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu",
}  # fmt: skip
TYPO_RATE = 0.06  # share of letters hit


def folded(text: str, _rng: random.Random) -> str:
    """No diacritics at all."""
    return fold(text)


def typo(text: str, rng: random.Random) -> str:
    """One letter in about sixteen left out, doubled, swapped with the next, or mishit."""
    letters = list(unicodedata.normalize("NFC", text))
    out: list[str] = []
    position = 0
    while position < len(letters):
        letter = letters[position]
        if letter.isalpha() and rng.random() < TYPO_RATE:
            kind = rng.choice(("drop", "double", "swap", "neighbour"))
            if kind == "double":
                out += [letter, letter]
            elif kind == "swap" and position + 1 < len(letters):
                out += [letters[position + 1], letter]
                position += 1
            elif kind == "neighbour":
                out.append(rng.choice(_NEIGHBOURS.get(fold(letter), letter)))
        else:
            out.append(letter)
        position += 1
    return "".join(out)


def telex(text: str, _rng: random.Random) -> str:
    """The keys of the Telex keyboard with the input method off (``được`` -> ``dduwowcj``)."""
    return " ".join(_telex_word(word) for word in text.split())


def _telex_word(word: str) -> str:
    keys, tone = "", ""
    for char in unicodedata.normalize("NFC", word.lower()):
        parts = unicodedata.normalize("NFD", char)
        tones = [mark for mark in parts[1:] if mark in _TELEX]
        tone = _TELEX[tones[0]] if tones else tone
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
        keys += _TELEX.get(base, base)
    return keys + tone


NOISES: dict[str, Callable[[str, random.Random], str]] = {
    "folded": folded,
    "typo": typo,
    "telex": telex,
}
