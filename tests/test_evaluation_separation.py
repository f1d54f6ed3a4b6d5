"""What measures the assistant does not train it: no evaluation question is near a training text.

Near are two texts that share four fifths of their folded words. Questions of fewer than five words
are left aside: "còn lệ phí?" can hardly be said in another way.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge import everyday
from knowledge.catalogue import SHIPPED
from knowledge.importers import shipped
from knowledge.records import SourceRecord
from knowledge.text.folding import words

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks/questions"
REPORTED = sorted(file.stem for file in FOLDER.glob("*.jsonl") if file.stem != "followups")
FROM_ENGINE = [stem for stem in REPORTED if not stem.startswith("everyday-")]
FEWEST = 5
SHARED = 0.8
MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")

Words = frozenset[str]
BySize = dict[int, set[Words]]


def asked(stem: str) -> Iterator[Words]:
    """The question of each row and the earlier turns it follows."""
    for line in (FOLDER / f"{stem}.jsonl").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        yield frozenset(words(row["question"]))
        yield from (frozenset(words(turn["text"])) for turn in row.get("history", ()))


def by_size(texts: Iterable[str]) -> BySize:
    found: BySize = defaultdict(set)
    for text in texts:
        said = frozenset(words(text))
        found[len(said)].add(said)
    return found


def near(question: Words, trained: BySize) -> bool:
    sizes = range(int(SHARED * len(question)), int(len(question) / SHARED) + 1)
    return any(
        len(question & said) >= SHARED * len(question | said)
        for size in sizes
        for said in trained.get(size, ())
    )


def too_near(stem: str, trained: BySize) -> list[list[str]]:
    questions = {question for question in asked(stem) if len(question) >= FEWEST}
    return [sorted(question) for question in questions if near(question, trained)]


@pytest.fixture(scope="module")
def search_texts() -> BySize:
    """Decisions, events, and the aliases of every procedure."""
    records = [found for found in shipped.read(SHIPPED) if isinstance(found, SourceRecord)]
    assert records
    texts = [row.say for row in everyday.decisions()]
    texts += [" ".join(phrase) for phrase in everyday.load().events]
    texts += [alias for names in everyday.aliases().values() for alias in names]
    texts += [alias for record in records for alias in record.procedure.aliases]
    return by_size(texts)


@pytest.fixture(scope="module")
def engine_texts() -> BySize:
    """The examples of intents, without the marks of entities."""
    parts = [
        part
        for file in (ROOT / "nlu/data").rglob("*.yml")
        for part in (yaml.safe_load(file.read_text("utf-8")) or {}).get("nlu") or ()
    ]
    assert parts
    lines = [line for part in parts for line in part.get("examples", "").splitlines()]
    return by_size(MARKED.sub(r"\1", line.removeprefix("- ")) for line in lines)


@pytest.mark.parametrize("stem", REPORTED)
def test_no_question_is_near_what_search_learns(stem: str, search_texts: BySize) -> None:
    assert too_near(stem, search_texts) == []


@pytest.mark.parametrize("stem", FROM_ENGINE)
def test_no_question_is_near_what_the_engine_learns(stem: str, engine_texts: BySize) -> None:
    assert too_near(stem, engine_texts) == []
