"""Folding, Telex, restoration and noise: what happens to a question's letters."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import everyday
from knowledge.text.folding import fold, tokens, words
from knowledge.text.noise import NOISES, telex
from knowledge.text.question import read_question
from knowledge.text.restoring import Restorer
from knowledge.text.sounding import sound_alikes
from knowledge.text.telex import decode_telex

NAMES = [
    "Thủ tục đăng ký khai sinh",
    "Cấp lại giấy phép lái xe do bị mất",
    "Đăng ký tạm trú cho con chưa thành niên",
    "Cấp đổi thẻ căn cước",
    "Được cấp giấy chứng nhận quyền sử dụng đất",
    "Đường bộ, cư trú, giấy tờ, điện",
]


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return Restorer.count((name, 5) for name in NAMES)


@given(st.text())
def test_folding_keeps_offsets_and_is_stable(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    folded = fold(text)
    assert len(folded) == len(composed)
    assert fold(folded) == folded


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    folded = fold(text)
    for word, start, end in tokens(text):
        assert folded[start:end] == word


def test_folding_reads_decomposed_and_composed_text_alike() -> None:
    assert fold("Đăng ký Lạng Sơn") == "dang ky lang son"
    assert words(unicodedata.normalize("NFD", "Đăng ký")) == ["dang", "ky"]


def test_codes_stay_one_word() -> None:
    assert words("mã 1.001193, H37.12") == ["ma", "1.001193", "h37.12"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dduwowcj", "được"),
        ("d9u7o7c5", "được"),
        ("dduwowngf", "đường"),
        ("giaays", "giấy"),
        ("trus", "trú"),
        ("ddieenj", "điện"),
    ],
)
def test_telex_and_vni_leftovers_become_words(typed: str, meant: str) -> None:
    assert decode_telex(typed, lambda word: word == meant) == meant


def test_known_words_are_never_taken_for_telex() -> None:
    assert decode_telex("cos", lambda word: word == "cos") == "cos"
    assert decode_telex("windows", lambda word: False) == "windows"


def test_restoration_brings_back_the_catalogues_diacritics(restorer: Restorer) -> None:
    assert restorer.restore("dang ky khai sinh") == "đăng ký khai sinh"
    assert restorer.restore("cap doi the can cuoc") == "cấp đổi thẻ căn cước"


def test_restoration_keeps_what_the_person_accented(restorer: Restorer) -> None:
    assert restorer.restore("đổi thẻ") == "đổi thẻ"
    assert restorer.restore("xyzw 123, abc") == "xyzw 123, abc"


@given(st.text(max_size=60))
def test_restoration_changes_diacritics_only(text: str) -> None:
    restorer = Restorer.count((name, 5) for name in NAMES)
    lowered = unicodedata.normalize("NFC", text).lower()
    assert fold(restorer.restore(lowered)) == fold(lowered)


def test_a_word_that_does_not_fit_is_read_as_one_that_sounds_alike() -> None:
    taught = ("đăng ký tạm trú", "cô chú")
    restorer = Restorer.count((text, 50_000) for text in taught)
    assert restorer.restore("đăng ký tạm chú") == "đăng ký tạm trú"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("đăng ký tạm chú", "đăng ký tạm trú"),
        ("dang ky tam chu", "đăng ký tạm trú"),
        ("xin cấp nại giấy phép nái xe", "xin cấp lại giấy phép lái xe"),
        ("hồ xơ xổ đỏ", "hồ sơ sổ đỏ"),
        ("cấp đổi thẻ căn cướt", "cấp đổi thẻ căn cước"),
    ],
)
def test_everyday_data_teaches_what_was_meant(typed: str, meant: str) -> None:
    restorer = Restorer.count((text, 50) for text in everyday.texts())
    assert restorer.restore(typed) == meant


def test_a_word_that_fits_is_never_read_as_another() -> None:
    taught = ("đăng ký tạm trú", "cô chú", "trú ẩn")
    restorer = Restorer.count((text, 50_000) for text in taught)
    assert restorer.restore("cô chú đăng ký") == "cô chú đăng ký"
    assert restorer.restore("chú ấy") == "chú ấy"


@pytest.mark.parametrize(
    ("word", "alike"),
    [
        ("chú", "trú"), ("xinh", "sinh"), ("lộp", "nộp"), ("giấy", "dấy"), ("rấy", "giấy"),
        ("quang", "quan"), ("biếc", "biết"), ("nghỉ", "nghĩ"), ("vì", "dì"),
    ],
)  # fmt: skip
def test_sounds_that_people_mix_up(word: str, alike: str) -> None:
    assert alike in sound_alikes(word)


@given(st.text(max_size=12))
def test_a_word_is_not_its_own_sound_alike(word: str) -> None:
    assert word not in sound_alikes(word)


@pytest.mark.parametrize(
    ("spoken", "standard"),
    [
        ("hông", "không"), ("nỏ", "không"), ("mần", "làm"), ("chừ", "bây giờ"),
        ("nghen", "nhé"), ("nàm", "làm"), ("lước", "nước"), ("ko", "không"), ("đc", "được"),
        ("mk", "mình"), ("gởi", "gửi"),
    ],
)  # fmt: skip
def test_spoken_and_chat_spellings_are_written_out(spoken: str, standard: str) -> None:
    assert everyday.load().spell(["x", spoken, "y"])[1] == standard


def test_words_that_only_ask_are_not_the_subject(restorer: Restorer) -> None:
    question = read_question("hết bao nhiêu tiền, mấy ngày?", restorer, everyday.load())
    assert question.core == ""


def test_everyday_words_bring_the_official_ones(restorer: Restorer) -> None:
    question = read_question("Mất bằng lái xe", restorer, everyday.load())
    assert "giấy phép lái xe" in " ".join(question.meanings)


def test_an_accented_word_is_not_another_word_of_the_same_letters(restorer: Restorer) -> None:
    question = read_question("kể chuyện cười", restorer, everyday.load())
    assert question.meanings == ()


def test_telex_noise_is_what_the_keys_would_give() -> None:
    assert telex("được khai sinh", random.Random(0)) == "dduwowcj khai sinh"


@given(st.text(max_size=80), st.sampled_from(sorted(NOISES)), st.integers(0, 100))
def test_noise_never_fails(text: str, noise: str, seed: int) -> None:
    assert isinstance(NOISES[noise](text, random.Random(seed)), str)


def test_a_mistyped_word_is_read_as_the_frequent_word_one_letter_away() -> None:
    restorer = Restorer.count((name, 40) for name in NAMES)
    assert restorer.restore("dang ky khai sihn") == "đăng ký khai sinh"
    assert restorer.restore("cấp lại giấyy phép") == "cấp lại giấy phép"
    assert restorer.restore("mã h37 và k7") == "mã h37 và k7"
