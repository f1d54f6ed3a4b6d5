"""Damaged and invented inputs: a file or an update is understood, or refused in the way that its
caller expects, and nothing else ever happens."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from messengers import OaUser, TelegramUser, ZaloBotUser
from rule_samples import DECISION, write_docx
from source_records import DETAIL, ITEM, PAGE, PORTAL, ROW, workbook, write_lines

from bot.channels.channel import Refused
from bot.channels.incoming import Incoming
from bot.channels.telegram import reading as telegram
from bot.channels.zalo_bot import reading as zalo_bot
from bot.channels.zalo_oa import reading as zalo_oa
from knowledge.errors import OperatorError
from knowledge.importers import open_source
from knowledge.records import Rejection, SourceRecord
from knowledge.rules.importers import open_rules
from knowledge.rules.records import RuleDocument

FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """``content`` with bytes changed, cut off, or doubled."""
    places = st.integers(0, max(0, len(content) - 1))
    changes = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)

    def change(edits: list[tuple[int, int]], cut: int, doubled: bool) -> bytes:
        changed = bytearray(content)
        for place, value in edits:
            changed[place] = value
        kept = bytes(changed[: cut or None])
        return kept * 2 if doubled else kept

    return st.builds(change, changes, st.just(0) | places, st.booleans())


def with_values(sample: Any) -> st.SearchStrategy[Any]:
    """``sample`` with one value, at any depth, replaced by anything JSON can hold."""
    paths = list(_paths(sample))

    def put(path: tuple[Any, ...], value: Any) -> Any:
        changed = json.loads(json.dumps(sample))
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        return changed

    return st.builds(put, st.sampled_from(paths), VALUES)


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*above, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*above, key))


def catalogue_files(folder: Path) -> dict[str, bytes]:
    """A good file of each format."""
    header = ["Mã TTHC", "Tên TTHC", "Lĩnh vực"]
    return {
        "pages.jsonl": write_lines(folder / "pages.jsonl", [PAGE]).read_bytes(),
        "details.jsonl": write_lines(folder / "details.jsonl", [DETAIL]).read_bytes(),
        "list.jsonl": write_lines(folder / "list.jsonl", [ITEM]).read_bytes(),
        "list.xlsx": workbook(
            folder / "list.xlsx", [header, ["1.000001", "Một việc", "Hộ tịch"]]
        ).read_bytes(),
    }


SAMPLES = [PAGE, DETAIL, ITEM, PORTAL, ROW]
CATALOGUE = ["pages.jsonl", "details.jsonl", "list.jsonl", "list.xlsx"]
RULES = ["a.docx", "a.html", "a.md", "a.jsonl", "a.pdf"]


def imported(read: Any, path: Path, content: bytes, kinds: tuple[type, ...]) -> None:
    path.write_bytes(content)
    try:
        found = list(read(path))
    except OperatorError:
        return
    assert all(isinstance(one, kinds) for one in found)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_damaged_catalogue_file_is_told(tmp_path: Path, name: str) -> None:
    good = catalogue_files(tmp_path)[name]

    @FEW
    @given(damaged(good) | st.binary(max_size=200))
    def told(content: bytes) -> None:
        imported(open_source, tmp_path / name, content, (SourceRecord, Rejection))

    told()


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_a_record_with_any_value_in_any_place_is_told(tmp_path: Path, sample: Any) -> None:
    @FEW
    @given(with_values(sample))
    def told(record: Any) -> None:
        content = json.dumps(record).encode()
        imported(open_source, tmp_path / "a.jsonl", content, (SourceRecord, Rejection))

    told()


def rule_file(folder: Path, name: str) -> bytes:
    if name == "a.docx":
        return write_docx(folder / name, "5/QĐ-UBND", DECISION).read_bytes()
    if name == "a.html":
        return f"<html><body><p>{DECISION}</p><table><tr><td>a</table></html>".encode()
    if name == "a.jsonl":
        return json.dumps({"aid": 1, "law_id": "5/2026", "content": DECISION}).encode()
    if name == "a.pdf":
        return b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages"
    return f"---\nurl: https://example.gov.vn/5\n---\n{DECISION}".encode()


@pytest.mark.parametrize("name", RULES)
def test_a_damaged_rule_file_is_told(tmp_path: Path, name: str) -> None:
    good = rule_file(tmp_path, name)

    @FEW
    @given(damaged(good) | st.binary(max_size=200))
    def told(content: bytes) -> None:
        imported(open_rules, tmp_path / name, content, (RuleDocument, Rejection))

    told()


PLATFORM = {
    "telegram_secret": "s",
    "zalo_oa_app_id": "1",
    "zalo_oa_secret": "secret",
    "zalo_bot_secret": "s",
}


def read_update(channel: str, body: bytes) -> Incoming | None:
    """What a channel makes of a body whose sender is proven."""
    if channel == "telegram":
        return telegram.read(body, 1, "bot")
    if channel == "zalo_bot":
        return zalo_bot.read(body)
    try:
        timestamp = str(json.loads(body)["timestamp"])
    except (ValueError, KeyError, TypeError, RecursionError):
        timestamp = "0"
    signed = zalo_oa.signature("1", body, timestamp, "secret")
    return zalo_oa.read(body, signed, "1", "secret")


def updates(channel: str) -> list[Any]:
    """Good updates of a channel."""
    if channel == "telegram":
        person: Any = TelegramUser(PLATFORM)
    else:
        person = OaUser(PLATFORM) if channel == "zalo_oa" else ZaloBotUser(PLATFORM)
    return [json.loads(person.text("câu hỏi").body), json.loads(person.press("a.0").body)]


@pytest.mark.parametrize("channel", ["telegram", "zalo_oa", "zalo_bot"])
def test_any_update_is_read_left_alone_or_refused(channel: str) -> None:
    good = updates(channel)
    bodies = st.one_of(
        *(with_values(update).map(lambda update: json.dumps(update).encode()) for update in good),
        *(damaged(json.dumps(update).encode()) for update in good),
        VALUES.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=200),
        st.just(b"[" * 50_000),
        st.just(b'{"update_id":' * 5_000),
    )

    @FEW
    @given(bodies)
    def read(body: bytes) -> None:
        try:
            incoming = read_update(channel, body)
        except (ValueError, Refused):
            return
        assert incoming is None or isinstance(incoming, Incoming)
        if incoming is not None:
            assert len(incoming.update_id) <= 128 and "\0" not in incoming.update_id

    read()


def test_a_docx_may_hold_any_text(tmp_path: Path) -> None:
    @FEW
    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), max_size=5))
    def kept(lines: list[str]) -> None:
        made = Document()
        for line in lines:
            made.add_paragraph(line)
        made.save(str(tmp_path / "a.docx"))
        for one in open_rules(tmp_path / "a.docx"):
            assert isinstance(one, RuleDocument | Rejection)

    kept()


def rewritten(source: bytes, path: Path, member: str, change: Any) -> None:
    """Writes the zip ``source`` to ``path`` with one member changed."""
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == member else data)


def with_entities(declared: str) -> Any:
    """A change of an XML part that declares entities and puts ``&e;`` where ENTITY stands."""

    def change(data: bytes) -> bytes:
        head, _, rest = data.partition(b"?>") if data.startswith(b"<?xml") else (b"", b"", data)
        prolog = head + b"?>" if head else b""
        return prolog + f"<!DOCTYPE x [{declared}]>".encode() + rest.replace(b"ENTITY", b"&e;")

    return change


LAUGHS = '<!ENTITY a0 "ha ha ">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
)


@pytest.mark.parametrize("name", ["list.xlsx", "a.docx"])
@pytest.mark.parametrize("kind", ["external", "growing"])
def test_entities_of_a_file_are_neither_read_nor_grown(
    tmp_path: Path, name: str, kind: str
) -> None:
    (tmp_path / "secret").write_text("bí mật", "utf-8")
    external = f'<!ENTITY e SYSTEM "file://{tmp_path}/secret">'
    change = with_entities(external if kind == "external" else f'{LAUGHS}<!ENTITY e "&a9;">')
    if name == "list.xlsx":
        rows: list[list[object]] = [["Mã TTHC", "Tên TTHC"], ["1.000001", "ENTITY"]]
        good, member = workbook(tmp_path / "good.xlsx", rows).read_bytes(), "xl/sharedStrings.xml"
    else:
        text = DECISION.replace("Chánh Văn phòng", "ENTITY")
        good = write_docx(tmp_path / "good.docx", "5/QĐ-UBND", text).read_bytes()
        member = "word/document.xml"
    rewritten(good, tmp_path / name, member, change)
    try:
        found = list((open_source if name == "list.xlsx" else open_rules)(tmp_path / name))
    except OperatorError:
        return
    told = "".join(one.model_dump_json() for one in found)  # type: ignore[attr-defined]
    assert "bí mật" not in told and told.count("ha ha") < 10
