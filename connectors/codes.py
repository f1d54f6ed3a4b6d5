"""Read dossier codes as people type them; say what looks wrong where one cannot be right.

Forms (TT 03/2025/TT-VPCP; agency ids: QĐ 20/2020/QĐ-TTg, amended by QĐ 09/2025/QĐ-TTg):
``H37.12-250601-0003`` (agency, day of receipt yymmdd, serial of the day); the older agency id
``000.00.04.H51-200221-0001``; ministries ``G09.20-20260609-0092637`` (yyyymmdd, up to 7 digits);
social insurance ``03706/2026/07906`` (serial, year, agency).
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from connectors.dossier import TIMEZONE

_DASHES = re.compile("[\u2010-\u2015\u2212_]")
_AGENCY = r"(?:\d{3}\.\d{2}\.\d{2}\.)?[GH]\d{2}(?:\.[0-9A-Z]{2,3}){0,4}"
_CODE = re.compile(rf"(?P<agency>{_AGENCY})-(?P<day>\d{{6}}|\d{{8}})-(?P<serial>\d{{4,7}})")
_INSURANCE = re.compile(r"\d{5}/(?P<year>20\d{2})/\d{5}")
# What a person meant as a code: an agency letter with digits, then digits, dots, dashes, blanks.
_ATTEMPT = re.compile(
    r"(?<![0-9A-Z])(?<!\d\.)(?:[0O]{3}[ .\-]*[0-9O]{2}[ .\-]*[0-9O]{2}[ .\-]*)?"
    r"[GH][ .\-]?[0-9OIL]{1,3}(?:[ .\-/]+[0-9OIL]+|(?<=[0-9OIL])[0-9OIL]){1,24}(?![0-9A-Z])"
)
_INSURANCE_ATTEMPT = re.compile(
    r"(?<![0-9A-Z/])[0-9O]{3,7} ?/ ?[0-9O]{2,4} ?/ ?[0-9O]{3,7}(?![0-9A-Z/])"
)
_FOREIGN = re.compile(r"(?<![0-9A-Z])[A-FI-Z]\d{2}(?:\.\d{2,3}){0,3}-\d{6,8}-\d{4,7}(?![0-9A-Z])")
_NUMBER = re.compile(r"[0-9](?:[ .\-]?[0-9])*")
_LOOKALIKES = str.maketrans("OIL", "011")
DIGITS = 4
"""How many of an identity or phone number are asked for as a second factor: the last ones."""
_FEWEST_DIGITS = 8
_FEWEST_AFTER_AGENCY = 4
_FIRST_YEAR = 2010  # one-stop software with such codes is no older


class CodeFault(StrEnum):
    """The part of a code that cannot be right."""

    AGENCY = "agency"
    DAY = "day"
    FUTURE = "future"
    SERIAL = "serial"
    SHAPE = "shape"


@dataclass(frozen=True)
class ReadCode:
    """``code``: the official spelling, or what was typed where ``fault`` says what is wrong."""

    code: str
    fault: CodeFault | None = None

    @property
    def prefix(self) -> str:
        """What tells the system that holds it: ``H37``, ``G09``; ``BHXH`` for social insurance."""
        if "/" in self.code:
            return "BHXH"
        found = re.search(r"[GH]\d{2}", self.code)
        return found.group() if found else ""

    @property
    def batch(self) -> str:
        """What the codes of one unit and day (or year) share; their serials can be guessed."""
        if "/" in self.code:
            return self.code.partition("/")[2]
        return self.code.rpartition("-")[0]


def read_codes(text: str, today: dt.date | None = None) -> list[ReadCode]:
    """Every dossier code in ``text``, in order, each once; right ones and near misses alike."""
    day = today or dt.datetime.now(TIMEZONE).date()
    upper = _DASHES.sub("-", unicodedata.normalize("NFC", text).upper())
    spans = [(m.start(), m.group(), _read) for m in _ATTEMPT.finditer(upper)]
    spans += [(m.start(), m.group(), _read_insurance) for m in _INSURANCE_ATTEMPT.finditer(upper)]
    found = [read(typed, day) for _, typed, read in sorted(spans, key=lambda span: span[0])]
    found += [ReadCode(m.group(), CodeFault.AGENCY) for m in _FOREIGN.finditer(upper)]
    return list(dict.fromkeys(code for code in found if code is not None))


def read_digits(text: str) -> str | None:
    """The four digits of a second factor, spaced or not; None where there are none, or others."""
    numbers = [re.sub(r"\D", "", number) for number in _NUMBER.findall(text)]
    longest = [number for number in numbers if len(number) >= DIGITS]
    fits = len(longest) == 1 and len(longest[0]) == DIGITS and not read_codes(text)
    return longest[0] if fits else None


def _read(typed: str, today: dt.date) -> ReadCode | None:
    agency, rest = _split_agency(typed)
    digits = re.findall(r"\d+", rest.translate(_LOOKALIKES))
    few = len(re.findall(r"\d", typed.translate(_LOOKALIKES))) < _FEWEST_DIGITS
    if few or len("".join(digits)) < _FEWEST_AFTER_AGENCY:
        return None  # "H37", "H5 2025": no code was meant
    return _assemble(agency, digits, typed, today)


def _split_agency(typed: str) -> tuple[str, str]:
    """The agency as typed, tidied (``000.00.04.H51``, ``H37``), and what follows it."""
    head = re.match(r"([0-9OIL .\-]*)([GH])[ .\-]?([0-9OIL]{2})", typed)
    if head is None:
        return "", typed
    older = re.sub(r"\D", "", head.group(1).translate(_LOOKALIKES))
    agency = head.group(2) + head.group(3).translate(_LOOKALIKES)
    if len(older) == 7:
        agency = f"{older[:3]}.{older[3:5]}.{older[5:]}.{agency}"
    return agency, typed[head.end() :]


def _assemble(agency: str, digits: list[str], typed: str, today: dt.date) -> ReadCode:
    """Put the runs of digits after the agency's letter back into units, day and serial."""
    if not agency:
        return ReadCode(" ".join(typed.split()), CodeFault.AGENCY)
    most = _leading_units(digits)
    if len(digits) == most + 2 and len(digits[most]) in (6, 8):  # as written, no other way
        readings = [_reading(agency, digits, most)]
    else:
        readings = [_reading(agency, digits, units) for units in range(most, -1, -1)]
        joined, *rest = digits  # the unit may stand right before the day
        readings.append(_reading(agency, [joined[:2], joined[2:], *rest], 1))
    faults = [_fault(*reading, today) for reading in readings]
    if None in faults:
        return ReadCode(readings[faults.index(None)][0])
    return ReadCode(" ".join(typed.split()), faults[0])


