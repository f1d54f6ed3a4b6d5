"""The knowledge part's Vietnamese texts, from ``messages.yml``."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def messages() -> dict[str, Any]:
    """All texts; groups are mappings, single texts are strings."""
    text = (files("knowledge") / "messages.yml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
