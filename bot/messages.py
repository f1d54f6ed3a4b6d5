"""The gateway's text catalogue, ``messages.yml``: everything it says to a person."""

from pathlib import Path
from typing import Any

import yaml

_CATALOGUE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("messages.yml").read_text(encoding="utf-8")
)


def message(key: str, **fields: object) -> str:
    """The text at dotted ``key`` (``answers.erased``) with its ``{fields}`` filled in.

    Raises KeyError for an unknown key or a field that was not given.
    """
    found: Any = _CATALOGUE
    for part in key.split("."):
        found = found[part]
    return str(found).format(**fields)


def messages(key: str) -> list[str]:
    """The list of texts at top-level ``key``."""
    return [str(text) for text in _CATALOGUE[key]]


def emergencies() -> list[dict[str, Any]]:
    """``key`` of the answer and the phrases (``say``) of each kind of emergency."""
    found: list[dict[str, Any]] = _CATALOGUE["emergencies"]
    return found


def texts(key: str) -> dict[str, str]:
    """The texts of one part of the catalogue (``page``) by name, fields not filled in."""
    return {name: str(text) for name, text in _CATALOGUE[key].items()}
