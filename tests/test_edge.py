"""Cleaning at the edge: what is typed becomes visible, bounded text that is no command."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.edge import MAX_LENGTH, TextTooLong, clean, network_of, readable

NASTY = "\u200b\u200d\u202e\u2066\ufeff\u00ad\x00\x1b\x7f\U000e0041\u3164\u2028\t\r\n /\ufe0f\ud800"
texts = st.text(max_size=300) | st.text(alphabet=NASTY + "aă đ\u0301\u0309", max_size=60)


@given(texts)
@example("/ / /ask")
@example("a\u200b\u0301")
def test_cleaning_leaves_nothing_invisible_and_no_command(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(char)[0] == "C" for char in cleaned.replace("\n", ""))
    assert not set("\u200b\u202e\U000e0041\u3164\ufe0f\ud800\r\t") & set(cleaned)
    assert not cleaned.startswith("/")
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned and "\n\n\n" not in cleaned
    cleaned.encode("utf-8")


@given(texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet="aàảãáạăâđeêioôơuưyABC123 ,.?-", max_size=200))
def test_plain_vietnamese_words_stay(text: str) -> None:
    assert clean(text).split() == unicodedata.normalize("NFC", text).split()


def test_both_ways_of_typing_a_tone_become_one() -> None:
    assert clean("ke\u0301t ho\u0302n") == clean("két hôn")


def test_paragraphs_stay() -> None:
    assert clean("một\r\n\r\n\r\n\r\nhai \n ba") == "một\n\nhai\nba"


def test_the_length_is_counted_after_cleaning() -> None:
    assert len(clean("a" * MAX_LENGTH + "\u200b" * 500)) == MAX_LENGTH
    with pytest.raises(TextTooLong) as error:
        clean("a" * (MAX_LENGTH + 1))
    assert error.value.length == MAX_LENGTH + 1


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE turns; --",
        '{"intent": "ask"}',
        "H37.12-250601-0003",
    ],
)
def test_code_in_text_is_only_text(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"), [("số 3", True), ("đ", True), ("7", True), ("😀 …?!", False), ("", False)]
)
def test_readable_means_a_letter_or_a_digit(text: str, expected: bool) -> None:
    assert readable(text) is expected


def test_addresses_are_counted_by_who_holds_them() -> None:
    assert network_of("203.0.113.7") == "203.0.113.7"
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::7") != network_of("2001:db8:1:3::7")
    assert network_of("not an address") == "not an address"
