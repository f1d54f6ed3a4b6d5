"""What an action knows of the turn it serves, read from Rasa's tracker."""

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions.wishes import read_wishes
from knowledge.records import SectionKey
from knowledge.roles import Role, role_named
from knowledge.shaping import NO_WISHES, Wishes


@dataclass(frozen=True)
class Turn:
    """``text``: what the person typed, '' for a button; ``question`` lacks wishes and phrases that
    only correct ("không, ý tôi là"), ``subject_text`` lacks those and section phrases.
    ``*_in_hand``, ``last_*``, ``previous_*`` and the counts are remembered; ``told_commune`` came
    with a button, ``commune`` is known from before; ``rule`` came with a
    button too. ``role`` and the agency code and name of an
    official's unit are the gateway's word about who asks."""

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
    previous_procedure: str | None = None
    subject_in_hand: str = ""
    asked_back: int = 0
    misses: int = 0
    listing: dict[str, Any] | None = None
    filters: tuple[str, ...] = ()
    field: str | None = None
    page: int | None = None
    corrects: bool = False
    commune: str | None = None
    told_commune: str | None = None
    last_dossier: str | None = None
    dossier_in_form: str | None = None
    dossier_waits: str = ""
    open_form: str | None = None
    question: str = ""
    wishes: Wishes = NO_WISHES
    rule: str | None = None
    rule_in_hand: str = ""
    role: Role = Role.CITIZEN
    unit: str = ""
    unit_name: str = ""


def read_turn(tracker: Tracker) -> Turn:
    """The turn of the tracker's latest message."""
    message = tracker.latest_message
    entities: list[dict[str, Any]] = message.get("entities") or []
    typed = message.get("text") or ""
    text = "" if typed.startswith("/") else typed
    wishes, wish_spans = read_wishes(text, entities)
    gateway: dict[str, Any] = message.get("metadata") or {}
    told = [e for e in entities if not _within(e, wish_spans)]
    corrections = [e for e in told if e["entity"] == "correction"]
    named = [e for e in told if e["entity"] == "section"]
    return Turn(
        text=text,
        question=_without(text, [*wish_spans, *corrections]),
        subject_text=_without(text, [*wish_spans, *corrections, *named]),
        wishes=wishes,
        intent=(message.get("intent") or {}).get("name") or "",
        sections=_sections(_values(told, "section")),
        procedure_codes=_values(entities, "procedure_code"),
        dossier_codes=_values(entities, "dossier_code"),
        levels=_values(entities, "level"),
        ordinals=[int(value) for value in _values(entities, "ordinal")],
        procedure_in_hand=tracker.get_slot("procedure_code"),
        last_sections=_sections(tracker.get_slot("sections") or []),
        choices=list(tracker.get_slot("choices") or []),
        previous_procedure=tracker.get_slot("previous_procedure"),
        subject_in_hand=tracker.get_slot("subject") or "",
        asked_back=tracker.get_slot("asked_back") or 0,
        misses=tracker.get_slot("misses") or 0,
        listing=tracker.get_slot("listing"),
        filters=tuple(_values(entities, "filter")),
        field=next(iter(_values(entities, "field")), None),
        page=next((int(page) for page in _values(entities, "page")), None),
        corrects=bool(_values(entities, "correction")),
        commune=tracker.get_slot("commune"),
        told_commune=next(iter(_values(entities, "commune")), None),
        last_dossier=tracker.get_slot("last_dossier"),
        dossier_in_form=tracker.get_slot("dossier_code"),
        dossier_waits=tracker.get_slot("dossier_waits") or "",
        open_form=tracker.active_loop_name,
        rule=next(iter(_values(entities, "rule")), None),
        rule_in_hand=tracker.get_slot("rule_in_hand") or "",
        role=role_named(gateway.get("role")),
        unit=str(gateway.get("unit") or ""),
        unit_name=str(gateway.get("unit_name") or ""),
    )


def _values(entities: list[dict[str, Any]], name: str) -> list[str]:
    values = (str(entity["value"]) for entity in entities if entity["entity"] == name)
    return list(dict.fromkeys(values))


def _sections(values: list[str]) -> list[SectionKey]:
    return [SectionKey(value) for value in values if value in SectionKey.__members__.values()]


def _within(entity: dict[str, Any], spans: list[dict[str, Any]]) -> bool:
    start = entity.get("start")
    return start is not None and any(s["start"] <= start < s["end"] for s in spans)


def _without(text: str, spans: list[dict[str, Any]]) -> str:
    for span in sorted(spans, key=lambda s: s.get("start") or 0, reverse=True):
        if span.get("start") is not None and span.get("end") is not None:
            text = f"{text[: span['start']]} {text[span['end'] :]}"
    return " ".join(text.split())
