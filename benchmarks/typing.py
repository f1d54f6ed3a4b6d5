"""How well typing is read: ``python -m benchmarks.typing [SHARED_TYPING_FOLDER]``.

Folds accented sentences, restores them with the restorer of the index in force and compares word
by word. Formal: names of the catalogue (which taught the restorer). Everyday: the project's own
questions that are typed with diacritics, and public comments where the folder is given
(``vilexnorm-test.jsonl``, ``dichvucong-chat-pairs.jsonl``). Then, with diacritics: how many right
words are changed, and of words put in the place of others that sound alike, how many are heard for
what they were. Intervals: 95 % bootstrap over sentences.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import percentiles
from bot.settings import Settings
from knowledge import index as index_files
from knowledge.text.folding import fold, tokens
from knowledge.text.restoring import Restorer
from knowledge.text.sounding import sound_alikes
from knowledge.text.telex import settle_tones

QUESTIONS = Path(__file__).parent / "questions"
NAMES = 1000
RESAMPLES = 1000
MISHEARD = 0.15  # share of words that are put in the place of others
HEAD = """
## Typing
Share of words that come back right when all diacritics are left out (`restored`), that are changed
though they were right (`harmed`), and that are heard for what they were when one word in seven is
replaced by one that sounds alike (`heard`). The names taught the restorer.

| sentences | words | restored | harmed | heard | ms, p50 / p95 |
|---|---|---|---|---|---|
"""

Counts = tuple[int, int]  # how many of how many


def _words(text: str) -> list[str]:
    lowered = settle_tones(text.lower())
    return [lowered[start:end] for _, start, end in tokens(lowered)]


def _share(counts: Iterable[Counts]) -> str:
    """The share of all counts with its interval, for one count a sentence."""
    each = np.array(list(counts))
    picked = np.random.default_rng(0).integers(0, len(each), (RESAMPLES, len(each)))
    sums = each[picked].sum(1)
    low, high = np.percentile(sums[:, 0] / np.maximum(sums[:, 1], 1), [2.5, 97.5])
    right, total = each.sum(0)
    return f"{right / max(total, 1):.3f} ({low:.3f}-{high:.3f})"


def _restored(words: list[str], restorer: Restorer) -> Counts:
    got = _words(restorer.restore(fold(" ".join(words))))
    return sum(a == b for a, b in zip(words, got, strict=False)), len(words)


def _harmed(words: list[str], restorer: Restorer) -> Counts:
    got = _words(restorer.restore(" ".join(words)))
    known = [(a, b) for a, b in zip(words, got, strict=False) if restorer.is_spelling(a)]
    return sum(a != b for a, b in known), len(known)


def _hearing(seed: int) -> Callable[[list[str], Restorer], Counts]:
    rng = random.Random(seed)

    def heard(words: list[str], restorer: Restorer) -> Counts:
        said = [_misheard(word, restorer, rng) for word in words]
        got = _words(restorer.restore(" ".join(said)))
        changed = [(a, c) for a, b, c in zip(words, said, got, strict=False) if a != b]
        return sum(a == c for a, c in changed), len(changed)

    return heard


def _misheard(word: str, restorer: Restorer, rng: random.Random) -> str:
    others = [other for other in sound_alikes(word) if restorer.is_spelling(other)]
    return rng.choice(others) if others and rng.random() < MISHEARD else word


def _questions() -> Iterator[str]:
    for file in sorted(QUESTIONS.glob("everyday-*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["style"] == "plain":
                yield row["question"]


def _lines(file: Path) -> Iterator[str]:
    for line in file.read_text("utf-8").splitlines():
        yield json.loads(line)["normalized"]


def sets(index: index_files.Index, shared: Path | None) -> dict[str, list[list[str]]]:
    """The sentences of each set as words, with diacritics."""
    found = {
        "names of procedures": [facts.name for facts in index.facts[:NAMES]],
        "own everyday questions": list(_questions()),
    }
    if shared:
        found["public comments"] = list(_lines(shared / "vilexnorm-test.jsonl"))
        found["small talk"] = list(_lines(shared / "dichvucong-chat-pairs.jsonl"))
    return {
        name: [_words(t) for t in texts if _words(t) and not t.isascii()]
        for name, texts in found.items()
    }


def section(index: index_files.Index, shared: Path | None) -> str:
    """The part of ``docs/quality.md`` about typing."""
    rows = []
    for name, texts in sets(index, shared).items():
        measures = (_restored, _harmed, _hearing(0))
        shares = [_share(measure(words, index.restorer) for words in texts) for measure in measures]
        p50, p95, _ = percentiles([_milliseconds(words, index.restorer) for words in texts[:200]])
        cells = [name, f"{sum(map(len, texts)):,}", *shares, f"{p50:.2f} / {p95:.2f}"]
        rows.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(rows)


def _milliseconds(words: list[str], restorer: Restorer) -> float:
    started = time.perf_counter()
    restorer.restore(fold(" ".join(words)))
    return (time.perf_counter() - started) * 1e3


def main(shared: Path | None) -> None:
    print(section(index_files.load(Settings().cache_dir / "index"), shared))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
