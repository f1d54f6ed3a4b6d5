"""Search alone (normalise -> decision): ``python -m benchmarks.search [QUESTIONS.jsonl]``.

Uses the catalogue and index of the settings in force; asks each question accented and folded.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.figures import line, machine, percentiles
from bot.settings import Settings
from knowledge.service import Knowledge
from knowledge.text.folding import fold

QUESTIONS = Path(__file__).parent / "questions" / "everyday-test.jsonl"


def main(file: Path) -> None:
    settings = Settings()
    knowledge = Knowledge.open(settings.database_url, settings.cache_dir)
    rows = [json.loads(row)["question"] for row in file.read_text("utf-8").splitlines()]
    questions = [*rows, *map(fold, rows)]
    for question in questions[:20]:
        knowledge.search(question)
    times = []
    for question in questions:
        started = time.perf_counter()
        knowledge.search(question)
        times.append((time.perf_counter() - started) * 1e3)
    p50, p95, p99 = percentiles(times)
    print(machine())
    print(f"{len(questions)} questions, {knowledge.status()['index_procedures']} procedures")
    line("search p50", p50, "ms", 12)
    line("search p95", p95, "ms", 25)
    line("search p99", p99, "ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS)
