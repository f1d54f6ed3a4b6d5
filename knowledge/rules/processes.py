"""Internal processes (quy trình nội bộ): a procedure's steps, who does them, in how many hours.

They are read from tables of rule documents whose head names a step and a time; the text around the
table carries the procedure's code.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.rules.records import PartKind
from knowledge.rules.versions import Provision
from knowledge.rules.words import load as asking
from knowledge.rules.words import spoken
from knowledge.text.folding import words

CODE = re.compile(r"\b\d\.\d{6}\b")
_NAMED = re.compile(r"(?:Quy trình nội bộ)?(?:\s*thủ tục)?\s*(.+?)\s*(?:\(mã .*)?$", re.I)
HOURS_A_DAY = 8
LEAST_OF_QUESTION = 0.6  # of its words that are in any name, by rarity, must be in this one
NAMED_BY_CATALOGUE = 0.5  # what the catalogue understands counts besides
LEAST_OF_NAME = 0.2  # share of the name that a question must speak of
_COLUMNS = {
    "number": ("buoc", "tt", "stt"),
    "what": ("noi dung", "cong viec", "trinh tu"),
    "who": ("nguoi", "trach nhiem", "don vi", "thuc hien"),
    "hours": ("thoi gian", "thoi han", "gio"),
    "form": ("bieu mau", "ket qua", "san pham"),
}


@dataclass(frozen=True)
class Step:
    """One row of the table as it stands; ``hours`` are working hours where the cell is a number."""

    number: str
    what: str
    who: str
    time: str
    hours: float | None
    form: str


@dataclass(frozen=True)
class Process:
    """The internal process of the procedure ``code``."""

    code: str
    name: str
    provision: Provision
    steps: tuple[Step, ...]

    @property
    def hours(self) -> float | None:
        """Working hours of all steps, None where one tells none."""
        told = [step.hours for step in self.steps]
        return None if None in told else sum(hour for hour in told if hour is not None)

    def asked_steps(self, text: str) -> list[Step]:
        """The steps that ``text`` asks about by words that name them; may be none. A step that
        begins with the word goes before those that only have it."""
        said = spoken(text)
        found: list[Step] = []
        for wanted in [word for cues, word in asking().step_words if cues.stand_in(said)]:
            told = [(f"{_deed(step)} ", step) for step in self.steps]
            begin = [step for deed, step in told if deed.startswith(f"{wanted} ")]
            found += begin or [step for deed, step in told if f" {wanted} " in deed]
        return [step for step in self.steps if step in found]


def _deed(step: Step) -> str:
    """The folded words of a step's work; "đăng ký" is no signing."""
    return spoken(step.what).replace("dang ky", "")


def processes(units: Iterable[Provision]) -> list[Process]:
    """Every process in the provisions, in their order."""
    found = []
    for unit in units:
        steps = [
            step for part in unit.parts if part.kind is PartKind.TABLE for step in _steps(part.text)
        ]
        code = CODE.search(unit.text)
        if steps and code:
            found.append(Process(code.group(), _name(unit), unit, tuple(steps)))
    return found


def _name(unit: Provision) -> str:
    """The procedure's name out of "Quy trình nội bộ thủ tục NAME (mã thủ tục ...)"."""
    named = _NAMED.match(unit.heading)
    return named.group(1).strip() if named else unit.heading


def _steps(table: str) -> list[Step]:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()
    ]
    rows = [row for row in rows if any(row) and not all(set(cell) <= set("-: ") for cell in row)]
    if len(rows) < 2:
        return []
    at = _columns(rows[0])
    if not {"what", "who", "hours"} <= at.keys():
        return []
    return [_step(row, at) for row in rows[1:]]


def _columns(head: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(head):
        said = spoken(cell)
        for name, signs in _COLUMNS.items():
            if name not in found and any(sign in said for sign in signs):
                found[name] = position
                break
    return found


def _step(row: Sequence[str], at: dict[str, int]) -> Step:
    def cell(name: str) -> str:
        position = at.get(name, len(row))
        return row[position] if position < len(row) else ""

    time = cell("hours")
    number = re.match(r"\s*(\d+(?:[.,]\d+)?)\s*(ngày)?", time)
    hours = None
    if number:
        hours = float(number.group(1).replace(",", ".")) * (HOURS_A_DAY if number.group(2) else 1)
    return Step(cell("number"), cell("what"), cell("who"), time, hours, cell("form"))


def asked_process(
    text: str, fuller: str, found: Sequence[Process], codes: Sequence[str]
) -> Process | None:
    """The process that ``text`` asks about: by code, or by its own name and the procedures that the
    catalogue understands (``codes``), among the words of ``fuller`` (the question with
    what it stands for). None where it asks of no process."""
    if not asking().process_cues.stand_in(spoken(text)):
        return None
    by_code = {process.code: process for process in found}
    for code in CODE.findall(text):
        if code in by_code:
            return by_code[code]
    said = set(words(fuller))
    names = [frozenset(words(process.name)) - _COMMON for process in found]
    counts = Counter(word for name in names for word in name)
    rarity = {word: math.log((len(names) + 1) / n) for word, n in counts.items()}

    def weight(chosen: Iterable[str]) -> float:
        return sum(rarity[word] for word in chosen)

    asked = said & rarity.keys()
    scores = [
        (weight(name & asked) / (weight(asked) or 1), weight(name & asked) / (weight(name) or 1))
        for name in names
    ]

    def order(at: int) -> float:
        return 2 * scores[at][0] + scores[at][1] + (NAMED_BY_CATALOGUE * (found[at].code in codes))

    best = max(range(len(found)), key=order, default=None)
    if best is None or scores[best][0] < LEAST_OF_QUESTION or scores[best][1] < LEAST_OF_NAME:
        return None
    return found[best]


_COMMON = frozenset(words("quy trình nội bộ thủ tục và các của cho"))
