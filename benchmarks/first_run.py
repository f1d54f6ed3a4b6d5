"""The first ever build on a fresh clone: ``python -m benchmarks.first_run``.

Clones the committed state into an empty folder and times ``make prepare`` there: environments,
encoder, catalogue, index and engine model. What the package installer has cached stays cached.
"""

import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.figures import line, machine

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        started = time.perf_counter()
        subprocess.run(["make", "prepare"], cwd=clone, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
    print(machine())
    line("first ever run, environments included", seconds, "s", 300)


if __name__ == "__main__":
    main()
