"""Whole conversations as YAML, and how one is played.

A file holds a list of conversations: ``name``; ``noise`` (``folded``, ``typo``, ``telex``: what is
done to every line the person types); ``turns``. A turn is ``say`` (a line) or ``choose`` (a part of
a button's label, or its number), and what is expected of the answer: ``outcome``, ``procedure``
(code of the head, '' for none), ``sections`` (in order), ``blocks`` (types that stand in it),
``contains`` and ``lacks`` (texts anywhere in the answer), ``offers`` (a part of a button's label).
``outcome`` may be a list of outcomes that are all right.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.cli.conversation import Talk
from knowledge.messages import messages
from knowledge.text.noise import NOISES

FOLDER = Path(__file__).parent
EXPECTED = ("outcome", "procedure", "sections", "blocks", "contains", "lacks", "offers")


@dataclass
class Conversation:
    """One conversation of a file."""

    name: str
    noise: str | None
    turns: list[dict[str, Any]]

    def __str__(self) -> str:
        return self.name


def conversations() -> list[Conversation]:
    """All conversations of the folder, in order. Raises ValueError for one that is not right."""
    found = []
    for file in sorted(FOLDER.glob("*.yml")):
        for row in yaml.safe_load(file.read_text("utf-8")):
            unknown = {key for turn in row["turns"] for key in turn} - {"say", "choose", *EXPECTED}
            if unknown:
                raise ValueError(f"{file.name}: {row['name']}: unknown {sorted(unknown)}")
            name = f"{file.stem}: {row['name']}"
            found.append(Conversation(name, row.get("noise"), row["turns"]))
    return found


def play(conversation: Conversation, talk: Talk) -> Iterator[str]:
    """Play it; each line tells what differs from what was expected, with the turn before it."""
    rng = random.Random(conversation.name)
    buttons: list[tuple[str, str | None]] = []
    for number, turn in enumerate(conversation.turns, 1):
        if "choose" in turn:
            said = f"[{turn['choose']}]"
            label, option = _button(turn["choose"], buttons)
            if label is None:
                yield f"{number}. {said}: no such button among {[b for b, _ in buttons]}"
                return
            reply = talk.choose(option) if option else talk.say(label)
        else:
            said = str(turn["say"])
            if conversation.noise:
                said = NOISES[conversation.noise](said, rng)
            reply = talk.say(said)
        if "blocks" not in reply:
            yield f"{number}. {said}: no answer: {reply}"
            return
        buttons = list(_buttons(reply))
        for difference in _differences(turn, reply):
            yield f"{number}. {said}\n     {difference}\n     answer: {_gist(reply)}"


def _button(wanted: str | int, buttons: list[tuple[str, str | None]]) -> tuple[str | None, Any]:
    if isinstance(wanted, int):
        return buttons[wanted - 1] if 0 < wanted <= len(buttons) else (None, None)
    return next(((label, id_) for label, id_ in buttons if wanted in label), (None, None))


def _buttons(reply: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for block in reply["blocks"]:
        for option in block.get("options", ()):
            yield option["label"], option["id"]
    for option in reply["suggestions"]:
        yield option["label"], option["id"]


def _differences(turn: dict[str, Any], reply: dict[str, Any]) -> Iterator[str]:
    heads = [block["code"] for block in reply["blocks"] if block["type"] == "procedure"]
    titles = [block.get("title") for block in reply["blocks"]]
    types = [block["type"] for block in reply["blocks"]]
    everything = str(reply)
    wanted = turn.get("outcome", reply["outcome"])
    if reply["outcome"] not in (wanted if isinstance(wanted, list) else [wanted]):
        yield f"outcome: expected {wanted}, got {reply['outcome']}"
    if "procedure" in turn and turn["procedure"] != (heads[0] if heads else ""):
        yield f"procedure: expected {turn['procedure'] or 'none'}, got {heads or 'none'}"
    labels = [messages()["sections"][key] for key in turn.get("sections", ())]
    if labels != [title for title in titles if title in labels]:
        yield f"sections: expected {labels}, got {titles}"
    if missing := [kind for kind in turn.get("blocks", ()) if kind not in types]:
        yield f"blocks: {missing} are not among {types}"
    for text in _list(turn.get("contains")):
        if text not in everything:
            yield f"contains: {text!r} does not stand in the answer"
    for text in _list(turn.get("lacks")):
        if text in everything:
            yield f"lacks: {text!r} stands in the answer"
    for label in _list(turn.get("offers")):
        if not any(label in button for button, _ in _buttons(reply)):
            yield f"offers: no button {label!r} among {[b for b, _ in _buttons(reply)]}"


def _list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _gist(reply: dict[str, Any]) -> str:
    """The answer in a line."""
    first = [
        f"{block['type']}:{str(block.get('name') or block.get('title') or block.get('text'))[:60]}"
        for block in reply["blocks"]
    ]
    return f"{reply['outcome']} {first}"
