"""Dossier codes as people type them, and what is said of those that cannot be right."""

import datetime as dt
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.codes import CodeFault, ReadCode, read_codes

TODAY = dt.date(2026, 11, 24)
RIGHT = [
    "H37.12-250601-0003",
    "H37-250601-0003",
    "000.00.04.H37-200221-0001",
    "H15.50.05.13-261008-0975",
    "G09.20-20260609-0092637",
    "03706/2026/07906",
]
AGENCY_ID, PROCEDURE = "000.00.00.H20", "1.001612.000.00.00.H48"


def read(text: str) -> list[ReadCode]:
    return read_codes(text, TODAY)


@pytest.mark.parametrize("code", RIGHT)
def test_every_form_is_read_as_it_is(code: str) -> None:
    assert read(code) == [ReadCode(code)]


@pytest.mark.parametrize(
    "typed",
    [
        "h37.12-250601-0003",
        "H37.12 250601 0003",
        "H37.12 - 250601 - 0003",
        "H37.12–250601–0003",
        "H37.12—250601—0003",
        "H37.12‑250601‑0003",
        "H37.12−250601−0003",
        "H37.12_250601_0003",
        "H37 12 250601 0003",
        "H37-12-250601-0003",
        "H37.12.250601.0003",
        "H37. 12-250601-0003",
        "H 37.12-250601-0003",
        "H-37.12-250601-0003",
        "H37.12-25O6O1-OOO3",
        "h37.12-25o601-ooo3",
        "H37.l2-250601-0003",
        "H37.I2-25060I-0003",
        "H37.12-2506010003",
        "H37122506010003",
        "h37.122506010003",
        "H37.12/250601/0003",
        "(H37.12-250601-0003)",
        '"H37.12-250601-0003".',
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read(typed) == [ReadCode("H37.12-250601-0003")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("000.00.04.h37 200221 0001", "000.00.04.H37-200221-0001"),
        ("000 00 04 H37 200221 0001", "000.00.04.H37-200221-0001"),
        ("OOO.OO.O4.H37-200221-0001", "000.00.04.H37-200221-0001"),
        ("0000004H37-200221-0001", "000.00.04.H37-200221-0001"),
        ("g09.20 20260609 0092637", "G09.20-20260609-0092637"),
        ("G09.2020260609-0092637", "G09.20-20260609-0092637"),
        ("03706 / 2026 / 07906", "03706/2026/07906"),
        ("o3706/2o26/o7906", "03706/2026/07906"),
    ],
)
def test_the_other_forms_are_read_however_they_are_typed(typed: str, code: str) -> None:
    assert read(typed) == [ReadCode(code)]


@pytest.mark.parametrize(
    "sentence",
    [
        "cho tôi hỏi hồ sơ {} đến đâu rồi ạ",
        "mã hồ sơ: {}, nộp ngày 1/6/2025",
        "em nộp 2 hồ sơ, cái {} thì sao",
        "{}\nCảm ơn",
        "ho so so {} cua toi xong chua, sdt 0912345678",
        "Tôi sinh 1990, mã là {}.",
    ],
)
@pytest.mark.parametrize("code", RIGHT)
def test_a_code_is_found_inside_a_sentence(sentence: str, code: str) -> None:
    assert read(sentence.format(code)) == [ReadCode(code)]


@pytest.mark.parametrize("between", [" và ", ", ", "\n", "; ", " , còn "])
def test_two_codes_in_one_message_are_both_read_in_order(between: str) -> None:
    assert [code.code for code in read(RIGHT[0] + between + RIGHT[4])] == [RIGHT[0], RIGHT[4]]


def test_the_same_code_twice_is_one() -> None:
    assert read("H37.12-250601-0003 và h37.12 250601 0003") == [ReadCode(RIGHT[0])]


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("H37.12-251301-0003", CodeFault.DAY),
        ("H37.12-250230-0003", CodeFault.DAY),
        ("H37.12-090601-0003", CodeFault.DAY),
        ("H37.12-270601-0003", CodeFault.FUTURE),
        ("H37.12-20270601-0003", CodeFault.FUTURE),
        ("H37.12-250601-03", CodeFault.SERIAL),
        ("H37.12-250601-00000003", CodeFault.SERIAL),
        ("L37.12-250601-0003", CodeFault.AGENCY),
        ("X37.12-250601-0003", CodeFault.AGENCY),
        ("H3.12-250601-0003", CodeFault.AGENCY),
        ("03706/2031/07906", CodeFault.FUTURE),
        ("3706/2026/07906", CodeFault.SERIAL),
        ("03706/2026/7906", CodeFault.AGENCY),
        ("03706/26/07906", CodeFault.DAY),
    ],
)
def test_what_looks_wrong_in_a_code_is_named(typed: str, fault: CodeFault) -> None:
    assert [code.fault for code in read(typed)] == [fault]


