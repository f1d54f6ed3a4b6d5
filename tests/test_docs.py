"""The documentation tells what there is: commands, outcomes, endpoints, settings, folders."""

import re
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from actions.outcomes import Outcome
from bot.cli import app as cli
from bot.settings import Settings
from connectors.configuration import KINDS, open_system
from connectors.dossier import PublicStatus
from connectors.mapping import KNOWN

ROOT = Path(__file__).resolve().parents[1]
DOCS = {path: path.read_text("utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]}
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def _commands() -> list[str]:
    found = []
    for name, command in get_command(cli).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [f"{name} {sub}" for sub in inner] if inner else [name]
    return found


def test_every_command_is_documented_and_exists() -> None:
    text = DOCS[ROOT / "docs/commands.md"]
    told = set(re.findall(r"^\| `assistant ([a-z]+(?: [a-z]+)?)", text, re.M))
    assert told == set(_commands())


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"ASSISTANT_{name.upper()}" in DOCS[ROOT / "docs/settings.md"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_documented_and_used(outcome: Outcome) -> None:
    assert f"`{outcome}`" in DOCS[ROOT / "docs/turn.md"]
    code = [*ROOT.glob("actions/**/*.py"), *ROOT.glob("bot/**/*.py")]
    used = any(f"Outcome.{outcome.name}" in path.read_text("utf-8") for path in code)
    assert used or f"outcome: {outcome}" in (ROOT / "domain.yml").read_text("utf-8")


def test_every_outcome_of_the_domain_is_known() -> None:
    named = re.findall(r"outcome: (\w+)", (ROOT / "domain.yml").read_text("utf-8"))
    assert set(named) <= {str(outcome) for outcome in Outcome}


@pytest.mark.parametrize("kind", KINDS)
def test_every_connector_is_documented_with_an_example_that_opens(kind: str) -> None:
    page = DOCS[ROOT / "docs/connectors.md"]
    section = page.partition(f"### `{kind}`:")[2].partition("\n#")[0]
    example = section.partition("```yaml\n")[2].partition("```")[0]
    entry = yaml.safe_load(example.removeprefix("systems:\n"))[0]
    assert entry["kind"] == kind
    url = {"url": "sqlite://"} if kind == "sql" else {}
    assert open_system(entry | url).prefixes


def test_every_state_and_mapped_field_is_documented() -> None:
    page = DOCS[ROOT / "docs/connectors.md"]
    assert [name for name in [*PublicStatus, *KNOWN] if f"`{name}`" not in page] == []


def test_links_lead_to_files_that_are_there() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path, text in DOCS.items()
        for target in LINK.findall(text)
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_counts_the_shipped_procedures() -> None:
    shipped = len(list((ROOT / "knowledge" / "shipped").rglob("*.yaml")))
    assert f"ships with {shipped} procedures" in DOCS[ROOT / "README.md"]


def test_the_readme_names_every_package() -> None:
    for package in ("bot", "nlu", "actions", "knowledge", "connectors"):
        assert f"`{package}/`" in DOCS[ROOT / "README.md"]
