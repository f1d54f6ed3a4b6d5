"""What a question asks inside a story, and what it says is not meant."""

import unicodedata
from pathlib import Path

import pytest
import yaml

from knowledge import everyday
from knowledge.everyday import cues
from knowledge.service import Knowledge
from knowledge.text.clauses import split
from knowledge.text.folding import fold, words
from knowledge.text.question import Question, read_question
from knowledge.text.restoring import Restorer

STORIES = yaml.safe_load((Path(__file__).parent / "stories.yml").read_text("utf-8"))


def read(text: str, *taught: str) -> Question:
    restorer = Restorer.count([(line, 5) for line in (text, *taught)])
    return read_question(text, restorer, everyday.load())


def found(knowledge: Knowledge, question: str) -> list[str]:
    return [hit.code for hit in knowledge.search(question).results]


def first_share(knowledge: Knowledge, spell: object = str) -> float:
    right = [found(knowledge, spell(row["say"]))[0] in row["codes"] for row in STORIES]  # type: ignore[operator]
    return sum(right) / len(right)


def test_the_ask_of_a_story_is_found(knowledge: Knowledge) -> None:
    assert first_share(knowledge) >= 0.8


def test_the_ask_of_an_unaccented_story_is_found(knowledge: Knowledge) -> None:
    assert first_share(knowledge, fold) >= 0.8


def test_a_sign_or_a_joining_word_begins_a_clause() -> None:
    said = ["nhà", "tôi", "ở", "xa", "giờ", "tôi", "muốn", "đổi", "bằng", "lái"]
    clauses = split(said, [" "] * len(said), cues.load(), cues.Phrases(()))
    assert [(clause.start, clause.end) for clause in clauses] == [(0, 4), (4, 10)]
    assert clauses[1].wishes
    signs = split(said, [" "] * 4 + [", "] + [" "] * 5, cues.load(), cues.Phrases(()))
    assert [clause.start for clause in signs] == [0, 4]


def test_words_that_are_denied_are_not_searched() -> None:
    question = read("không phải cấp lại, tôi cần cấp mới căn cước")
    assert "lại" not in question.core.split()
    assert "căn cước" in question.core
    assert question.denied == "không phải cấp lại"


def test_a_closing_or_not_is_no_denial() -> None:
    question = read("có mất tiền không phải nộp ở xã")
    assert question.denied == ""


@pytest.mark.parametrize(
    ("question", "wanted", "other"),
    [
        ("không phải cấp lại, tôi muốn đổi giấy phép lái xe", "3.000347", "3.000348"),
        ("cấp lại giấy phép lái xe chứ không phải đổi", "3.000348", "3.000347"),
        ("đăng ký kết hôn, không phải kết hôn có yếu tố nước ngoài", "1.000894", "2.000806"),
        ("khong phai dang ky lai khai sinh, toi can dang ky khai sinh", "1.001193", "1.004884"),
    ],
)
def test_what_is_denied_does_not_come_first(
    knowledge: Knowledge, question: str, wanted: str, other: str
) -> None:
    codes = found(knowledge, question)
    assert codes[0] == wanted
    assert other not in codes[:2] or codes.index(wanted) < codes.index(other)


def test_a_denial_inside_a_name_is_part_of_it(knowledge: Knowledge) -> None:
    procedure = knowledge.procedure("2.001008")
    assert procedure is not None
    assert "khong phai" in " ".join(words(procedure.name))
    assert found(knowledge, procedure.name)[0] == "2.001008"
    assert found(knowledge, unicodedata.normalize("NFD", procedure.name))[0] == "2.001008"
