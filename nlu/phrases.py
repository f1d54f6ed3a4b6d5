"""Read ``nlu/data/entities.yml``: spaCy patterns written the way a person reads them.

A phrase is folded words. ``(a|b c|)`` is one of several, an empty one makes it optional;
``{name}`` stands for the alternatives of that name under ``words:``; ``^`` and ``$`` are the
beginning and the end of the message; ``/.../`` is one token matched by a regular expression.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml

from knowledge.text.folding import tokens as fold_tokens

_LEXEME = re.compile(r"/\S+/|[()|]|[^\s()|]+")
_NAME = re.compile(r"\{([a-z]\w*)\}")
Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Phrase:
    """One way to say ``value`` of ``entity``; a token ``/.../`` is a regular expression."""

    entity: str
    value: str
    tokens: Tokens

    @property
    def is_plain(self) -> bool:
        return not any(token.startswith("/") for token in self.tokens)


def _alternatives(lexemes: list[str]) -> list[Tokens]:
    """Consume ``a b | c`` up to a closing parenthesis or the end."""
    found: list[Tokens] = []
    sequence: list[list[Tokens]] = []

    def close() -> None:
        found.extend(tuple(t for part in chosen for t in part) for chosen in product(*sequence))

    while lexemes:
        lexeme = lexemes.pop(0)
        if lexeme == ")":
            break
        if lexeme == "|":
            close()
            sequence = []
        elif lexeme == "(":
            sequence.append(_alternatives(lexemes))
        else:
            sequence.append([(lexeme,)])
    close()
    return found


def expand(phrase: str, words: dict[str, str]) -> list[Tokens]:
    """All token sequences of ``phrase``, in order, without repeats.

    Raises ``KeyError`` for a ``{name}`` that ``words`` does not hold.
    """
    while _NAME.search(phrase):
        phrase = _NAME.sub(lambda match: f"({words[match.group(1)]})", phrase)
    return list(dict.fromkeys(_alternatives(_LEXEME.findall(phrase))))


def read_phrases(path: Path) -> Iterator[Phrase]:
    """Every phrase of the data file, expanded."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = data["words"]
    for entity, values in data["entities"].items():
        for value, phrases in values.items():
            for phrase in phrases:
                for tokens in expand(phrase, words):
                    yield Phrase(entity, str(value), tokens)


def read_fields(path: Path) -> Iterator[Phrase]:
    """How people name the catalogue's fields (``everyday/fields.yml``); the label is the value."""
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        for text in dict.fromkeys([row["label"], *row["say"]]):
            tokens = tuple(word for word, _, _ in fold_tokens(text))
            yield Phrase("field", row["label"], tokens)
