"""The evaluation questions are well-formed, asked once, and counted in their README."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from knowledge.messages import messages
from knowledge.text.folding import words

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks/questions"
FILES = sorted(FOLDER.glob("*.jsonl"))
CODE = re.compile(r"\d\.\d{6}")
COUNT = re.compile(r"^\| `([\w-]+\.jsonl)` \| (\d+) \|", re.MULTILINE)
BEHAVIORS = {"answer", "clarify", "apologize", "chitchat"}
STYLES = {"plain", "folded", "typo", "teencode", "story", "dialect"}
FOLLOWUP_KINDS = {"section", "procedure", "pronoun", "correction", "change"}
BEHAVIOUR_KINDS = {"comparison", "negation", "several", "levels", "wishes"}
SEVERAL_CODES = {"comparison", "several", "levels"}


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def codes(row: dict[str, Any]) -> list[str]:
    if "expected_code" in row:
        return [row["expected_code"]]
    found: list[str] = row.get("acceptable_codes", [])
    return found


def of(pattern: str) -> list[dict[str, Any]]:
    return [row for file in sorted(FOLDER.glob(pattern)) for row in read(file)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_row_has_a_question_a_known_section_and_codes_said_once(file: Path) -> None:
    for row in read(file):
        assert row["question"].strip() == row["question"] != "", row
        assert row["section"] is None or row["section"] in messages()["sections"], row
        assert not {"expected_code", "acceptable_codes"} <= row.keys(), row
        assert all(CODE.fullmatch(code) for code in codes(row)), row
        assert len(set(codes(row))) == len(codes(row)), row
        assert len(row.get("acceptable_codes", "ab")) > 1, row


def test_only_what_has_an_answer_or_is_asked_back_names_procedures() -> None:
    rows = of("everyday-*.jsonl") + of("negatives-*.jsonl")
    for row in rows:
        assert row["behavior"] in BEHAVIORS, row
        assert row["style"] in STYLES, row
        assert (row["section"] is not None) == (row["behavior"] == "answer"), row
        assert bool(codes(row)) == (row["behavior"] in {"answer", "clarify"}), row


def test_negatives_are_half_apologies_half_chitchat() -> None:
    for file in FOLDER.glob("negatives-*.jsonl"):
        counted = Counter(row["behavior"] for row in read(file))
        assert set(counted) == {"apologize", "chitchat"}, file.name
        assert counted["apologize"] == counted["chitchat"], file.name


def test_a_followup_has_one_to_three_earlier_turns_of_the_user() -> None:
    for row in of("followups*.jsonl"):
        assert 1 <= len(row["history"]) <= 3, row
        assert all(turn["role"] == "user" and turn["text"].strip() for turn in row["history"]), row
        assert codes(row), row
        assert row.get("kind", "section") in FOLLOWUP_KINDS, row


def test_a_behaviour_names_its_kind_and_as_many_procedures_as_it_asks_about() -> None:
    for row in of("behaviours.jsonl"):
        assert row["kind"] in BEHAVIOUR_KINDS, row
        assert len(codes(row)) > 1 if row["kind"] in SEVERAL_CODES else codes(row), row
        assert ("wish" in row) == (row["kind"] == "wishes"), row


def test_no_question_stands_twice() -> None:
    """The same folded words after the same earlier turns, in any of the files."""
    said = Counter(
        tuple(" ".join(words(text)) for text in (*earlier, row["question"]))
        for row in of("*.jsonl")
        for earlier in [[turn["text"] for turn in row.get("history", ())]]
    )
    assert [texts for texts, times in said.items() if times > 1] == []


def test_the_readme_counts_the_rows_of_every_file() -> None:
    written = dict(COUNT.findall((FOLDER / "README.md").read_text("utf-8")))
    assert {file.name: len(read(file)) for file in FILES} == {
        file.name: int(written[file.name]) for file in FILES
    }
