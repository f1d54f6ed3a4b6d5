"""Folding: lower case, no diacritics, ``đ`` -> ``d``. Standard library only: the engine uses it.

Both functions keep offsets: position ``i`` of the folded text is position ``i`` of its NFC input,
so a match found on folded text can be cut out of what the person wrote.
"""

import re
import unicodedata

_WORD = re.compile(r"[0-9a-z]+(?:[.,/][0-9]+)*|[0-9a-z]+")


class _Folds(dict[int, str]):
    """Code point -> folded character, filled as characters are met (``str.translate`` asks)."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if unicodedata.combining(char):
            folded = " "
        elif char in "đĐ":
            folded = "d"
        else:
            folded = unicodedata.normalize("NFD", char)[0].lower()[0]
        self[point] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """Lower-case ``text`` without diacritics; as long as ``unicodedata.normalize("NFC", text)``.

    Combining marks that have no composed form (a stray tone mark) become a space.
    """
    return unicodedata.normalize("NFC", text).translate(_FOLDS)


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Folded words of ``text`` as ``(word, start, end)``, offsets into its NFC form.

    Numbers keep inner dots, commas and slashes (``1.001193``, ``31/12``); other signs separate.
    """
    return [(m.group(), m.start(), m.end()) for m in _WORD.finditer(fold(text))]


def words(text: str) -> list[str]:
    """Folded words of ``text`` in order."""
    return _WORD.findall(fold(text))
