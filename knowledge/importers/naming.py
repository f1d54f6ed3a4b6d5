"""What a file's name tells: the date its content was gathered."""

import datetime as dt
import re
from pathlib import Path

_DATE = re.compile(r"(?<!\d)(20\d\d)-(\d\d)(?:-(\d\d))?(?!\d)")


def date_in_name(path: Path) -> dt.date | None:
    """The last date in a file's name: ``list-2026-07-18.jsonl`` or ``pages-2026-07.jsonl.xz``.

    A month stands for its first day. None where the name has no date.
    """
    for year, month, day in reversed(_DATE.findall(path.name)):
        try:
            return dt.date(int(year), int(month), int(day or 1))
        except ValueError:
            continue
    return None
