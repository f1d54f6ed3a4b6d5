"""Versions of an index in one folder: built aside, swapped in atomically, the last two kept.

``<index dir>/CURRENT`` names the version that serves, a folder beside it.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from knowledge.errors import OperatorError

KEPT_VERSIONS = 2
_BUILDING = ".building"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, None}
"""numpy gives a short write no number."""


def current_version(index_dir: Path) -> str | None:
    """The version that serves, or None before the first build."""
    pointer = index_dir / "CURRENT"
    return pointer.read_text().strip() if pointer.is_file() else None


def version_folder(index_dir: Path) -> Path | None:
    """The folder of the version that serves, or None before the first build."""
    version = current_version(index_dir)
    return None if version is None else index_dir / version


@contextlib.contextmanager
def new_version(index_dir: Path, version: str) -> Iterator[Path]:
    """A folder to build ``version`` in, which serves when the block ends well; else it is removed
    and the old one goes on serving. Raises OperatorError where the disk is full."""
    folder = index_dir / f"{version}{_BUILDING}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
        shutil.rmtree(index_dir / version, ignore_errors=True)
        folder.rename(index_dir / version)
        _point_to(index_dir, version)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise OperatorError(
            f"index: {index_dir}: {error.strerror or error}; make room and run `assistant index`. "
            "The index that was there serves on"
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _point_to(index_dir: Path, version: str) -> None:
    pointer = index_dir / "CURRENT.new"
    pointer.write_text(version)
    os.replace(pointer, index_dir / "CURRENT")
    versions = [p for p in index_dir.iterdir() if p.is_dir() and not p.name.endswith(_BUILDING)]
    for old in sorted(versions, key=lambda p: p.stat().st_mtime)[:-KEPT_VERSIONS]:
        if old.name != version:
            shutil.rmtree(old, ignore_errors=True)
