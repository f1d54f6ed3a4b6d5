"""Write ``docs/performance.md``: ``python -m benchmarks.report [--part NAME] [PATH...]``.

Runs the benchmarks one after the other, or those named alone, on the catalogue and index in force
and an idle machine: an hour, half of it the soak. Paths are imported and indexed in a folder of
their own for ``index``.
"""

import argparse
import contextlib
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

from benchmarks import compare, connector, first_run, index, load, search, turn, webhooks
from benchmarks.pages import DOCS, write_head, write_section
from knowledge.catalogue import SHIPPED

PAGE = DOCS / "performance.md"
HEAD = """# Measured figures
Written by `python -m benchmarks.report`; budgets are those of the design. Lines that say MISSED
fell short. A figure depends on the machine, which stands on top of each part with the day.
"""
SOAK_MINUTES = 30


def _printed(work: Callable[[], None]) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        work()
    return output.getvalue().rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts: dict[str, tuple[str, Callable[[], None]]] = {
        "search": ("Search alone", lambda: search.main(search.QUESTIONS)),
        "turn": ("Whole turns over HTTP", turn.main),
        "load": ("Many people at once", load.load),
        "soak": ("Half an hour of twenty people", lambda: load.soak(SOAK_MINUTES)),
        "connector": ("Dossier look-ups", connector.main),
        "webhooks": ("Bursts of webhooks", webhooks.main),
        "compare": ("Choices compared", compare.main),
        "index": ("Import and index", lambda: index.main(given.paths)),
        "first_run": ("First run", first_run.main),
    }
    parser.add_argument("--part", action="append", choices=parts, help="this part alone")
    parser.add_argument("paths", nargs="*", type=Path, default=[SHIPPED])
    given = parser.parse_args()
    write_head(PAGE, HEAD)
    for name in given.part or parts:
        title, work = parts[name]
        text = f"{dt.date.today().isoformat()}\n```\n{_printed(work)}\n```"
        write_section(PAGE, title, text)
        print(title)


if __name__ == "__main__":
    main()
