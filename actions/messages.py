"""The actions' Vietnamese texts, from ``messages.yml``."""

from functools import cache
from importlib.resources import files

import yaml


@cache
def _texts() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((files("actions") / "messages.yml").read_text("utf-8"))
    return loaded


def say(key: str, **values: object) -> str:
    """The text ``key`` with its placeholders filled."""
    return _texts()[key].format(**values)
