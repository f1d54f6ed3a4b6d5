"""Follow-up questions through the real engine and app: ``python -m benchmarks.followups``.

Plays every row of ``followups.jsonl`` (development) and ``followups-test.jsonl`` (reported only):
the user's earlier turns, then the question; who is asked back meanwhile takes what the row is about
where that is on offer, else the first choice. Three measures: the right procedure is answered; its
asked section is shown too; the context is right, which also counts a question for another section
that stays with the procedure shown before, right or not (finding that was the earlier turn's work).
Writes shares with 95 % bootstrap intervals, by kind, into ``docs/quality.md``, and prints each miss
of the development file.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.pages import DOCS, write_section
from benchmarks.running import assistant
from bot.cli.conversation import Talk
from knowledge.evaluate import interval
from knowledge.messages import messages

TITLE = "Follow-ups through the whole assistant"
TABLE = """Written by `python -m benchmarks.followups`. right: the right procedure is answered;
section: with what was asked of it; context: also where the section changed and the procedure
rightly stayed.

| set | kind | n | right | section | context |
|---|---|---|---|---|---|"""
FOLDER = Path(__file__).parent / "questions"
SHOWN_TOGETHER = {"agency": {"agency", "channels"}, "channels": {"agency", "channels"}}
"""Sections that answer the same question ("nộp ở đâu")."""


@dataclass(frozen=True)
class Played:
    """What a row's last reply got right; see the module."""

    kind: str
    right: bool
    section: bool
    context: bool


def play(row: dict[str, Any], url: str) -> Played:
    """The row asked of the assistant at ``url``, in a conversation of its own."""
    talk = Talk(url)
    wanted = set(row.get("acceptable_codes") or [row["expected_code"]])
    names = [_name(url, code) for code in wanted]
    before: list[set[str]] = []
    for turn in row["history"]:
        before += [_codes(reply) for reply in _said(talk, turn["text"], names)]
    reply = talk.say(row["question"])
    talk.close()
    kind = row.get("kind", "section")
    answered = reply["outcome"] == "answered"
    right = answered and bool(_codes(reply) & wanted)
    seen = [codes for codes in before if codes]
    kept = kind == "section" and answered and bool(seen) and bool(_codes(reply) & seen[-1])
    return Played(kind, right, right and _shows(reply, row.get("section")), right or kept)


def _codes(reply: dict[str, Any]) -> set[str]:
    return {block["code"] for block in reply["blocks"] if block["type"] == "procedure"}


def _shows(reply: dict[str, Any], section: str | None) -> bool:
    """Whether the asked section stands in the reply, also where the record is said to be silent."""
    if section in (None, "overview"):
        return True
    labels = {messages()["sections"][key] for key in SHOWN_TOGETHER.get(section, {section})}
    told = "\n".join(f"{block.get('title')} {block.get('text')}" for block in reply["blocks"])
    return any(label in told for label in labels)


def _name(url: str, code: str) -> str:
    """The procedure's name, '' for one this catalogue has not."""
    name: str = httpx.get(f"{url}/api/v1/procedures/{code}").json().get("name", "")
    return name


def _said(talk: Talk, text: str, names: list[str]) -> Iterator[dict[str, Any]]:
    """The replies to an earlier turn and to the choice it may offer."""
    reply = talk.say(text)
    yield reply
    options = [option for block in reply["blocks"] for option in block.get("options", ())]
    if reply["outcome"] == "choice_offered" and options:
        meant = [option for option in options if any(option["label"] in name for name in names)]
        yield talk.choose((meant or options)[0]["id"])


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, file.read_text("utf-8").splitlines())


def main() -> None:
    lines = [TABLE]
    with assistant() as running:
        for name in ("followups", "followups-test"):
            rows = list(_rows(FOLDER / f"{name}.jsonl"))
            played = [play(row, running.url) for row in rows]
            for kind in sorted({one.kind for one in played}):
                lines.append(_line(name, kind, [one for one in played if one.kind == kind]))
            lines.append(_line(name, "all", played))
            if name == "followups":
                for row, one in zip(rows, played, strict=True):
                    if not one.section:
                        print("   missed:", [t["text"] for t in row["history"]], row["question"])
    write_section(DOCS / "quality.md", TITLE, "\n".join(lines))
    print("\n".join(lines))


def _line(name: str, kind: str, played: list[Played]) -> str:
    cells = [name, kind or "-", str(len(played))]
    for measure in ("right", "section", "context"):
        values = [float(getattr(one, measure)) for one in played]
        low, high = interval(values) or (0.0, 0.0)
        cells.append(f"{sum(values) / len(values):.2f} ({low:.2f}-{high:.2f})")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
