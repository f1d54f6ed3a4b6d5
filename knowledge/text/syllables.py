"""Whether a word can be a Vietnamese syllable, and what Telex keys left in one stand for.

Works on folded words (lower case, no diacritics): there a Telex key only adds letters.
"""

import re

_INITIAL = "ngh|ng|gh|kh|nh|ph|qu|th|tr|ch|gi|[bcdghklmnprstvx]"
_NUCLEUS = (
    "ieu|yeu|oai|oao|oay|oeo|uai|uay|uoi|uou|uya|uye|uyu|ia|ie|iu|oa|oe|oi|ua|ue|ui|uo|uu|uy"
    "|ya|ye|ai|ao|au|ay|eo|eu|[aeiouy]"
)
_SYLLABLE = re.compile(rf"(?:(?:{_INITIAL})?(?:{_NUCLEUS})(?:ng|nh|ch|[cmnpt])?|gi)")
_TONES = "sfrxj"


def is_syllable(word: str) -> bool:
    """Whether ``word`` (folded) is built as a Vietnamese syllable is."""
    return _SYLLABLE.fullmatch(word) is not None


def without_telex(word: str) -> str:
    """``word`` (folded) without the Telex keys that make it no syllable: ``caanf`` -> ``can``.

    What is a syllable as it stands, or none either way, is left alone.
    """
    if is_syllable(word) or not word.isascii():
        return word
    for shorter in (word, *(word[:i] + word[i + 1 :] for i in _tone_keys(word))):
        plain = shorter.replace("dd", "d").replace("aa", "a").replace("ee", "e").replace("oo", "o")
        for read in (plain.replace("w", ""), plain.replace("w", "u")):
            if is_syllable(read):
                return read
    return word


def _tone_keys(word: str) -> list[int]:
    """Where a tone may have been typed: at the end first, then behind the vowels."""
    return [i for i in range(len(word) - 1, 0, -1) if word[i] in _TONES]
