"""Codes as they are written officially, from the folded tokens a person's spelling gave.

Dossier codes: ``H37.12-250601-0003`` (agency, day of receipt, number), with the older agency id
``000.00.04.H51``; ministries ``G09.20-20260609-0092637``; social insurance ``03706/2026/07906``.
Procedure codes: ``1.001193``, with a province's suffix ``1.001193.000.00.00.H37``.
"""

import re

_DASHED = re.compile(
    r"(?P<agency>(?:\d{3}\.\d{2}\.\d{2}\.)?[gh]\d{2}(?:\.\d{2})?)"
    r"\.(?P<day>\d{6}|\d{8})\.?(?P<number>\d{4,7})"
)


def written_form(words: list[str]) -> str:
    """The official spelling of one code, upper case."""
    joined = ".".join(words)
    dashed = _DASHED.fullmatch(joined)
    return ("-".join(dashed.groups()) if dashed else joined).upper()
