"""Folding: lower case, no diacritics, ``đ`` -> ``d``. Standard library only: the engine uses it.

Both functions keep offsets: position ``i`` of the folded text is position ``i`` of its NFC input,
so a match found on folded text can be cut out of what the person wrote.
"""

import re
import unicodedata

_WORD = re.compile(r"[0-9a-z]+(?:[.,/][0-9]+)*|[0-9a-z]+")
_SPECIAL = {"đ": "d", "Đ": "d"}


def _fold_char(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else base[0]


def fold(text: str) -> str:
    """Lower-case ``text`` without diacritics; as long as ``unicodedata.normalize("NFC", text)``.

    Combining marks that have no composed form (a stray tone mark) become a space.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii():
        return composed.lower()
    return "".join(" " if unicodedata.combining(char) else _fold_char(char) for char in composed)


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Folded words of ``text`` as ``(word, start, end)``, offsets into its NFC form.

    Numbers keep inner dots, commas and slashes (``1.001193``, ``31/12``); other signs separate.
    """
    return [(m.group(), m.start(), m.end()) for m in _WORD.finditer(fold(text))]


def words(text: str) -> list[str]:
    """Folded words of ``text`` in order."""
    return _WORD.findall(fold(text))
