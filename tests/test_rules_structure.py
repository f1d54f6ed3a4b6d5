"""Rule texts are cut into parts that can be named, and no character is lost."""

import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from rule_samples import ADDRESSES, AMENDING, DECISION, write_docx, write_pdf

from knowledge.rules.importers import open_rules
from knowledge.rules.records import PartKind, RuleDocument
from knowledge.rules.store import SHIPPED
from knowledge.rules.structure import parse, parse_article


def read(path: Path) -> RuleDocument:
    (document,) = open_rules(path)
    assert isinstance(document, RuleDocument), document
    return document


def addresses(document: RuleDocument) -> list[str]:
    return [document.address(at) for at in range(len(document.parts))]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    "text", [DECISION, AMENDING, "", "không có điều nào", "Điều 1", "\n\n1. a"]
)
def test_parts_joined_are_the_text(text: str) -> None:
    assert "".join(part.text for part in parse(text)) == text


ODD = ["", "| a | b |", "1. Một", "2) Hai", "a) x", "“Điều 4. Mới", "hết”", "# Điều 9. Đầu đề"]
ODD += ["**Chương II**", "Mục 3", "PHẦN THỨ NHẤT", "\t", "QUY CHẾ", "(Ban hành kèm theo", "PHỤ LỤC"]
LINES = st.sampled_from([*DECISION.split("\n"), *AMENDING.split("\n"), *ODD])


@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_no_order_of_lines_loses_a_character(lines: list[str], end: str) -> None:
    text = end.join(lines)
    parts = parse(text)
    assert "".join(part.text for part in parts) == text
    assert all(part.above is None or part.above < at for at, part in enumerate(parts))


def test_every_article_of_the_corpus_is_addressable_and_whole(real_data: Path) -> None:
    file = real_data / "rules" / "alqac2024-law.jsonl.xz"
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = {}
    for document in open_rules(file):
        assert isinstance(document, RuleDocument), document
        for at, part in enumerate(document.parts):
            if part.kind is PartKind.ARTICLE:
                text = document.whole(at)
                found[document.article_ids[part.number]] = (document.address(at), text)
    assert len(rows) == len(found) == 2249
    wrong = [
        row["id"]
        for row in rows
        if found[row["id"]] != (f"Điều {row['article']} {row['law']}", row["text"])
    ]
    assert wrong == []


def test_a_word_file_with_its_head_in_a_table_is_addressable(tmp_path: Path) -> None:
    document = read(write_docx(tmp_path / "a.docx", "77/QĐ-UBND", DECISION))
    assert set(ADDRESSES) <= set(addresses(document))
    assert squeezed(DECISION) in squeezed(document.text)
    assert "| STT | Họ và tên | Nội dung |" in document.text
    assert document.number == "77/QĐ-UBND"
    assert document.title == "Ban hành Quy chế tiếp công dân tại trụ sở"
    assert document.issuer == "ỦY BAN NHÂN DÂN TỈNH LẠNG SƠN"
    assert str(document.issued) == "2026-03-20"
    assert str(document.in_force_from) == "2026-04-01"
    assert document.replaces == ["12/2020/QĐ-UBND"]


def test_a_printed_file_has_its_wrapped_lines_joined(tmp_path: Path, browser: Browser) -> None:
    document = read(write_pdf(browser, tmp_path / "a.pdf", "77/QĐ-UBND", DECISION))
    assert set(ADDRESSES) <= set(addresses(document))
    assert squeezed(DECISION) in squeezed(document.text)
    lines = document.text.splitlines()
    assert set(DECISION.splitlines()) <= set(lines)


def test_an_amending_word_file_says_what_it_amends(tmp_path: Path) -> None:
    document = read(write_docx(tmp_path / "b.docx", "99/QĐ-UBND", AMENDING))
    assert document.amends == ["77/QĐ-UBND"]
    assert "khoản 2 Điều 1 Quyết định số 99/QĐ-UBND" in addresses(document)
    assert squeezed(AMENDING) in squeezed(document.text)


def test_every_article_of_the_shipped_rules_has_its_own_address() -> None:
    for document in open_rules(SHIPPED):
        assert isinstance(document, RuleDocument), document
        named = addresses(document)
        assert len(named) == len(set(named)), document.key
        assert document.sample
        assert document.in_force_from


def test_a_year_opens_no_clause_and_a_skipped_number_does() -> None:
    parts = parse_article("5", "Hạn", "Hạn\n1. Một.\n2026. Năm nay.\n3. Ba.\n")
    assert [(part.kind, part.number) for part in parts] == [
        (PartKind.ARTICLE, "5"), (PartKind.CLAUSE, "1"), (PartKind.CLAUSE, "3"),
    ]  # fmt: skip


def test_quoted_text_of_an_amendment_is_left_whole() -> None:
    parts = parse("Điều 1. Sửa\n1. Sửa Điều 4 như sau:\n“Điều 4. Mới\n1. Một\n2. Hai”\n2. Bỏ.\n")
    assert [(part.kind.value, part.number) for part in parts] == [
        ("article", "1"), ("clause", "1"), ("clause", "2"),
    ]  # fmt: skip


def test_points_follow_the_vietnamese_alphabet() -> None:
    text = "1. Gồm:\na) một;\nb) hai;\nc) ba;\nd) bốn;\nđ) năm;\ne) sáu.\n"
    points = [p.number for p in parse_article("1", "", text) if p.kind is PartKind.POINT]
    assert points == ["a", "b", "c", "d", "đ", "e"]
