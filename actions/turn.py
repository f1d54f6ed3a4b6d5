"""What an action knows of the turn it serves, read from Rasa's tracker."""

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from knowledge.records import SectionKey


@dataclass(frozen=True)
class Turn:
    """``text``: what the person typed, '' for a button; ``subject_text`` lacks section phrases."""

    text: str
    subject_text: str
    intent: str
    sections: list[SectionKey]
    procedure_codes: list[str]
    dossier_codes: list[str]
    levels: list[str]
    ordinals: list[int]
    procedure_in_hand: str | None
    last_sections: list[SectionKey]
    choices: list[str]


def read_turn(tracker: Tracker) -> Turn:
    """The turn of the tracker's latest message."""
    message = tracker.latest_message
    entities: list[dict[str, Any]] = message.get("entities") or []
    typed = message.get("text") or ""
    text = "" if typed.startswith("/") else typed
    return Turn(
        text=text,
        subject_text=_without(text, [e for e in entities if e["entity"] == "section"]),
        intent=(message.get("intent") or {}).get("name") or "",
        sections=_sections(_values(entities, "section")),
        procedure_codes=_values(entities, "procedure_code"),
        dossier_codes=_values(entities, "dossier_code"),
        levels=_values(entities, "level"),
        ordinals=[int(value) for value in _values(entities, "ordinal")],
        procedure_in_hand=tracker.get_slot("procedure_code"),
        last_sections=_sections(tracker.get_slot("sections") or []),
        choices=list(tracker.get_slot("choices") or []),
    )


def _values(entities: list[dict[str, Any]], name: str) -> list[str]:
    values = (str(entity["value"]) for entity in entities if entity["entity"] == name)
    return list(dict.fromkeys(values))


def _sections(values: list[str]) -> list[SectionKey]:
    return [SectionKey(value) for value in values if value in SectionKey.__members__.values()]


def _without(text: str, spans: list[dict[str, Any]]) -> str:
    for span in sorted(spans, key=lambda s: s.get("start") or 0, reverse=True):
        if span.get("start") is not None and span.get("end") is not None:
            text = f"{text[: span['start']]} {text[span['end'] :]}"
    return " ".join(text.split())
