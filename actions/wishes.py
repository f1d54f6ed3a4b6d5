"""Wishes about the form of an answer, read from what was said ("ngắn thôi", "bỏ qua phần...")."""

import re
from collections.abc import Sequence
from typing import Any

from knowledge.records import SectionKey
from knowledge.shaping import Wishes
from knowledge.text.folding import tokens, words

END = re.compile(r"[.,;:!?\n]")
LONGEST = 8  # words that name what is left out
ENDINGS = frozenset(
    words("cho toi em minh nhe nha giup thi voi di thoi a khong roi va con chi can hoi de")
)
Entity = dict[str, Any]


def read_wishes(text: str, entities: Sequence[Entity]) -> tuple[Wishes, list[Entity]]:
    """The wishes in ``text``, and the spans (``start``, ``end``) that tell them.

    A section named behind "không cần phần" is left out, and is among the spans.
    """
    said = [entity for entity in entities if entity["entity"] == "wish"]
    values = {entity["value"] for entity in said}
    spans = [entity for entity in said if entity["value"] != "without"]
    cases: list[str] = []
    sections: set[SectionKey] = set()
    for entity in said:
        if entity["value"] != "without" or entity.get("end") is None:
            continue
        named = _named(entities, entity["end"])
        end = named["end"] if named else _end(text, entity["end"])
        if named:
            sections.add(SectionKey(named["value"]))
        elif phrase := text[entity["end"] : end].strip():
            cases.append(phrase)
        spans.append({"start": entity["start"], "end": end})
    wishes = Wishes(
        brief="brief" in values,
        full="full" in values,
        legal_basis="with_legal_basis" in values,
        online_link="online_link" in values,
        without=tuple(cases),
        without_sections=frozenset(sections),
    )
    return wishes, spans


def _named(entities: Sequence[Entity], at: int) -> Entity | None:
    """The section that is named right behind ``at``."""
    behind = (e for e in entities if e["entity"] == "section" and e.get("start") is not None)
    return next((entity for entity in behind if 0 <= entity["start"] - at <= 1), None)


def _end(text: str, start: int) -> int:
    """Where the words that name a case end."""
    sign = END.search(text, start)
    end = sign.start() if sign else len(text)
    behind = [(word, first, last) for word, first, last in tokens(text) if start <= first < end]
    for count, (word, first, last) in enumerate(behind):
        if word in ENDINGS and count:
            return first
        if count + 1 == LONGEST:
            return last
    return end
