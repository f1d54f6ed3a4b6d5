"""The command line: what an operator types and reads."""

import asyncio
import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.conversations import ConversationStore, conversations
from bot.identity.audit import Audit
from knowledge.build import build_index
from knowledge.encoder import Encoder
from knowledge.errors import OperatorError
from knowledge.store import CatalogueStore

ROOT = Path(__file__).resolve().parents[1]
PAGE = {
    "ma_thu_tuc": "1.009999",
    "ten_thu_tuc": "Đăng ký nuôi ong lấy mật",
    "linh_vuc": "Chăn nuôi",
}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_dir: Path) -> str:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", url)
    monkeypatch.setenv("ASSISTANT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "encoder").symlink_to(cache_dir / "encoder")
    return url


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    file = tmp_path / "pages.jsonl"
    file.write_text(json.dumps(PAGE, ensure_ascii=False) + '\n{"broken', "utf-8")
    return file


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_an_import_prints_counts_and_rejections(database: str, pages: Path) -> None:
    result = _run("catalogue", "import", pages)
    assert result.exit_code == 0
    assert f"{pages}:2:" in result.output.replace("\n", "")
    counts = [line.split("│")[1:3] for line in result.output.splitlines() if "│" in line]
    found = {name.strip(): value.strip() for name, value in counts[:5]}
    assert found == {"read": "1", "new": "1", "changed": "0", "same": "0", "rejected": "1"}


def test_a_record_is_shown_exported_and_compared(
    database: str, pages: Path, tmp_path: Path
) -> None:
    _run("catalogue", "import", pages)
    assert json.loads(_run("catalogue", "show", "1.009999").output)["name"] == PAGE["ten_thu_tuc"]
    assert _run("catalogue", "export", tmp_path / "all.jsonl").exit_code == 0
    (line,) = (tmp_path / "all.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["code"] == "1.009999"
    assert "1.009999" in _run("catalogue", "diff").output


def test_an_alias_is_added_listed_and_removed(database: str, pages: Path) -> None:
    _run("catalogue", "import", pages)
    assert _run("alias", "add", "1.009999", "nuôi ong").exit_code == 0
    assert "nuôi ong" in _run("alias", "list").output
    assert _run("alias", "remove", "1.009999", "nuôi ong").exit_code == 0
    assert "nuôi ong" not in _run("alias", "list").output


def test_evaluation_prints_one_json_object(
    database: str, pages: Path, tmp_path: Path, encoder: Encoder
) -> None:
    _run("catalogue", "import", pages)
    build_index(CatalogueStore.open(database), encoder, tmp_path / "cache" / "index")
    questions = tmp_path / "questions.jsonl"
    row = {"question": "đăng ký nuôi ong lấy mật", "expected_code": "1.009999"}
    questions.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    result = _run("evaluate", questions, "--noise", "folded", "--json")
    assert json.loads(result.output)["r1"] == 1.0


def test_rules_are_imported_indexed_and_evaluated(
    database: str, pages: Path, tmp_path: Path
) -> None:
    law = {"id": "L-1", "law": "Luật Nuôi ong", "article": "1", "title": "Đặt tổ"}
    rows = [
        law | {"text": "Đặt tổ\n\n1. Tổ ong đặt cách nhà ở 50 mét."},
        law | {"id": "L-2", "article": "2", "title": "Thuế", "text": "Thuế\n\nMật ong chịu thuế."},
    ]
    laws = tmp_path / "laws.jsonl"
    laws.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    scanned = tmp_path / "scan.doc"
    scanned.write_bytes(b"x")
    result = _run("rules", "import", laws, scanned)
    assert result.exit_code == 0
    assert "1 new" in result.output
    assert "save it as .docx" in result.output
    _run("catalogue", "import", pages)
    assert "rules: 2 articles" in _run("index").output
    questions = tmp_path / "questions.jsonl"
    row = {"question": "tổ ong phải cách nhà bao xa", "relevant_articles": ["L-1"]}
    questions.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    measured = json.loads(_run("evaluate", questions, "--json").output)
    assert (measured["r1"], measured["f2"], measured["n"]) == (1.0, 1.0, 1)
    mixed = [row, {"question": "đăng ký nuôi ong"}]
    questions.write_text("\n".join(json.dumps(row) for row in mixed), "utf-8")
    assert "part the file" in str(_run("evaluate", questions).exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rules", "import", "no-such-file.pdf"], "no-such-file.pdf"),
        (["rules", "import", "Makefile"], "none of the known formats"),
        (["catalogue", "show", "9.999999"], "9.999999"),
        (["catalogue", "import", "no-such-file.jsonl"], "no-such-file.jsonl"),
        (["alias", "add", "9.999999", "x"], "9.999999"),
        (["evaluate", "README.md", "--noise", "loud"], "--noise"),
        (["index"], "catalogue import"),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    database: str, arguments: list[str], told: str
) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert told in line


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_CONVERSATIONS_URL", f"sqlite:///{tmp_path / 'talks.db'}")
    monkeypatch.setenv("ASSISTANT_VAR_DIR", str(tmp_path))
    return tmp_path


def _piped(password: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, input=f"{password}\n")


def test_an_account_is_made_listed_and_removed(accounts: Path) -> None:
    made = _piped("mật khẩu đủ dài", "user", "add", "lan", "--role", "editor", "--unit", "H37.12")
    assert made.exit_code == 0, made.output
    assert made.output.startswith("otpauth://totp/Assistant:lan?secret=")
    listed = _run("user", "list").output
    assert "local:lan" in listed and "editor" in listed and "H37.12" in listed
    assert _run("user", "remove", "local:lan").exit_code == 0
    assert "local:lan" not in _run("user", "list").output
    assert "nobody is local:lan" in str(_run("user", "remove", "local:lan").exception)


def test_a_short_password_and_a_citizen_get_no_account(accounts: Path) -> None:
    short = _piped("ngắn", "user", "add", "lan")
    citizen = _piped("mật khẩu đủ dài", "user", "add", "lan", "--role", "citizen")
    assert "at least 12 characters" in str(short.exception)
    assert "citizens do not sign in" in str(citizen.exception)
    assert "local:lan" not in _run("user", "list").output


def test_the_audit_log_is_printed_for_people_and_programs(accounts: Path) -> None:
    store = ConversationStore(f"sqlite:///{accounts / 'talks.db'}")
    asyncio.run(Audit(store).note("local:lan", "rule_answered", ["335/QĐ, Điều 15"]))
    store.close()
    assert "local:lan" in _run("audit").output
    (line,) = _run("audit", "--json", "--days", "1").output.splitlines()
    told = json.loads(line)
    assert (told["who"], told["event"]) == ("local:lan", "rule_answered")
    assert told["reference"] == "335/QĐ, Điều 15" and told["at"].endswith("Z")


def test_a_purge_tells_how_many_of_what_went(accounts: Path) -> None:
    store = ConversationStore(f"sqlite:///{accounts / 'talks.db'}")
    for conversation in ("a" * 22, "b" * 22):
        store.create(conversation, "web")
    long_ago = sa.update(conversations).where(conversations.c.id == "a" * 22)
    with store.begin() as db:
        db.execute(long_ago.values(seen_at=dt.datetime(2020, 1, 1)))
    store.close()
    for conversation_count in (1, 0):
        told = _run("purge").output
        counts = {"conversations": conversation_count, "turns": 0, "audit lines": 0}
        for what, count in (counts | {"notices told": 0}).items():
            assert re.search(rf"{what}\D+{count}\b", told), told


def test_a_store_that_cannot_be_opened_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_CONVERSATIONS_URL", f"sqlite:///{tmp_path}")
    monkeypatch.setenv("ASSISTANT_VAR_DIR", str(tmp_path))
    assert "ASSISTANT_CONVERSATIONS_URL" in str(_run("user", "list").exception)


def test_tables_go_back_for_an_older_release_and_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("database", "conversations"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}_URL", f"sqlite:///{tmp_path}/{name}.db")
    told = _run("migrate").output
    assert told.splitlines() == ["conversations: up to date", "catalogue: up to date"]
    assert _run("migrate", "--conversations", "0002_channels").output == (
        "conversations: 0002_channels\n"
    )
    wrong = _run("migrate", "--catalogue", "0099")
    assert wrong.exit_code == 1 and isinstance(wrong.exception, OperatorError)
    assert _run("migrate").exit_code == 0
