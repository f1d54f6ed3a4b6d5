"""Read single values out of a system's reply, whatever type it sends: never raises."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

import jmespath
from pydantic import AfterValidator

from connectors.dossier import TIMEZONE

LONGEST_TEXT = 500  # characters; a status line has no use for more
_FEWEST_DIGITS = 9  # of an identity or phone number
_FORMATS = (
    "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%Y%m%d%H%M%S", "%Y%m%d",
)  # fmt: skip


def _compiled(expression: str) -> str:
    if expression:
        jmespath.compile(expression)  # ParseError is a ValueError: pydantic tells it with its place
    return expression


Path = Annotated[str, AfterValidator(_compiled)]
"""A JMESPath expression in a configuration; '' leads nowhere."""


def search(value: Any, path: str) -> Any:
    """What a JMESPath leads to in ``value``; None where it leads nowhere or does not fit."""
    try:
        return jmespath.search(path, value) if path else None
    except jmespath.exceptions.JMESPathError:
        return None


def texts_at(value: Any, path: str) -> tuple[str, ...]:
    """The texts that a JMESPath leads to in ``value``, each once; a lone text counts as one."""
    found = search(value, path)
    texts = map(text_of, found if isinstance(found, list) else [found])
    return tuple(dict.fromkeys(text for text in texts if text))


def ends_with(digits: str | None, numbers: Iterable[Any]) -> bool:
    """Whether ``digits`` (a second factor) end one of the applicant's numbers; compared here,
    kept nowhere. True where no second factor is asked."""
    known = map(text_of, numbers)
    return digits is None or any(n.endswith(digits) for n in known if len(n) >= _FEWEST_DIGITS)


def text_of(value: Any) -> str:
    """A text or number as one line, '' for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())[:LONGEST_TEXT]


def time_of(value: Any) -> dt.datetime | None:
    """A time in one of the systems' spellings (``+0700`` without a colon too), aware; or None.

    Times without an offset are Vietnam's. A ``datetime`` or ``date`` is taken as it is.
    """
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=TIMEZONE)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), TIMEZONE)
    written = text_of(value)
    for form in _FORMATS if written else ():
        try:
            found = dt.datetime.strptime(written, form)
        except ValueError:
            continue
        return found.astimezone(TIMEZONE) if found.tzinfo else found.replace(tzinfo=TIMEZONE)
    return None


def at(value: Any, *path: str | int) -> Any:
    """The value at ``path`` of nested objects and lists, None where there is none."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and len(value) > step:
            value = value[step]
        else:
            return None
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; a lone object counts as a list of one; nothing else counts."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]
