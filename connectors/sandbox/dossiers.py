"""The made-up dossiers: 500, in all ten states, the same for the same day."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from connectors.dossier import ENDED, TIMEZONE, PublicStatus

COUNT = 500
MINISTRY_EVERY = 8  # one in eight belongs to a ministry and is told by the national adapter
STATES = [status for status in PublicStatus if status is not PublicStatus.UNKNOWN]
FIXED_DAY = dt.date(2026, 6, 1)
FIXED_UNIT = "12"
UNRECEIVED = (PublicStatus.REGISTERED, PublicStatus.REFUSED)
DONE = ENDED | {PublicStatus.FINISHED}


@dataclass(frozen=True)
class Dossier:
    """One made-up dossier, with the personal data that a real system would also hand out."""

    code: str
    status: PublicStatus
    procedure: dict[str, Any]
    unit: str
    unit_name: str
    submitted: dt.datetime
    due: dt.datetime | None
    finished: dt.datetime | None
    number: int

    @property
    def identity(self) -> str:
        return f"{self.number:012d}"

    @property
    def sector(self) -> str:
        """The field of its procedure, as the sandbox's iGate numbers them."""
        return str(samples()["sectors"].index(self.procedure["field"]))

    @property
    def phone(self) -> str:
        return f"0900{self.number:06d}"

    @property
    def is_national(self) -> bool:
        return self.code.startswith("G")


@cache
def samples() -> dict[str, Any]:
    """The catalogue of what the dossiers are about."""
    found: dict[str, Any] = yaml.safe_load((files(__package__) / "samples.yml").read_text("utf-8"))
    return found


def made_dossiers(today: dt.date) -> dict[str, Dossier]:
    """All dossiers by code. The first ten, one in each state, have codes that never change:
    ``H37.12-260601-0001`` (registered) to ``-0010`` (returned)."""
    rng = random.Random(20260601)  # noqa: S311 - made-up data, no secret
    return {d.code: d for d in (_make(number, today, rng) for number in range(1, COUNT + 1))}


def _make(number: int, today: dt.date, rng: random.Random) -> Dossier:
    status = STATES[(number - 1) % len(STATES)]
    procedure = rng.choice(samples()["procedures"])
    age, left = rng.randint(0, 60), rng.randint(-5, 15)
    fixed = number <= len(STATES)
    day = FIXED_DAY if fixed else today - dt.timedelta(days=age)
    unit = FIXED_UNIT if fixed else rng.choice(sorted(samples()["units"]))
    submitted = dt.datetime.combine(day, dt.time(8, number % 60), TIMEZONE)
    due: dt.datetime | None = dt.datetime.combine(
        today + dt.timedelta(days=left), dt.time(17), TIMEZONE
    )
    if status in DONE:
        due = submitted + dt.timedelta(days=procedure["days"] + 2)
    if status in UNRECEIVED:
        due = None
    finished = submitted + dt.timedelta(days=procedure["days"]) if status in DONE else None
    national = not fixed and number % MINISTRY_EVERY == 0
    ministry = samples()["ministry"]
    code = f"H37.{unit}-{day:%y%m%d}-{number:04d}"
    if national:
        code = f"{ministry['code']}-{day:%Y%m%d}-{number:07d}"
    return Dossier(
        code, status, procedure, ministry["code"] if national else f"H37.{unit}",
        ministry["name"] if national else samples()["units"][unit],
        submitted, due, finished, number,
    )  # fmt: skip


def unpaid(dossier: Dossier) -> str:
    """The fee still to pay, '' where there is none."""
    return (
        dossier.procedure["fee"] or "10.000 đồng" if dossier.status is PublicStatus.PAYMENT else ""
    )


def wanted(dossier: Dossier) -> Iterator[str]:
    """The papers that are asked for."""
    if dossier.status is PublicStatus.SUPPLEMENT:
        yield from dossier.procedure["papers"]
