"""Systems whose fields are named in the configuration: which fields there are, and how a row or
object that carries them becomes a ``DossierStatus``."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import AfterValidator

from connectors.dossier import DossierStatus
from connectors.reading import text_of, time_of
from connectors.statuses import Statuses

TEXTS = ("procedure_code", "procedure_name", "agency", "fee_due", "result_place")
TIMES = ("submitted", "received", "due", "finished")
NEEDED = frozenset({"code", "status"})
FIGURES = frozenset({"agency_code", "received", "due", "finished"})
"""What a unit's figures are counted from."""
KNOWN = NEEDED | FIGURES | {"field", "status_name", "supplement", "second_factor", *TEXTS, *TIMES}
SEPARATOR = ";"  # between the papers where they stand in one text


def _known(fields: Mapping[str, str]) -> Mapping[str, str]:
    if unknown := sorted(set(fields) - KNOWN):
        raise ValueError(f"no such field: {', '.join(unknown)}")
    if missing := sorted(NEEDED - set(fields)):
        raise ValueError(f"needed: {', '.join(missing)}")
    return fields


known_fields = AfterValidator(_known)
"""Of a mapping from fields of ``DossierStatus`` to where the system keeps them."""


def papers(text: str) -> tuple[str, ...]:
    """The papers named in one text, separated by semicolons."""
    return tuple(paper.strip() for paper in text.split(SEPARATOR) if paper.strip())


def status_of(
    code: str,
    value: Callable[[str], Any],
    supplement: tuple[str, ...],
    statuses: Statuses,
    system: str,
) -> DossierStatus:
    """The status whose fields ``value(field)`` gives; a field the system lacks is None."""
    status, status_name = statuses.read(value("status"), value("status_name"))
    fields: dict[str, Any] = {name: text_of(value(name)) for name in TEXTS}
    fields |= {name: time_of(value(name)) for name in TIMES}
    return DossierStatus(
        code=code,
        status=status,
        status_name=status_name or text_of(value("status")),
        supplement=supplement,
        system=system,
        **fields,
    )
