"""Codes, amounts, dates, addresses and names pass the reading of a question letter for letter."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import everyday
from knowledge.service import Knowledge
from knowledge.text.question import read_question
from knowledge.text.restoring import Restorer

RESTORER = Restorer.count([(text, 5) for text in everyday.texts()])


def _normalised(text: str) -> str:
    return read_question(text, RESTORER, everyday.load()).normalised


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ho so H37.12-250601-0003 cua toi", ["H37.12-250601-0003"]),
        ("thu tuc 1.004194 can gi", ["1.004194"]),
        ("ma 1.001193.000.00.00.H37 la gi", ["1.001193.000.00.00.H37"]),
        ("ban dat 1.500.000.000đ hay 50k", ["1.500.000.000đ", "50k"]),
        ("sinh ngay 12/3/1990 tai xa Bình An", ["12/3/1990", "xa Bình An"]),
        ("theo quyet dinh 335/QĐ-UBND va 19/2025/QĐ-TTg", ["335/QĐ-UBND", "19/2025/QĐ-TTg"]),
        ("gui ve ten.toi@example.vn nhe", ["ten.toi@example.vn"]),
        ("tui tên Nguyễn Thị Bển muốn làm tạm chú", ["Nguyễn Thị Bển"]),
        ("con của chị Sanh va anh Nỏ", ["Sanh", "Nỏ"]),
        ("Tôi ở thôn Chừ, xã Bình An", ["thôn Chừ", "xã Bình An"]),
    ],
)
def test_protected_values_stay(text: str, values: list[str]) -> None:
    for value in values:
        assert value in _normalised(text)


def test_what_stands_around_them_is_still_mended() -> None:
    assert _normalised("dk ket hon cho Lò Thị Mẩy") == "đăng ký kết hôn cho Lò Thị Mẩy"


def test_capitals_everywhere_tell_no_name() -> None:
    assert _normalised("DANG KY KET HON") == "đăng ký kết hôn"


CODES = st.from_regex(r"H37\.\d{2}-26(0[1-9]|1[0-2])(0[1-9]|1\d|2[0-8])-\d{4}", fullmatch=True)
PROCEDURES = st.from_regex(r"[1-3]\.\d{6}", fullmatch=True)
AMOUNTS = st.from_regex(r"[1-9]\d{0,2}(\.\d{3}){1,3}(đ|k)?", fullmatch=True)
DATES = st.dates(dt.date(1930, 1, 1), dt.date(2030, 1, 1)).map(lambda d: f"{d:%d/%m/%Y}")


@settings(max_examples=300, deadline=None)
@given(value=CODES | PROCEDURES | AMOUNTS | DATES)
def test_made_values_stay_in_a_mistyped_sentence(value: str) -> None:
    assert value in _normalised(f"cho e hoi dang ky tam chu {value} dc ko a").split()


def test_every_protected_value_of_the_dialect_sets_stays(
    real_data: Path, knowledge: Knowledge
) -> None:
    kept = 0
    for file in ("typing/dialect-asr-13.jsonl", "questions/vneguide.jsonl"):
        for line in (real_data / file).read_text("utf-8").splitlines():
            row = json.loads(line)
            text = row.get("raw_text") or row["question"]
            for value in row.get("protected_values") or ():
                assert value in knowledge.search(text).normalised, text
                kept += 1
    assert kept >= 10
