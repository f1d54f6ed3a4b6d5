"""Write ``docs/performance.md``: ``python -m benchmarks.report``, about fifteen minutes.

Runs the benchmarks one after the other on the catalogue and index in force, on an idle machine.
Paths given as arguments are imported and indexed in a folder of their own for the figures of
``benchmarks.index``.
"""

import contextlib
import datetime as dt
import io
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import connector, first_run, index, search, turn, webhooks
from knowledge.catalogue import SHIPPED

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
HEAD = """# Measured figures
Written by `python -m benchmarks.report` on {date}; budgets are those of the design. Lines that say
MISSED fell short. A figure depends on the machine, which stands on top of each part.
"""


def _printed(work: Callable[[], None]) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        work()
    return output.getvalue().rstrip()


def main(paths: list[Path]) -> None:
    parts = {
        "Search alone": lambda: search.main(search.QUESTIONS),
        "Whole turns over HTTP": turn.main,
        "Dossier look-ups": connector.main,
        "Bursts of webhooks": webhooks.main,
        "Import and index": lambda: index.main(paths),
        "First run": first_run.main,
    }
    page = HEAD.format(date=dt.date.today().isoformat())
    for title, work in parts.items():
        page += f"\n## {title}\n```\n{_printed(work)}\n```\n"
    PAGE.write_text(page, "utf-8")
    print(PAGE)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]] or [SHIPPED])
