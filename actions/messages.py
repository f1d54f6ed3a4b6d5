"""The actions' Vietnamese texts, from ``messages.yml``."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((files("actions") / "messages.yml").read_text("utf-8"))
    return loaded


def say(key: str, **values: object) -> str:
    """The text ``key`` with its placeholders filled."""
    return str(_texts()[key]).format(**values)


def sayings(key: str) -> list[str]:
    """The ways to say ``key``, to be taken in turn."""
    return [str(way) for way in _texts()[key]]
