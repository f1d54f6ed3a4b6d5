"""What a dossier's code alone may tell, and the protocol every dossier system is asked by.

The fields of ``DossierStatus`` are the allow-list: a connector reads these from its system and
nothing else, so names, identity numbers, addresses, files and officers never enter the assistant.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

TIMEZONE = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")


class PublicStatus(StrEnum):
    """The ten states of the national portal (TrangThaiHoSo 1-10), and ``unknown`` for a state
    that the system's table does not map."""

    REGISTERED = "registered"
    RECEIVED = "received"
    REFUSED = "refused"
    PROCESSING = "processing"
    SUPPLEMENT = "supplement"
    PAYMENT = "payment"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    FINISHED = "finished"
    RETURNED = "returned"
    UNKNOWN = "unknown"


NATIONAL = dict(zip(map(str, range(1, 11)), PublicStatus, strict=False))
"""TrangThaiHoSo of the national portal -> public status."""

ENDED = frozenset(
    {PublicStatus.REFUSED, PublicStatus.WITHDRAWN, PublicStatus.STOPPED, PublicStatus.RETURNED}
)
"""States after which nothing more happens to a dossier."""


@dataclass(frozen=True)
class DossierStatus:
    """Where a dossier stands. Times are aware (UTC+7); a field the system does not tell is empty.

    ``status_name`` is the system's own word, shown when ``status`` is ``unknown``;
    ``supplement`` names the papers that are asked for; ``fee_due`` is the amount still to pay, as
    the system writes it; ``system`` names the connector that answered.
    """

    code: str
    status: PublicStatus
    status_name: str = ""
    procedure_code: str = ""
    procedure_name: str = ""
    agency: str = ""
    submitted: dt.datetime | None = None
    received: dt.datetime | None = None
    due: dt.datetime | None = None
    finished: dt.datetime | None = None
    supplement: tuple[str, ...] = ()
    fee_due: str = ""
    result_place: str = ""
    system: str = ""


@dataclass(frozen=True)
class NotFound:
    """No such dossier, or none that may be shown: the two are never told apart."""


@dataclass(frozen=True)
class Unavailable:
    """The system could not be asked. ``reason`` is one word for logs: ``timeout``, ``refused``,
    ``unauthorised``, ``rate_limited``, ``status_500``, ``garbage``, ``open`` (circuit)."""

    system: str
    reason: str


@dataclass(frozen=True)
class Elsewhere:
    """No connected system holds codes of this agency."""


Found = DossierStatus | NotFound | Unavailable | Elsewhere


SOON = dt.timedelta(days=3)
"""How near the appointment of ``Counts.due_in_3_days`` is."""


@dataclass(frozen=True)
class Counts:
    """How one unit stands in a period: numbers, never names or codes. ``on_time``: None where the
    system does not tell; ``by_field``: the same by field of procedures, empty where it does not."""

    received: int
    on_time: int | None
    overdue: int
    due_in_3_days: int
    by_field: Mapping[str, "Counts"] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        """Both together, field by field."""
        known = self.on_time is not None and other.on_time is not None
        both = dict(self.by_field)
        for name, counts in other.by_field.items():
            both[name] = both[name] + counts if name in both else counts
        return Counts(
            self.received + other.received,
            (self.on_time or 0) + (other.on_time or 0) if known else None,
            self.overdue + other.overdue,
            self.due_in_3_days + other.due_in_3_days,
            both,
        )


class Connector(Protocol):
    """One dossier system. Raises nothing but ``SystemFailure``; the registry does the rest."""

    name: str

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """The dossier with this code (official spelling, see ``codes``). ``second_factor``: the
        last four digits of the applicant's identity or phone number, checked by the system."""

    async def overdue(self, agency: str) -> int:
        """For officials: how many dossiers of the agency are late."""

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """For officials: the agency's figures of a period, both days included."""

    async def close(self) -> None:
        """Gives back connections and files."""


NOT_OFFERED = "not_offered"
"""Reason of a SystemFailure: the system cannot tell this, now or later."""


class SystemFailure(Exception):
    """The system failed. ``reason`` as in ``Unavailable``; ``again``: asking once more is safe
    and may help."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
