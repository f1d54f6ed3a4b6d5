"""Import and index a catalogue: ``python -m benchmarks.index PATH...``, in a folder of its own.

Prints the time of import, of the first index, and of an index after one record changed.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import line, machine
from bot.settings import Settings
from knowledge.build import build_index
from knowledge.catalogue import SHIPPED, import_paths
from knowledge.encoder import load_encoder
from knowledge.store import CatalogueStore

Made = TypeVar("Made")


def _timed(work: Callable[[], Made]) -> tuple[Made, float]:
    started = time.perf_counter()
    made = work()
    return made, time.perf_counter() - started


def main(paths: list[Path]) -> None:
    encoder = load_encoder("default", Settings().cache_dir)
    with tempfile.TemporaryDirectory() as scratch:
        store = CatalogueStore.open(f"sqlite:///{scratch}/catalogue.db")
        report, import_seconds = _timed(lambda: import_paths([SHIPPED, *paths], store))
        folder = Path(scratch) / "index"
        manifest, first = _timed(lambda: build_index(store, encoder, folder))
        changed = Path(scratch) / "changed.jsonl"
        code = next(store.all_procedures()).code
        changed.write_text(f'{{"ma_thu_tuc": "{code}", "ten_thu_tuc": "Tên mới"}}', "utf-8")
        import_paths([changed], store)
        _, again = _timed(lambda: build_index(store, encoder, folder))
    print(machine())
    print(f"{report.read} records read, {manifest.procedures} procedures, {manifest.entries} names")
    line("import", import_seconds, "s")
    line("index", first, "s", 120)
    line("index after one changed record", again, "s", 10)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]] or [SHIPPED])
