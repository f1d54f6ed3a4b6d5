"""Follow-up questions through the real engine and app: ``python -m benchmarks.followups``.

Plays every row of ``followups.jsonl`` (development) and ``followups-test.jsonl`` (reported only):
the user's earlier turns, then the question. Right is an answer about the right procedure that
shows the asked section. Prints shares with 95 % bootstrap intervals, and each miss of the
development file.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.running import assistant
from bot.cli.conversation import Talk
from knowledge.evaluate import interval
from knowledge.messages import messages

FOLDER = Path(__file__).parent / "questions"
SHOWN_TOGETHER = {"agency": {"agency", "channels"}, "channels": {"agency", "channels"}}
"""Sections that answer the same question ("nộp ở đâu")."""


def play(row: dict[str, Any], url: str) -> tuple[bool, bool]:
    """Whether the last answer was about the right procedure, and showed the asked section too."""
    talk = Talk(url)
    for turn in row["history"]:
        if turn["role"] == "user":
            _settle(talk, talk.say(turn["text"]), row)
    reply = talk.say(row["question"])
    talk.close()
    codes = {block["code"] for block in reply["blocks"] if block["type"] == "procedure"}
    wanted = set(row.get("acceptable_codes") or [row["expected_code"]])
    right = reply["outcome"] == "answered" and bool(codes & wanted)
    section = row.get("section")
    labels = {messages()["sections"][key] for key in SHOWN_TOGETHER.get(section, {section}) if key}
    told = "\n".join(f"{block.get('title')} {block.get('text')}" for block in reply["blocks"])
    shown = any(label in told for label in labels)  # also where the record is said to be silent
    return right, right and (section in (None, "overview") or shown)


def _settle(talk: Talk, reply: dict[str, Any], row: dict[str, Any]) -> None:
    """A person who is asked back in an earlier turn takes the first choice."""
    for block in reply["blocks"]:
        if reply["outcome"] == "choice_offered" and block.get("options"):
            talk.choose(block["options"][0]["id"])
            return


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, file.read_text("utf-8").splitlines())


def main() -> None:
    with assistant() as running:
        for name in ("followups", "followups-test"):
            rows = list(_rows(FOLDER / f"{name}.jsonl"))
            results = [play(row, running.url) for row in rows]
            for at, what in enumerate(("right procedure", "and section")):
                values = [float(result[at]) for result in results]
                low, high = interval(values) or (0.0, 0.0)
                share = sum(values) / len(values)
                print(f"{name:<16}{what:<18}{share:.3f} ({low:.3f}-{high:.3f}) of {len(rows)}")
            if name == "followups":
                for row, (_, whole) in zip(rows, results, strict=True):
                    if not whole:
                        print("   missed:", [t["text"] for t in row["history"]], row["question"])


if __name__ == "__main__":
    main()
