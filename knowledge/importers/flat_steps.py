"""The steps of a procedure (trình tự thực hiện): running text, cut at "Bước 1", "Bước 2", ...

A step starts where "Bước" and a number begin a line, or follow the end of a sentence and count on
from the step before. What stands before the first step, or a whole text without steps, is one step
without a name. A line ending in ":" before a count that starts anew, or the words before "Bước 1:"
in its own line, head the steps after them and stand as a step without a name.
"""

import re
from dataclasses import dataclass

from knowledge.importers.pieces import Cover, Piece
from knowledge.records import Step

_STEP = re.compile(
    r"(?P<lead>(?:\A|\n)[ \t]*(?:[-+*•]|[a-zđ][.)]|\(?\d+(?:\.\d+)*[.)]?)?[ \t]*)?"
    r"(?P<label>(?:[a-zđ]\)[ \t]*|-[ \t]*)?Bước[ \t]+(?P<number>\d{1,2})\b(?P<colon>[ \t]?[:.])?)"
)
_ENDS_SENTENCE = re.compile(r"[.;:)]\s*$")
_HEADING_LINE = re.compile(r"\n([^\n]{2,300}:)[ \t]*$")
_LONGEST_HEADING = 600


@dataclass(frozen=True)
class _Start:
    """A step's label, and where the heading before it starts (its own start: no heading)."""

    heading: int
    start: int
    end: int
    number: int


def parse_steps(text: str) -> tuple[list[Step], list[Piece]]:
    """Steps in order, and the pieces of the whole text."""
    cover = Cover(text)
    steps: list[Step] = []
    starts = _starts(text)
    _unnamed(cover, steps, 0, starts[0].heading if starts else len(text))
    ends = [start.heading for start in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends, strict=False):
        _unnamed(cover, steps, start.heading, start.start)
        label = cover.add("step", start.start, start.end)
        body = cover.add("text", start.end, end)
        steps.append(Step(name=label.rstrip(" .:").lstrip("-+*• "), text=body))
    return steps, cover.whole()


def _unnamed(cover: Cover, steps: list[Step], start: int, end: int) -> None:
    text = cover.add("text", start, end)
    if text:
        steps.append(Step(text=text))


def _starts(text: str) -> list[_Start]:
    found: list[_Start] = []
    for match in _STEP.finditer(text):
        number = int(match.group("number"))
        previous = found[-1].number if found else 0
        start = match.start() if match.group("lead") is not None else match.start("label")
        line = text.rfind("\n", found[-1].end if found else 0, start)
        line = line if line >= 0 else (found[-1].end if found else 0)
        if match.group("lead") is not None:
            heading = start if number > previous else _heading_line(text, start)
        elif number == previous + 1 and found and _ENDS_SENTENCE.search(text[start - 3 : start]):
            heading = start
        elif _heads_anew(match, number) and start - line <= _LONGEST_HEADING:
            heading = line
        else:
            continue
        found.append(_Start(heading, start, match.end(), number))
    return found


def _heads_anew(match: re.Match[str], number: int) -> bool:
    """ "Trường hợp B: a) Bước 1. ..." within a line starts a count with its heading."""
    return number == 1 and match.group("colon") is not None


def _heading_line(text: str, start: int) -> int:
    before = _HEADING_LINE.search(text, max(0, start - _LONGEST_HEADING - 2), start)
    return before.start() if before else start
