"""Cross-validate the intents into ``docs/quality.md``: ``python -m benchmarks.intents``.

Five folds of the training examples, twins with other diacritics held out together
(``nlu/crossvalidation.py``), read with and without diacritics. Two measures: the classifier's
first guess, and what reaches the rules. There an intent that is too doubtful is handed to search
(``nlu_fallback``), which is counted right where search was wanted (``ask``).
"""

import json
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.pages import DOCS, write_section
from bot.training import ENGINE_PYTHON, ROOT, catalogue_examples, engine_environment
from knowledge.evaluate import interval

TITLE = "Intents, cross-validated"
WRITTEN = ("with diacritics", "without")
MOST_CONFUSED = 15
Row = tuple[str, str, str]
"""Intent, and ``reached/guessed`` with diacritics and without."""


def cross_validated() -> list[Row]:
    """Runs in the engine's environment, some minutes."""
    with tempfile.TemporaryDirectory() as scratch:
        catalogue, out = Path(scratch) / "catalogue.yml", Path(scratch) / "out.json"
        catalogue.write_text(catalogue_examples(), "utf-8")
        command = [ENGINE_PYTHON, "-m", "nlu.crossvalidation", catalogue, out]
        done = subprocess.run(command, cwd=ROOT, env=engine_environment(), capture_output=True)
        if done.returncode:
            raise SystemExit(done.stderr.decode()[-2000:])
        rows: list[Row] = json.loads(out.read_text("utf-8"))
        return rows


def _share(right: list[bool]) -> str:
    low, high = interval([float(value) for value in right]) or [0.0, 0.0]
    return f"{sum(right) / len(right):.3f} ({low:.3f}-{high:.3f})"


def _guessed(row: Row, written: int) -> str:
    return row[1 + written].split("/")[1]


def _reached(row: Row, written: int) -> str:
    name = row[1 + written].split("/")[0]
    return "ask" if name == "nlu_fallback" else name


def section(rows: list[Row]) -> str:
    """The part of the page, with the confusion table."""
    lines = [f"Written by `python -m benchmarks.intents`: {len(rows)} examples, 5 folds.\n"]
    lines += ["", "| | first guess of the classifier | what reaches the rules |", "|---|---|---|"]
    for written, name in enumerate(WRITTEN):
        guessed = _share([row[0] == _guessed(row, written) for row in rows])
        reached = _share([row[0] == _reached(row, written) for row in rows])
        lines.append(f"| {name} | {guessed} | {reached} |")
    lines += ["", "| intent | examples | first guess right | sent to search |", "|---|---|---|---|"]
    for intent in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == intent]
        right = sum(_guessed(row, 0) == intent for row in mine) / len(mine)
        sent = sum(row[1].startswith("nlu_fallback") for row in mine) / len(mine)
        lines.append(f"| {intent} | {len(mine)} | {right:.2f} | {sent:.2f} |")
    confused = Counter((row[0], _reached(row, 0)) for row in rows if row[0] != _reached(row, 0))
    lines += ["", "Most confused, by what reaches the rules:", ""]
    lines += ["| meant | read as | times |", "|---|---|---|"]
    lines += [f"| {a} | {b} | {n} |" for (a, b), n in confused.most_common(MOST_CONFUSED)]
    return "\n".join(lines) + "\n"


def main() -> None:
    text = section(cross_validated())
    write_section(DOCS / "quality.md", TITLE, text)
    print(text)


if __name__ == "__main__":
    main()
