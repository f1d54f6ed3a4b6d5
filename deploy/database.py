"""Copy a database to a file and put it back: SQLite by its backup API, PostgreSQL by its own tools.

``database.py copy FILE`` and ``database.py put FILE [--replace]``; the variable DATABASE_URL names
the database as SQLAlchemy does. Needs nothing but Python, and `pg_dump` and `pg_restore` for
PostgreSQL. An error is one line.
"""

import argparse
import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE = "sqlite:///"


class Failed(Exception):
    """``str(error)`` says what is wrong and what to do."""


def _environment(url: str) -> dict[str, str]:
    """The URL as variables of libpq: a password in a command could be read by everybody."""
    parts = urlsplit(url)
    told = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    told |= {f"PG{name.upper()}": value for name, value in parse_qsl(parts.query)}
    return {**os.environ, **{name: value for name, value in told.items() if value}}


def _postgres(url: str, command: list[str]) -> None:
    try:
        subprocess.run(command, env=_environment(url), check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise Failed(f"{command[0]} is missing: apt-get install postgresql-client") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        raise Failed(said[0] if said else f"{command[0]} ended with {error.returncode}") from None


def _copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy while others write."""
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)
        written.execute("PRAGMA journal_mode=DELETE")
        (state,) = written.execute("PRAGMA quick_check").fetchone()
    if state != "ok":
        raise Failed(f"{source}: {state}")


def copy(url: str, file: Path) -> None:
    """Writes the database at ``url`` into ``file``."""
    if not url.startswith(SQLITE):
        _postgres(url, ["pg_dump", "--format=custom", f"--file={file}"])
        return
    source = Path(url.removeprefix(SQLITE))
    if not source.is_file():
        raise Failed(f"{source}: no such database")
    _copy_sqlite(source, file)


def put(url: str, file: Path, *, replace: bool) -> None:
    """Makes the database at ``url`` what ``file`` holds. Raises Failed where there is one already
    and ``replace`` is not asked for. Nobody else may have it open."""
    if not url.startswith(SQLITE):
        clean = ["--clean", "--if-exists"] if replace else []
        how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", *clean]
        _postgres(
            url, ["pg_restore", *how, f"--dbname={_environment(url)['PGDATABASE']}", str(file)]
        )
        return
    target = Path(url.removeprefix(SQLITE))
    if target.exists() and not replace:
        raise Failed(f"{target} is there already; --replace puts the backup in its place")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.restoring")
    fresh.unlink(missing_ok=True)
    _copy_sqlite(file, fresh)
    for left in ("-wal", "-shm"):
        target.with_name(target.name + left).unlink(missing_ok=True)
    fresh.replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["copy", "put"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true")
    asked = parser.parse_args()
    url = os.environ["DATABASE_URL"]
    try:
        if asked.what == "copy":
            copy(url, asked.file)
        else:
            put(url, asked.file, replace=asked.replace)
    except (Failed, sqlite3.Error, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
