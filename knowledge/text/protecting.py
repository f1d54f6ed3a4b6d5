"""What must stand in a question letter for letter: codes, numbers, addresses, names.

Spelling, Telex keys, diacritics and typing errors are mended around these, never inside them. A
name is known by its capitals: unaccented names in lower case cannot be told from other words.
"""

import re
import unicodedata

# Anything with a digit that is not a syllable typed with VNI keys ("d9u7o7c5").
_VNI = re.compile(r"[a-zA-Z]+(?:[1-9][a-zA-Z]*)+")
_CODE = re.compile(r"[GHgh]\d{2}[\w.\-/]*|\d[\w.,/:\-]*|[A-Z]{2,}\d+\w*")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_LEGAL = re.compile(r"\d+(?:/\d{4})?/[A-ZĐ]{2,}(?:-[A-ZĐ]+)*|[A-ZĐ]{1,4}-[A-ZĐ]{2,}")
_CAPITAL = re.compile(r"[^\W\d_]+")
PLACES = frozenset(
    (
        "ấp", "thôn", "bản", "xóm", "khu", "khối", "tổ", "xã", "phường", "huyện", "quận", "tỉnh",
        "đường", "phố", "ngõ", "chợ", "trấn", "ap", "thon", "ban", "xom", "xa", "phuong", "huyen",
    )
)  # fmt: skip
PERSONS = frozenset(
    ("tên", "ten", "ông", "ong", "bà", "anh", "chị", "chi", "cô", "chú", "bác", "cụ", "cháu", "em")
)
FEWEST_CAPITALS = 2  # words in a row that make a name where no word before tells of one
EDGES = ".,;:!?()\"'“”…"


def protected(words: list[str]) -> list[bool]:
    """Which of ``words`` (split at blanks, as typed, NFC) must not change, one flag each."""
    bare = [word.strip(EDGES) for word in words]
    kept = [_is_fixed(word) for word in bare]
    if " ".join(bare).isupper():
        return kept  # all in capitals: they tell nothing
    capitals = [_is_capitalised(word) for word in bare]
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and capitals[end] and (end == at or not _ends(words[end - 1])):
            end += 1
        before = bare[at - 1].lower() if at else ""
        of_place = before in PLACES
        if end > at and (of_place or before in PERSONS or end - at >= FEWEST_CAPITALS):
            kept[at:end] = [True] * (end - at)
            if of_place:
                kept[at - 1] = True
        at = max(end, at + 1)
    return kept


def _is_fixed(word: str) -> bool:
    if _ADDRESS.fullmatch(word) or _LEGAL.fullmatch(word):
        return True
    if not any(map(str.isdigit, word)) or (_VNI.fullmatch(word) and not _CODE.fullmatch(word)):
        return False
    return _CODE.fullmatch(word) is not None or word[0].isdigit()


def _is_capitalised(word: str) -> bool:
    composed = unicodedata.normalize("NFC", word)
    return (
        _CAPITAL.fullmatch(composed) is not None
        and composed[0].isupper()
        and (len(composed) == 1 or not composed.isupper())
    )


def _ends(word: str) -> bool:
    return word[-1:] in EDGES
