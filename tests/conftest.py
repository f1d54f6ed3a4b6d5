"""Shared fixtures. Real parts: the shipped catalogue, the served encoder, a real index."""

import datetime as dt
from pathlib import Path

import pytest

from knowledge.build import build_index
from knowledge.catalogue import SHIPPED, import_paths
from knowledge.encoder import Encoder, load_encoder
from knowledge.rules.importers import open_rules
from knowledge.rules.index import build as build_rules
from knowledge.rules.records import RuleDocument
from knowledge.rules.service import Rules, rules_dir
from knowledge.rules.store import SHIPPED as SHIPPED_RULES
from knowledge.service import Knowledge
from knowledge.store import CatalogueStore

ROOT = Path(__file__).resolve().parents[1]
pytest_plugins = (
    "engine_fixture",
    "browser",
    "assistant_fixture",
    "postgres_fixture",
    "redis_fixture",
)


@pytest.fixture(scope="session")
def shared_data() -> Path | None:
    """The folder of real inputs beside the checkout, or None where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def real_data(shared_data: Path | None) -> Path:
    """The same, for a test that is about real inputs alone; without them it says so and is left."""
    if shared_data is None:
        pytest.skip("real inputs (../shared/data) are not beside this checkout")
    return shared_data


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Where index and engine model of test runs are kept, so that a second run is quick."""
    folder = ROOT / ".cache" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "encoder").exists():
        (folder / "encoder").symlink_to(ROOT / ".cache" / "encoder")
    return folder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The encoder that serves, built once for runs and tests alike."""
    return load_encoder("default", ROOT / ".cache")


@pytest.fixture(scope="session")
def shipped_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a database that holds the shipped catalogue."""
    url = f"sqlite:///{tmp_path_factory.mktemp('catalogue') / 'catalogue.db'}"
    report = import_paths([SHIPPED], CatalogueStore.open(url))
    assert not report.rejected, report.rejected
    return url


@pytest.fixture(scope="session")
def knowledge(shipped_database: str, cache_dir: Path, encoder: Encoder) -> Knowledge:
    """The shipped catalogue with its index."""
    store = CatalogueStore.open(shipped_database)
    build_index(store, encoder, cache_dir / "index")
    return Knowledge(store, encoder, cache_dir / "index")


@pytest.fixture(scope="session")
def rules(cache_dir: Path, encoder: Encoder) -> Rules:
    """The shipped sample rules with their index, on a day when all of them are in force."""
    documents = [read for read in open_rules(SHIPPED_RULES) if isinstance(read, RuleDocument)]
    build_rules(documents, encoder, rules_dir(cache_dir))
    return Rules(encoder, rules_dir(cache_dir), today=lambda: dt.date(2026, 9, 1))
