"""The file that names the dossier systems: what works, and one line for what does not."""

from pathlib import Path

import pytest

from connectors.codes import ReadCode
from connectors.configuration import KINDS, ConfigurationError, open_dossiers
from connectors.dossier import Elsewhere

IGATE = """
  - name: langson
    kind: igate
    prefixes: [H37]
    sso_url: https://sso.example.vn
    api_url: https://api.example.vn
    client_id: assistant
    client_secret: ${THE_SECRET}
"""
TABLE = """
  - name: nightly
    kind: table
    prefixes: [BHXH]
    folder: exports
    columns: {code: Ma, status: TT}
"""


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_SECRET", "s3cret")


def written(folder: Path, text: str) -> Path:
    path = folder / "systems.yml"
    path.write_text(text, "utf-8")
    return path


async def test_several_systems_are_opened_each_with_its_own_configuration(tmp_path: Path) -> None:
    dossiers = open_dossiers(written(tmp_path, f"systems:{IGATE}{TABLE}"))
    assert dossiers.health() == {"langson": "closed", "nightly": "closed"}
    assert await dossiers.find(ReadCode("H51.12-260601-0001")) == Elsewhere()
    await dossiers.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"systems:{IGATE}{IGATE}", "two systems are called langson"),
        (f"systems:{IGATE.replace('igate', 'igate3')}", "kind 'igate3' is none of dvcqg, http"),
        (f"systems:{IGATE.replace('sso_url', 'sso')}", "system 1 (langson): sso_url: Field req"),
        (f"systems:{IGATE}    colour: red\n", "colour: Extra inputs"),
        (f"systems:{IGATE.replace('THE_', 'NO_')}", "variable NO_SECRET is not set"),
        (f"systems:{IGATE.replace('langson', 'Lạng Sơn')}", "name: String should match"),
        (f"systems:{TABLE.replace(', status: TT', '')}", "columns: Value error, needed: status"),
        ("systems:\n  - 7\n", "system 1: is no mapping"),
        ("systems: []\n", "holds no list `systems`"),
        ("[]\n", "holds no list `systems`"),
        ("", "holds no list `systems`"),
        ("systems: [\n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_work_is_told_in_one_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as told:
        open_dossiers(path)
    assert str(told.value).startswith(str(path)) and reason in str(told.value)
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        open_dossiers(tmp_path / "none.yml")


def test_no_error_shows_a_secret(tmp_path: Path) -> None:
    text = f"systems:{IGATE.replace('sso_url', 'sso')}"
    with pytest.raises(ConfigurationError) as told:
        open_dossiers(written(tmp_path, text))
    assert "s3cret" not in str(told.value)


def test_every_connector_s_file_is_a_kind() -> None:
    folder = Path(__file__).resolve().parents[1] / "connectors"
    opening = {p.stem for p in folder.glob("*.py") if "def open_connector" in p.read_text("utf-8")}
    assert opening == set(KINDS)
