"""Importing rule documents: each format, hostile files, and what is kept."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from rule_samples import DECISION, write_docx

from knowledge.errors import OperatorError
from knowledge.records import Rejection
from knowledge.rules.importers import open_rules, pdf, reading
from knowledge.rules.records import RuleDocument
from knowledge.rules.store import RuleStore

HEAD = "UBND TỈNH\nSố: 5/QĐ-UBND\nNgày 01 tháng 02 năm 2026\nQUYẾT ĐỊNH\nVề trực ban\n"
BODY = "Điều 1. Trực\n1. Có mặt lúc 07 giờ.\n"


def rejection(path: Path) -> str:
    (told,) = open_rules(path)
    assert isinstance(told, Rejection), told
    return told.reason


def document(path: Path) -> RuleDocument:
    (read,) = open_rules(path)
    assert isinstance(read, RuleDocument), read
    return read


def test_html_shows_what_a_reader_sees_and_fetches_nothing(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    lines = "".join(f"<p>{line}</p>" for line in (HEAD + BODY).splitlines())
    page.write_text(
        f"<head><title>x</title></head><script>alert(1)</script>{lines}"
        "<table><tr><td>Ca&nbsp;1</td><td><p>sáng</p></td></tr></table><img src='http://x.test/'>",
        "utf-8",
    )
    read = document(page)
    assert read.text == HEAD + BODY + "| Ca 1 | sáng |\n"
    assert read.parts[-1].kind == "table"


def test_markdown_may_tell_what_its_text_does_not(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    head = "---\nin_force_from: 2026-03-01\nurl: https://example.gov.vn/5\n---\n"
    file.write_text(head + "# QUY CHẾ\n\nTrực ban\n\n**Điều 1. Trực**\n\nCó mặt.\n", "utf-8")
    read = document(file)
    assert (str(read.in_force_from), read.url) == ("2026-03-01", "https://example.gov.vn/5")
    assert [part.title for part in read.parts if part.kind == "article"] == ["Trực"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.doc", b"x", "save it as .docx first"),
        ("a.exe", b"MZ", "none of the known formats"),
        ("a.md", b"", "the file is empty"),
        ("a.md", b"\xff\xfe", "is not UTF-8"),
        ("a.md", b"---\n[\n---\nx", "its head is not YAML"),
        ("a.md", b"---\nloai: x\n---\nQUY\xe1\xba\xbeT \xc4\x90\xe1\xbb\x8aNH\nT\n", "loai: Extra"),
        ("a.txt", "chỉ một câu".encode(), ""),
        ("a.docx", b"PK\x03\x04 broken", "not a readable document"),
        ("a.pdf", b"%PDF-1.4 broken", "not a readable PDF"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    if reason:
        assert reason in rejection(tmp_path / name)
    else:
        assert document(tmp_path / name).title == "chỉ một câu"


def test_a_scanned_pdf_is_refused_with_a_word_about_ocr(tmp_path: Path) -> None:
    scanned = pypdfium2.PdfDocument.new()
    scanned.new_page(595, 842)
    scanned.save(str(tmp_path / "a.pdf"))
    assert "run OCR on it first" in rejection(tmp_path / "a.pdf")


def test_swollen_files_and_macros_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_docx(tmp_path / "a.docx", "5/QĐ-UBND", DECISION)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"x")
    assert "carries macros" in rejection(file)
    monkeypatch.setattr(reading, "MAX_UNPACKED", 100)
    assert "unpacks to" in rejection(file)
    monkeypatch.setattr(reading, "MAX_FILE", 100)
    assert "larger than" in rejection(file)


def test_long_text_and_many_pages_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text(HEAD + BODY, "utf-8")
    monkeypatch.setattr(reading, "MAX_TEXT", 10)
    assert "characters of text" in rejection(tmp_path / "a.md")
    monkeypatch.setattr(pdf, "MAX_PAGES", 0)
    pages = pypdfium2.PdfDocument.new()
    pages.new_page(595, 842)
    pages.save(str(tmp_path / "a.pdf"))
    assert "pages" in rejection(tmp_path / "a.pdf")


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật", "utf-8")
    plain = tmp_path / "plain.docx"
    made = Document()
    for line in (HEAD + "ENTITY\n" + BODY).splitlines():
        made.add_paragraph(line)
    made.save(str(plain))
    hostile = tmp_path / "a.docx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(hostile, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
                declared, _, rest = data.partition(b"?>")
                data = declared + b"?>" + entity + rest.replace(b"ENTITY", b"&e;")
            new.writestr(name, data)
    (read,) = open_rules(hostile)
    assert "bí mật" not in (read.text if isinstance(read, RuleDocument) else read.reason)


def test_numbers_that_word_counts_itself_are_written_out(tmp_path: Path) -> None:
    made = Document()
    for line in [*HEAD.splitlines(), "Điều 1. Trực"]:
        made.add_paragraph(line)
    for line in ("Có mặt.", "Ghi sổ."):
        properties = made.add_paragraph(line)._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_numId().val = _decimal_list(made)
        properties.get_or_add_ilvl().val = 0
    made.save(str(tmp_path / "a.docx"))
    read = document(tmp_path / "a.docx")
    clauses = [part.text.strip() for part in read.parts if part.kind == "clause"]
    assert clauses == ["1. Có mặt.", "2. Ghi sổ."]


def _decimal_list(made: Any) -> int:
    """The first list of the template that counts 1., 2., 3."""
    root = made.part.numbering_part.element
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    decimal = {
        abstract.get(f"{word}abstractNumId")
        for abstract in root.findall(f"{word}abstractNum")
        if abstract.find(f"{word}lvl/{word}numFmt").get(f"{word}val") == "decimal"
    }
    return next(
        int(number.get(f"{word}numId"))
        for number in root.findall(f"{word}num")
        if number.find(f"{word}abstractNumId").get(f"{word}val") in decimal
    )


def test_faulty_lines_of_a_law_are_told_and_the_rest_goes_in(tmp_path: Path) -> None:
    good = {"id": "L-1", "law": "Luật Thử", "article": "1", "title": "Một", "text": "Một\n\n1. A."}
    rows = [good, good | {"text": ""}, good, "[1]"]
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    read = list(open_rules(tmp_path / "a.jsonl"))
    assert [item.key for item in read if isinstance(item, RuleDocument)] == ["Luật Thử"]
    told = [(item.line, item.reason) for item in read if isinstance(item, Rejection)]
    assert told[0] == (2, "no text in text")
    assert told[1] == (3, "article 1 of Luật Thử stands again, the first is kept")
    assert len(told) == 3


def test_a_missing_path_is_an_operators_error(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no such file"):
        list(open_rules(tmp_path / "nowhere"))


def test_versions_are_kept_side_by_side_and_a_correction_replaces(tmp_path: Path) -> None:
    store = RuleStore.open(f"sqlite:///{tmp_path / 'rules.db'}")
    file = tmp_path / "a.md"
    force = "Điều 2. Hiệu lực\nQuyết định này có hiệu lực từ ngày 01/{month}/2026.\n"

    def put(body: str, month: str) -> tuple[int, int, int]:
        file.write_text(HEAD + body + force.format(month=month), "utf-8")
        report = store.import_paths([file])
        assert not report.rejected
        return report.new, report.changed, report.same

    assert put(BODY, "03") == (1, 0, 0)
    assert put(BODY, "03") == (0, 0, 1)
    assert put(BODY.replace("07", "08"), "03") == (0, 1, 0)
    assert put(BODY.replace("07", "09"), "06") == (1, 0, 0)
    assert [str(d.in_force_from) for d in store.documents()] == ["2026-03-01", "2026-06-01"]


def test_samples_step_back_for_a_document_of_ones_own(tmp_path: Path) -> None:
    store = RuleStore.open(f"sqlite:///{tmp_path / 'rules.db'}")
    (tmp_path / "sample.md").write_text(f"---\nsample: true\n---\n{HEAD}{BODY}", "utf-8")
    store.import_paths([tmp_path / "sample.md"])
    assert [d.key for d in store.serving()] == ["5/QĐ-UBND"]
    (tmp_path / "own.md").write_text(HEAD.replace("5/", "6/") + BODY, "utf-8")
    store.import_paths([tmp_path / "own.md"])
    assert [d.key for d in store.serving()] == ["6/QĐ-UBND"]
