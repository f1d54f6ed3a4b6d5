"""How often the asked section is found: ``.venv-engine/bin/python -m benchmarks.sections``.

Every question with a ``section`` of ``everyday-dev`` (development) and ``everyday-test`` (reported
only), as written and without diacritics. ``overview`` asks for nothing in particular and is left
out. Found: the section is among those the rules find, or one that answers the same question
("nộp ở đâu"). Prints shares with n, and with ``--missed`` each miss of the development file.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from knowledge.text.folding import fold, tokens
from knowledge.text.syllables import without_telex
from nlu import without_tensorflow

without_tensorflow.install()
from nlu.entities import EntityFinder  # noqa: E402 - after the shell that stands for TensorFlow

FOLDER = Path(__file__).parent / "questions"
SAME_QUESTION = {"agency": {"agency", "channels"}, "channels": {"agency", "channels"}}


def found_sections(finder: EntityFinder, text: str) -> list[str]:
    """The sections that the rules find, in the order asked."""
    said = [without_telex(word) for word, _, _ in tokens(text)]
    return [value for entity, value, _, _ in finder.find(said) if entity == "section"]


def main(show_missed: bool) -> None:
    finder = EntityFinder()
    for name in ("everyday-dev", "everyday-test"):
        lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [row for row in map(json.loads, lines) if row.get("section")]
        asked = [row for row in rows if row["section"] != "overview"]
        for written in (str, fold):
            found = [found_sections(finder, written(row["question"])) for row in asked]
            right = [
                bool(SAME_QUESTION.get(row["section"], {row["section"]}) & set(sections))
                for row, sections in zip(asked, found, strict=True)
            ]
            share = sum(right) / len(right)
            print(f"{name:<16}{written.__name__:<6}{share:.3f} ({sum(right)} of {len(right)})")
            if show_missed and name == "everyday-dev" and written is str:
                for row, sections, hit in zip(asked, found, right, strict=True):
                    if not hit:
                        print("   missed:", row["section"], sections, row["question"])
                print("  ", dict(Counter(row["section"] for row in asked)))


if __name__ == "__main__":
    main("--missed" in sys.argv[1:])