def _leading_units(digits: list[str]) -> int:
    """How many runs may be units of the agency: two or three digits each, at most four."""
    count = 0
    while count < min(4, len(digits) - 1) and len(digits[count]) in (2, 3):
        count += 1
    return count


def _reading(agency: str, digits: list[str], units: int) -> tuple[str, str, str]:
    """The code, its day and its serial, when the first ``units`` runs belong to the agency."""
    day, serial = _day_and_serial(digits[units:])
    return f"{'.'.join([agency, *digits[:units]])}-{day}-{serial}", day, serial


def _day_and_serial(digits: list[str]) -> tuple[str, str]:
    if len(digits) == 2 and len(digits[0]) in (6, 8):
        return digits[0], digits[1]
    joined = "".join(digits)
    long_day = re.match(r"20\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])", joined)
    length = 8 if long_day and len(joined) >= 12 else 6
    return joined[:length], joined[length:]


def _fault(code: str, day: str, serial: str, today: dt.date) -> CodeFault | None:
    if len(day) not in (6, 8):
        return CodeFault.DAY
    try:
        full = day if len(day) == 8 else f"20{day}"
        received = dt.datetime.strptime(full, "%Y%m%d").replace(tzinfo=TIMEZONE).date()
    except ValueError:
        return CodeFault.DAY
    if received > today + dt.timedelta(days=1):
        return CodeFault.FUTURE
    if received.year < _FIRST_YEAR:
        return CodeFault.DAY
    if not 4 <= len(serial) <= 7:
        return CodeFault.SERIAL
    return None if _CODE.fullmatch(code) else CodeFault.SHAPE


def _read_insurance(typed: str, today: dt.date) -> ReadCode | None:
    code = re.sub(r"\s", "", typed).translate(_LOOKALIKES)
    serial, year, agency = code.split("/")
    if len(serial) <= 2 or (len(year) == 2 and len(agency) == 4):
        return None  # a date
    if len(serial) != 5:
        return ReadCode(code, CodeFault.SERIAL)
    if len(agency) != 5:
        return ReadCode(code, CodeFault.AGENCY)
    whole = _INSURANCE.fullmatch(code)
    if whole is None or int(whole["year"]) < _FIRST_YEAR:
        return ReadCode(code, CodeFault.DAY)
    return ReadCode(code, CodeFault.FUTURE if int(whole["year"]) > today.year else None)