def test_a_day_may_be_tomorrow_but_no_later() -> None:
    assert read("H37.12-261125-0003") == [ReadCode("H37.12-261125-0003")]
    assert read("H37.12-261126-0003")[0].fault is CodeFault.FUTURE


@pytest.mark.parametrize(
    "text",
    [
        AGENCY_ID,
        PROCEDURE,
        "1.001193",
        "1.001193.000.00.00.H37",
        "H37",
        "tỉnh H37 là Lạng Sơn",
        "QL1A km 25",
        "ngày 01/06/2026",
        "12/6/2026",
        "0912345678",
        "số căn cước 001099012345",
        "nghị định 30/2020/NĐ-CP",
        "mất 3 ngày, phí 50.000 đồng",
        "tài khoản G5 2025",
        "",
        "hồ sơ của tôi đến đâu rồi",
    ],
)
def test_what_is_no_dossier_code_is_not_taken_for_one(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("code", "prefix"),
    list(zip(RIGHT, ["H37", "H37", "H37", "H15", "G09", "BHXH"], strict=True)),
)
def test_the_prefix_tells_the_system(code: str, prefix: str) -> None:
    assert ReadCode(code).prefix == prefix


def test_the_forms_as_recorded(real_data: Path) -> None:
    forms = json.loads((real_data / "dossier/code-formats.json").read_text())
    for form in forms:
        example = form["example"]
        expected = [] if example in (AGENCY_ID, PROCEDURE) else [ReadCode(example)]
        assert read(example) == expected, example


DAYS = st.dates(dt.date(2015, 1, 1), TODAY)
UNITS = st.lists(st.integers(0, 99).map("{:02d}".format), max_size=3)
LETTERS = st.sampled_from("HG")


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["", "000.00.04."]))
    units = [] if head else draw(UNITS)
    agency = head + ".".join([f"{draw(LETTERS)}{draw(st.integers(1, 99)):02d}", *units])
    if draw(st.booleans()):
        return f"{agency}-{draw(DAYS):%y%m%d}-{draw(st.integers(1, 9999)):04d}"
    return f"{agency}-{draw(DAYS):%Y%m%d}-{draw(st.integers(1, 9999999)):07d}"


def noisy(code: str, rng: random.Random) -> str:
    """``code`` as a hurried person types it; its parts stay apart."""
    dash = rng.choice(["-", " ", " - ", "–", "—", "_", "- ", " "])
    dot = rng.choice([".", ".", " ", ". "])
    letters = {"0": rng.choice("0Oo"), "1": rng.choice("1Iil")}
    agency, rest = code.split("-", 1)
    rest = "".join(letters.get(char, char) for char in rest)
    typed = agency.replace(".", dot) + dash + rest.replace("-", dash)
    return typed.lower() if rng.random() < 0.5 else typed


@given(well_formed(), st.randoms(use_true_random=False))
def test_any_well_formed_code_survives_hurried_typing(code: str, rng: random.Random) -> None:
    assert read(code) == [ReadCode(code)]
    assert read(f"hồ sơ {noisy(code, rng)} sao rồi") == [ReadCode(code)]


@given(st.text())
def test_no_text_is_too_much_for_it(text: str) -> None:
    read(text)


@given(st.text(alphabet="HGhg0123456789OIl.-/ –_", max_size=80))
def test_no_string_of_code_signs_is_too_much_for_it(text: str) -> None:
    for code in read(text):
        assert code.fault is None or code.fault in CodeFault
