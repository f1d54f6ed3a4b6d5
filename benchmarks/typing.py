"""How well diacritics come back: ``python -m benchmarks.typing [SHARED_TYPING_FOLDER]``.

Folds accented sentences, restores them with the restorer of the index in force and compares word
by word. Formal: names of the catalogue (which taught the restorer). Everyday: the project's own
questions that are typed with diacritics, and public comments where the folder is given
(``vilexnorm-test.jsonl``, ``dichvucong-chat-pairs.jsonl``). Intervals: 95 % bootstrap over
sentences. Also prints the time of one restoration.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import percentiles
from bot.settings import Settings
from knowledge import index as index_files
from knowledge.text.folding import fold, tokens
from knowledge.text.restoring import Restorer
from knowledge.text.telex import settle_tones

QUESTIONS = Path(__file__).parent / "questions"
NAMES = 1000
RESAMPLES = 1000


def _words(text: str) -> list[str]:
    lowered = settle_tones(text.lower())
    return [lowered[start:end] for _, start, end in tokens(lowered)]


def accuracy(texts: Iterable[str], restorer: Restorer) -> tuple[float, tuple[float, float], int]:
    """Share of words that come back as they were, its interval, and the number of words."""
    right, total = [], []
    for text in texts:
        wanted = _words(text)
        got = _words(restorer.restore(fold(" ".join(wanted))))
        right.append(sum(a == b for a, b in zip(wanted, got, strict=False)))
        total.append(len(wanted))
    counts = np.array([right, total])
    picked = np.random.default_rng(0).integers(0, len(right), (RESAMPLES, len(right)))
    shares = counts[0][picked].sum(1) / counts[1][picked].sum(1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return sum(right) / sum(total), (float(low), float(high)), sum(total)


def _questions() -> Iterator[str]:
    for file in sorted(QUESTIONS.glob("everyday-*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["style"] == "plain":
                yield row["question"]


def _lines(file: Path, *keys: str) -> Iterator[str]:
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield next(row[key] for key in keys if row.get(key))


def sets(index: index_files.Index, shared: Path | None) -> dict[str, list[str]]:
    """The sentences of each set, with diacritics."""
    found = {
        "names of procedures": [facts.name for facts in index.facts[:NAMES]],
        "own everyday questions": list(_questions()),
    }
    if shared:
        found["public comments"] = list(_lines(shared / "vilexnorm-test.jsonl", "normalized"))
        chat = _lines(shared / "dichvucong-chat-pairs.jsonl", "accented", "text", "normalized")
        found["small talk"] = list(chat)
    return {
        name: [t for t in texts if _words(t) and not t.isascii()] for name, texts in found.items()
    }


def main(shared: Path | None) -> None:
    index = index_files.load(Settings().cache_dir / "index")
    for name, texts in sets(index, shared).items():
        share, (low, high), words = accuracy(texts, index.restorer)
        took = []
        for text in texts[:200]:
            started = time.perf_counter()
            index.restorer.restore(fold(text.lower()))
            took.append((time.perf_counter() - started) * 1e3)
        p50, p95, _ = percentiles(took)
        print(
            f"{name:<24}{share:.3f} ({low:.3f}-{high:.3f}) of {words} words; "
            f"p50 {p50:.2f} ms, p95 {p95:.2f} ms"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
