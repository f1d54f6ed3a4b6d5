"""What fills the forms: a dossier's code, the person's commune. Rasa runs the forms themselves
(``domain.yml``); a form that gets nothing steps aside for the rule of what was said."""

import re
from typing import Any

from actions.turn import Turn
from connectors.codes import CodeFault, ReadCode, read_codes, read_digits
from knowledge.places import communes, places_named
from knowledge.text.folding import words

DIGITS_OF_A_TRY = 3
GIVEN = "given"
REFERS_BACK = frozenset({"do", "ay", "nay", "kia", "cu", "truoc"})
"""Words behind "hồ sơ" that mean the dossier of before, folded."""


def dossier_slots(turn: Turn) -> dict[str, Any]:
    """The code for the form's slot; None asks again; nothing lets another rule answer."""
    if codes := read_codes(_typed(turn)):
        return {"dossier_code": ", ".join(code.code for code in codes)}
    if turn.last_dossier and _refers_back(turn.text):
        return {"dossier_code": turn.last_dossier}
    if turn.open_form and len(re.findall(r"\d", turn.text)) >= DIGITS_OF_A_TRY:
        return {"dossier_code": turn.text}
    return {"dossier_code": None} if turn.intent == "dossier_status" else {}


def dossier_codes(turn: Turn, slot: str | None) -> list[ReadCode]:
    """The codes to look up: those typed now, else what the form was filled with."""
    typed = read_codes(_typed(turn)) or read_codes(slot or "")
    if not typed and slot:
        return [ReadCode(slot, CodeFault.SHAPE)]
    return typed


def digits_slots(turn: Turn) -> dict[str, Any]:
    """That the second factor was given, never its digits: slots are stored. None asks again;
    nothing lets another rule answer."""
    if turn.open_form == "digits_form" and read_digits(turn.text):
        return {"dossier_digits": GIVEN}
    if read_codes(turn.text):
        return {}
    several = len(re.findall(r"\d", turn.text)) >= DIGITS_OF_A_TRY
    return {"dossier_digits": None} if several and turn.open_form == "digits_form" else {}


def commune_slots(turn: Turn) -> dict[str, Any]:
    """The commune's code; None asks which of several, or again; nothing lets another rule answer.

    A question, or a refusal, is no commune.
    """
    if turn.told_commune in communes():
        return {"commune": turn.told_commune}
    found = places_named(turn.text) if turn.text and not turn.sections else []
    if len(found) == 1:
        return {"commune": found[0].code}
    return {"commune": None} if found else {}


def _typed(turn: Turn) -> str:
    return turn.text or " ".join(turn.dossier_codes)


def _refers_back(text: str) -> bool:
    said = words(text)
    pairs = zip(said, said[1:], said[2:], strict=False)
    return any(a == "ho" and b == "so" and c in REFERS_BACK for a, b, c in pairs)
