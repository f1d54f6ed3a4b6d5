"""The threat model names tests that are there; exceptions of the audit have a reason and a day."""

import ast
import datetime as dt
import importlib.util
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)
EXCEPTIONS = ROOT / "deploy" / "audit-exceptions.yml"
SAMPLE = """
- {id: GHSA-1111-2222-3333, package: a, lock: engine, reason: r, until: 2027-01-31}
- {id: PYSEC-2026-1, package: b, lock: engine, reason: r, until: 2026-01-31}
- {id: CVE-2026-1, package: c, lock: app, reason: r, until: 2027-01-31}
"""


def _tests(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_every_test_that_a_threat_names_is_there() -> None:
    missing = [f"{file}::{name}" for file, name in NAMED if name not in _tests(file)]
    assert missing == []
    assert len(NAMED) > 50


def test_every_threat_names_what_holds_it_off_and_a_test() -> None:
    rows = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    threats = [row for row in rows[1:] if not row[0].strip().startswith("**")]
    assert len(threats) > 30
    for threat, held, tests in threats:
        assert threat.strip() and held.strip() and "::test_" in tests, threat


def test_every_test_of_requests_and_texts_is_named() -> None:
    files = ("test_security_http.py", "test_hostile_texts.py", "test_no_fetching.py")
    named = {name for _, name in NAMED}
    left_out = {"test_a_page_sends_its_forms_to_this_site_only"}
    left_out |= {"test_an_odd_announced_length_is_no_failure"}
    for file in files:
        tests = {name for name in _tests(file) if name.startswith("test_")}
        assert tests - named <= left_out


def test_every_exception_of_the_audit_has_a_reason_and_a_day_to_come() -> None:
    for entry in yaml.safe_load(EXCEPTIONS.read_text("utf-8")):
        assert set(entry) == {"id", "package", "lock", "reason", "until"}, entry
        assert re.fullmatch(r"(GHSA|PYSEC|CVE)-[\w-]+", entry["id"])
        assert entry["lock"] in ("app", "engine") and len(entry["reason"]) > 20
        lock = (ROOT / "deploy" / "requirements" / f"{entry['lock']}.lock").read_text("utf-8")
        assert f"\n{entry['package']}==" in lock, f"{entry['package']} is locked no more"
        assert entry["until"] >= dt.date.today(), f"{entry['id']} has run out"


def test_the_audit_passes_over_what_is_in_force_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "deploy" / "audit.py")
    assert spec is not None and spec.loader is not None
    audit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(audit)
    (tmp_path / "exceptions.yml").write_text(SAMPLE, "utf-8")
    monkeypatch.setattr(audit, "EXCEPTIONS", tmp_path / "exceptions.yml")
    command = audit.command("uv", "engine", dt.date(2026, 11, 24))
    assert command[-2:] == ["--ignore-vuln", "GHSA-1111-2222-3333"]
    assert "PYSEC-2026-1" not in command and "CVE-2026-1" not in command
    assert Path(command[command.index("-r") + 1]).is_file()
    assert re.search(r"^audit:.*## ", (ROOT / "Makefile").read_text("utf-8"), re.M)
