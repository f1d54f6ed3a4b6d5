"""Telex keys left in a word are read; words that are right stay."""

import random

import pytest

from knowledge.text.folding import fold, words
from knowledge.text.noise import telex
from knowledge.text.syllables import is_syllable, without_telex


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ddawng", "dang"), ("kys", "ky"), ("hoon", "hon"), ("giaays", "giay"), ("gif", "gi"),
        ("dduwowcj", "duoc"), ("thuwowngf", "thuong"), ("truwowfng", "truong"), ("laau", "lau"),
    ],
)  # fmt: skip
def test_what_was_meant_is_read(typed: str, read: str) -> None:
    assert without_telex(typed) == read


@pytest.mark.parametrize("word", ["bao", "giay", "quyen", "ntn", "gplx", "cccd", "h37.12", "1990"])
def test_what_is_right_or_none_stays(word: str) -> None:
    assert without_telex(word) == word


def test_a_sentence_typed_with_telex_folds_to_itself() -> None:
    text = "đăng ký kết hôn cần những giấy tờ gì lệ phí bao nhiêu nộp ở đâu thì được"
    spoiled = telex(text, random.Random(1))
    assert [without_telex(word) for word in words(spoiled)] == words(text)
    assert all(is_syllable(fold(word)) for word in words(text))
