"""Write ``docs/quality.md``: ``python -m benchmarks.quality [SHARED_QUESTIONS_FOLDER]``.

Evaluates search on the catalogue and index in force: the project's own questions (``everyday-dev``
for choosing, ``everyday-test`` for reporting), and a folder of others where one is given.
"""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from benchmarks import typing as reading
from benchmarks.pages import DOCS, write_head
from bot.settings import Settings
from knowledge import index as index_files
from knowledge.evaluate import evaluate
from knowledge.service import Knowledge

OWN = Path(__file__).parent / "questions"
MEASURES = ("r1", "r3", "r10", "decision", "false_answers", "refused", "negatives_answered")
OWN_SETS = (
    "everyday-dev", "everyday-test", "negatives-dev", "negatives-test",
    "followups", "followups-test", "behaviours",
)  # fmt: skip
OTHERS = ("govease_intake", "nhdandz_tthc", "vneguide")
HEAD = """# Measured quality of search
Written by `python -m benchmarks.quality` on {date}, over {procedures} procedures. Each figure
stands with its 95 % bootstrap interval. `refused`: questions that have an answer but got none;
`negatives answered`: questions without an answer that got one; `false answers` also counts a wrong
procedure put first. `everyday-dev`, `negatives-dev`, `followups` and `govease_intake` are
development sets, looked at while choosing; the `-test` ones were only reported. Follow-ups are
asked of search alone here; through the whole assistant: `python -m benchmarks.followups`. How the
sets were made: [benchmarks/questions](../benchmarks/questions/README.md).

"""
COLUMNS = ("set", "noise", "n", "R@1", "R@3", "R@10", "decision", "false answers", "refused")
TABLE = f"| {' | '.join(COLUMNS)} | negatives answered |\n{'|---' * (len(COLUMNS) + 1)}|\n"


def _cell(measures: dict[str, Any], name: str) -> str:
    if measures[name] is None:
        return "-"
    low, high = measures[f"{name}_ci"]
    return f"{measures[name]:.2f} ({low:.2f}-{high:.2f})"


def main(shared: Path | None) -> None:
    settings = Settings()
    knowledge = Knowledge.open(settings.database_url, settings.cache_dir)
    procedures = knowledge.status()["index_procedures"]
    page = HEAD.format(date=dt.date.today().isoformat(), procedures=procedures) + TABLE
    files = [OWN / f"{name}.jsonl" for name in OWN_SETS]
    files += [shared / f"{name}.jsonl" for name in OTHERS] if shared else []
    for file in files:
        for noise in (None, "folded", "typo", "telex"):
            measures = evaluate(file, knowledge.search, noise)
            cells = " | ".join(_cell(measures, name) for name in MEASURES)
            page += f"| {file.stem} | {noise or 'none'} | {measures['n']} | {cells} |\n"
    index = index_files.load(settings.cache_dir / "index")
    page += reading.section(index, shared.parent / "typing" if shared else None)
    write_head(DOCS / "quality.md", page)
    print(page)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
