"""Shared fixtures."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path | None:
    """The folder of real inputs beside the checkout, or None where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None
