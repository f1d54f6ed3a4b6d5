"""From a system's own word or number for a state to our public status (``statuses.yml``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from connectors.dossier import PublicStatus
from connectors.reading import text_of


@cache
def _tables() -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = yaml.safe_load(
        (files("connectors") / "statuses.yml").read_text("utf-8")
    )
    return tables


@cache
def _names() -> dict[str, PublicStatus]:
    return {
        _key(name): PublicStatus(status)
        for status, names in _tables()["names"].items()
        for name in names
    }


def numbers(system: str) -> dict[str, PublicStatus]:
    """The table of ``system`` (``igate``, ``opencps``): number or word -> public status."""
    return {str(number): PublicStatus(status) for number, status in _tables()[system].items()}


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass(frozen=True)
class Statuses:
    """One system's way to say a state. ``own``: what its configuration adds, by word or number;
    ``table``: the numbers the system is known to use."""

    own: Mapping[str, PublicStatus]
    table: Mapping[str, PublicStatus]

    def read(self, number: Any, *names: Any) -> tuple[PublicStatus, str]:
        """The public status and the system's own word for it.

        The configuration decides first, then a word people see (it may stand in the number's
        place), then the number; ``unknown`` when none of them is known.
        """
        words = [word for word in map(text_of, names) if word]
        said = [*words, text_of(number)]
        own = {_key(word): status for word, status in self.own.items()}
        for table in (own, _names()):
            for word in said:
                if _key(word) in table:
                    return table[_key(word)], said[0]
        known = None if words else self.table.get(text_of(number))
        return known or PublicStatus.UNKNOWN, words[0] if words else ""
