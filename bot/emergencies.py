"""Emergencies: the right number at once, before anything else is asked."""

from bot.messages import emergencies, message
from knowledge.text.folding import words

_TELLING = [(tuple(words(say)), row["key"]) for row in emergencies() for say in row["say"]]


def emergency(text: str) -> str | None:
    """What to tell a person whose message (with or without diacritics) speaks of an emergency.

    None for any other message. A phrase must stand in the message word for word, so a question
    about fire-safety papers is none.
    """
    said = tuple(words(text))
    for phrase, key in _TELLING:
        span = len(phrase)
        if any(said[at : at + span] == phrase for at in range(len(said) - span + 1)):
            return message(f"emergency_answers.{key}")
    return None
