"""Settings: from the environment, no secret by default, one line when one is missing."""

import stat
from pathlib import Path

import pytest

from bot.settings import Settings, shared_engine_secret, token_secret
from knowledge.errors import OperatorError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_no_secret_has_a_default() -> None:
    settings = Settings()
    assert settings.engine_secret is None and settings.token_secret is None
    with pytest.raises(OperatorError, match="ASSISTANT_ENGINE_SECRET"):
        shared_engine_secret(settings)


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_ALLOWED_ORIGINS", "https://a.example/, https://b.example")
    monkeypatch.setenv("ASSISTANT_TRUSTED_PROXIES", "")
    settings = Settings()
    assert settings.allowed_origins == ["https://a.example", "https://b.example"]
    assert settings.trusted_proxies == []


def test_the_token_secret_is_minted_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path / "var")
    minted = token_secret(settings)
    file = tmp_path / "var" / "token-secret"
    assert len(minted) >= 32
    assert token_secret(settings) == minted
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_given_token_secret_goes_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSISTANT_TOKEN_SECRET", "given")
    assert token_secret(Settings(var_dir=tmp_path)) == "given"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, no folder")
    with pytest.raises(OperatorError, match="make the folder writable or set ASSISTANT_TOKEN"):
        token_secret(Settings(var_dir=tmp_path / "var"))


def test_secrets_are_not_printed() -> None:
    assert "hidden-value" not in repr(Settings(engine_secret="hidden-value"))  # type: ignore[arg-type]


def test_every_setting_is_documented_with_its_default() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        unset = "none" if field.default == [] else "unset"
        is_set = field.default or field.default is False
        shown = f"`{str(field.default).lower() if field.default is False else field.default}`"
        shown = shown if is_set else unset
        assert f"| `ASSISTANT_{name.upper()}` | {shown} |" in documented, name
