"""The reviewed everyday data: what the files promise in their headers holds."""

import re
import unicodedata
from importlib.resources import files
from typing import Any

import pytest
import yaml

from knowledge import everyday
from knowledge.text.folding import words

VIETNAMESE = re.compile(
    "[aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ ]+"
)


def load(name: str) -> Any:
    return yaml.safe_load((files("knowledge.everyday") / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load("events.yml")
    return found


@pytest.fixture(scope="module")
def teencode() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = load("teencode.yml")
    return found


def test_events_have_a_question_and_two_to_five_choices(events: list[dict[str, Any]]) -> None:
    assert len(events) >= 60
    assert len({event["event"] for event in events}) == len(events)
    for event in events:
        assert set(event) == {"event", "say", "ask", "choices"}
        assert 8 <= len(event["say"]) <= 15, event["event"]
        assert event["ask"].endswith("ạ?"), event["event"]
        assert 2 <= len(event["choices"]) <= 5, event["event"]


def test_choices_name_a_procedure_once(events: list[dict[str, Any]]) -> None:
    for event in events:
        codes = [choice["code"] for choice in event["choices"]]
        assert all(isinstance(c, str) and re.fullmatch(r"\d\.\d{6}", c) for c in codes), codes
        assert len(set(codes)) == len(codes), event["event"]
        for choice in event["choices"]:
            assert set(choice) == {"code", "label"}
            assert 0 < len(choice["label"]) <= 60, choice


def test_no_phrase_begins_two_events(events: list[dict[str, Any]]) -> None:
    owner: dict[str, str] = {}
    for event in events:
        for say in event["say"]:
            folded = " ".join(words(say))
            assert folded not in owner, f"{say}: {event['event']} and {owner[folded]}"
            owner[folded] = event["event"]


def test_synonyms_are_written_once() -> None:
    data = load("words.yml")
    phrases = [everyday.phrase(say) for row in data["synonyms"] for say in row["say"]]
    doubled = {phrase for phrase in phrases if phrases.count(phrase) > 1}
    assert not doubled
    assert all(row["means"].strip() for row in data["synonyms"])


def test_teencode_turns_single_words_into_standard_vietnamese(
    teencode: dict[str, dict[str, str]],
) -> None:
    assert set(teencode) == {"whole_question", "between_words"}
    assert sum(len(section) for section in teencode.values()) >= 150
    for section in teencode.values():
        for key, value in section.items():
            assert isinstance(key, str)
            assert isinstance(value, str)
            assert key == unicodedata.normalize("NFC", key).lower()
            assert re.fullmatch(r"[^\W_]+", key), key
            assert value == unicodedata.normalize("NFC", value)
            assert VIETNAMESE.fullmatch(value), f"{key}: {value}"


def test_teencode_leaves_everyday_words_and_short_letters_to_their_sections(
    teencode: dict[str, dict[str, str]],
) -> None:
    assert not teencode["whole_question"].keys() & teencode["between_words"].keys()
    assert all(len(key) <= 2 for key in teencode["between_words"])
    assert all(len(key) > 1 for key in teencode["whole_question"])
    alone = {
        word
        for row in load("words.yml")["synonyms"]
        for word, *rest in map(everyday.phrase, row["say"])
        if not rest
    }
    assert not alone & (teencode["whole_question"].keys() | teencode["between_words"].keys())


def test_examples_of_a_decision_are_said_once_and_teach_one_decision() -> None:
    taught: dict[str, str] = {}
    for example in everyday.decisions():
        said = " ".join(words(example.say))
        assert said not in taught or not said, f"{example.say}: {example.decision}, {taught[said]}"
        taught[said] = example.decision


def test_every_example_of_an_answer_names_its_procedure() -> None:
    answers = [example for example in everyday.decisions() if example.decision == "answer"]
    assert len(answers) >= 1000
    assert all(re.fullmatch(r"\d\.\d{6}", str(example.code)) for example in answers)
