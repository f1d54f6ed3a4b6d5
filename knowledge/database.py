"""Database connections: SQLite (WAL) as the embedded default, PostgreSQL by URL."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from knowledge.errors import OperatorError

_POSTGRESQL_WAITS = {"connect_timeout": 3, "tcp_user_timeout": 3000}
"""Seconds and milliseconds after which a server that does not answer counts as gone."""
_MIGRATING = 0x4C53_4D49
"""Key of the lock that one replica holds while it migrates; the others wait."""


def open_database(url: str) -> Engine:
    """An engine for ``url`` (SQLAlchemy form); a SQLite file's folder is made when missing."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        postgresql = parsed.get_backend_name() == "postgresql"
        waits = _POSTGRESQL_WAITS if postgresql else {}
        engine = create_engine(parsed, pool_pre_ping=True, connect_args=waits)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise OperatorError(f"ASSISTANT_DATABASE_URL: {error}; correct the setting") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    return engine


_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it works on in a module; other processes wait at the database."""


def _tune_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


def migrate(
    engine: Engine, migrations: Path, version_table: str, *, down_to: str | None = None
) -> None:
    """Bring the tables that ``migrations`` (an Alembic folder) owns to their newest version, or
    back to that of ``down_to`` (a revision, or ``base``: none). Raises OperatorError."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["version_table"] = version_table
    try:
        with _ONE_AT_A_TIME, engine.begin() as connection:
            config.attributes["connection"] = connection
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            if down_to is None:
                command.upgrade(config, "head")
            else:
                command.downgrade(config, down_to)
    except CommandError as error:
        raise OperatorError(
            f"database {engine.url.render_as_string()}: {error}; see docs/stores.md"
        ) from error
    except SQLAlchemyError as error:
        raise OperatorError(
            f"database {engine.url.render_as_string()}: {reason(error)}; see ASSISTANT_DATABASE_URL"
        ) from error


def reason(error: SQLAlchemyError) -> str:
    """What the database itself said, in one line."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
