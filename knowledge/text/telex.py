"""Read words typed while the keyboard's Vietnamese was off.

Telex writes marks as letters (``dduwowcj``), VNI as digits (``d9u7o7c5``).
"""

import re
import unicodedata
from collections.abc import Callable

_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_TELEX_PAIRS = {"aa": "â", "ee": "ê", "oo": "ô", "dd": "đ", "aw": "ă", "ow": "ơ", "uw": "ư"}
_VNI_PAIRS = {
    "a6": "â", "e6": "ê", "o6": "ô", "d9": "đ", "a8": "ă", "o7": "ơ", "u7": "ư",
}  # fmt: skip
_VOWELS = "aăâeêioôơuưy"


def decode_telex(word: str, known: Callable[[str], bool]) -> str:
    """The word that the keys of ``word`` would have typed, if ``known`` accepts it, else ``word``.

    ``word`` is lower case; a word that is already known is left alone, so English or
    unaccented words are not torn apart.
    """
    if not word.isascii() or len(word) < 3 or known(word):
        return word
    for tones, pairs in ((_TONES, _TELEX_PAIRS), (_VNI_TONES, _VNI_PAIRS)):
        decoded = _decode(word, tones, pairs)
        if decoded != word and known(decoded):
            return decoded
    return word


def _decode(word: str, tones: dict[str, str], pairs: dict[str, str]) -> str:
    tone, letters = "", word
    for position in range(len(word) - 1, 0, -1):
        if word[position] in tones and any(c in _VOWELS for c in word[:position]):
            tone = tones[word[position]]
            letters = word[:position] + word[position + 1 :]
            break
    letters = _join_marks(letters, pairs)
    return place_tone(letters, tone) if tone else letters


def _join_marks(letters: str, pairs: dict[str, str]) -> str:
    """Fold mark keys into letters, also when typed at the word's end (``duongd`` -> ``đuong``)."""
    for pair, letter in pairs.items():
        base, mark = pair[0], pair[1]
        if pair in letters:
            letters = letters.replace(pair, letter)
        elif base == mark and letters.endswith(mark) and letters.count(base) == 2:
            letters = letters[:-1].replace(base, letter, 1)
    if letters.endswith(("w", "7")):
        bare = letters[:-1]
        letters = bare.replace("uo", "ươ", 1) if "uo" in bare else _horn(bare)
    return letters.replace("uơ", "ươ").replace("ưo", "ươ")


def _horn(letters: str) -> str:
    for plain, marked in (("u", "ư"), ("o", "ơ"), ("a", "ă")):
        if plain in letters:
            return letters.replace(plain, marked, 1)
    return letters


def place_tone(letters: str, tone: str) -> str:
    """Put the combining ``tone`` on the vowel that carries it by Vietnamese orthography (NFC)."""
    vowels = [i for i, char in enumerate(letters) if char in _VOWELS]
    if letters.startswith(("qu", "gi")) and len(vowels) > 1:
        vowels = [i for i in vowels if i != 1]
    marked = [i for i in vowels if letters[i] in "ăâêôơư"]
    if not vowels:
        return letters
    if marked:
        carrier = marked[-1]
    elif len(vowels) == 1 or (len(vowels) == 2 and vowels[-1] == len(letters) - 1):
        carrier = vowels[0]
    else:
        carrier = vowels[1]
    return unicodedata.normalize("NFC", letters[: carrier + 1] + tone + letters[carrier + 1 :])


_FLOATING = re.compile(r"\b(?!qu)(\w*?)(oà|oá|oả|oã|oạ|oè|oé|oẻ|oẽ|oẹ|uỳ|uý|uỷ|uỹ|uỵ)\b")


def settle_tones(text: str) -> str:
    """Put the tone of open ``oa oe uy`` on the first vowel (``hoà`` -> ``hòa``), as most type."""
    return _FLOATING.sub(lambda m: m.group(1) + _settled(m.group(2)), text)


def _settled(pair: str) -> str:
    marked = unicodedata.normalize("NFD", pair[1])
    base, tone = marked[0], marked[1]
    return unicodedata.normalize("NFC", pair[0] + tone) + base
