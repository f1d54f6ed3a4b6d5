"""What test processes share is built by one of them."""

from pathlib import Path

from filelock import FileLock

CACHE = Path(__file__).resolve().parents[1] / ".cache"


def building() -> FileLock:
    """Held while something in ``.cache`` is built; the others wait, then find it."""
    CACHE.mkdir(exist_ok=True)
    return FileLock(CACHE / "building.lock")
