"""Questions of officials about the shipped samples; citizens get nothing at all."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.blocks import ListBlock, NoticeBlock, RuleArticleBlock, StepsBlock
from knowledge.encoder import Encoder
from knowledge.roles import Role
from knowledge.rules.search import NOTHING, taken
from knowledge.rules.service import Kind, RuleAnswer, Rules
from knowledge.text.folding import fold

ASKED: dict[str, list[Any]] = yaml.safe_load(
    (Path(__file__).parent / "rule_questions.yml").read_text("utf-8")
)
OFFICIAL = Role.OFFICIAL


def articles(answer: RuleAnswer | None) -> list[RuleArticleBlock]:
    assert answer is not None
    return [block for block in answer.blocks if isinstance(block, RuleArticleBlock)]


def told(answer: RuleAnswer | None) -> str:
    assert answer is not None
    return " ".join(block.text for block in answer.blocks if isinstance(block, NoticeBlock))


def found(rules: Rules, text: str) -> list[str]:
    hits = rules.search(text, OFFICIAL).hits[:3]
    return [f"{hit.provision.document} {hit.provision.number}" for hit in hits]


@pytest.mark.parametrize("spell", [str, fold])
def test_questions_in_words_find_their_article(rules: Rules, spell: Any) -> None:
    rows = [(found(rules, spell(row["say"])), row["article"]) for row in ASKED["answered"]]
    first = sum(got[0] == article for got, article in rows)
    near = sum(article in got for got, article in rows)
    assert first >= 0.85 * len(rows)
    assert near >= 0.95 * len(rows)


def test_what_no_rule_speaks_of_is_left_to_the_catalogue(rules: Rules) -> None:
    taken_for_rules = [say for say in ASKED["none"] if rules.ask(say, OFFICIAL)]
    assert taken_for_rules == []


def test_a_citizen_gets_nothing(rules: Rules) -> None:
    asked = [row["say"] for row in ASKED["answered"] + ASKED["processes"]]
    references = ["khoản 2 điều 1 quyết định 05", "quyết định 07", "phụ lục I quyết định 10"]
    for text in [*asked, *references]:
        assert rules.ask(text, Role.CITIZEN) is None
        assert rules.search(text, Role.CITIZEN) is NOTHING
    for hit in rules.search("thứ bảy có làm việc không", OFFICIAL).hits:
        assert rules.article(hit.provision.id, Role.CITIZEN) is None
        assert rules.show(hit.provision.id, Role.CITIZEN) is None
    assert rules.show("process:1.001193", Role.CITIZEN) is None
    assert rules.process_codes(Role.CITIZEN) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "khoản 2 điều 1 quyết định 05/QĐ-BPMC",
        "điều 1 khoản 2 quyết định số 05",
        "dieu 1 khoan 2 quyet dinh 05/qd-bpmc",
        "Quyết định 05/QĐ-BPMC, Điều 1, Khoản 2 nói gì?",
    ],
)
def test_a_reference_is_answered_exactly(rules: Rules, text: str) -> None:
    (block,) = articles(rules.ask(text, OFFICIAL))
    assert block.address == "Khoản 2 Điều 1 Quyết định số 05/QĐ-BPMC"
    assert block.text.startswith("2. Buổi sáng từ 07 giờ 00 phút")
    assert block.clause == "2"
    assert block.force == "Có hiệu lực từ ngày 01/07/2026"
    assert "đã được sửa đổi theo Quyết định số 11/QĐ-BPMC" in block.notes[0]


def test_a_clause_stands_under_the_lead_of_its_article(rules: Rules) -> None:
    (block,) = articles(rules.ask("khoản 3 điều 3 quyết định 06", OFFICIAL))
    assert block.lead == "Cán bộ một cửa không được làm những việc sau đây:"
    assert block.text.startswith("3. Gợi ý, nhận tiền, quà")


def test_a_point_is_found_in_its_clause(rules: Rules) -> None:
    (block,) = articles(rules.ask("điểm b khoản 3 điều 4 quyết định 01", OFFICIAL))
    assert block.address == "Điểm b khoản 3 Điều 4 Quyết định số 01/QĐ-BPMC"
    assert block.text.startswith("b) Hồ sơ chưa đầy đủ")


@pytest.mark.parametrize(
    "text",
    [
        "trước đây khoản 2 điều 1 quyết định 05 quy định thế nào",
        "truoc khi sua doi khoan 2 dieu 1 quyet dinh 05",
    ],
)
def test_what_held_before_is_given_and_said_to_be_old(rules: Rules, text: str) -> None:
    answer = rules.ask(text, OFFICIAL)
    (block,) = articles(answer)
    assert block.text.startswith("2. Buổi sáng từ 07 giờ 30 phút")
    assert block.force == "Có hiệu lực từ ngày 05/01/2026 đến hết ngày 30/06/2026"
    assert block.notes[0].startswith("Nội dung cũ, không còn áp dụng từ ngày 01/07/2026")
    assert answer and any(link.label == "Quy định đang áp dụng" for link in answer.links)


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("quy định cũ về trực trưa", True),
        ("trực trưa theo quy định cũ?", True),
        ("quy định cư trú ở đâu", False),
        ("quy dinh cu the ve truc trua", False),
        ("van ban quy dinh cu tru", False),
    ],
)
def test_old_is_told_from_words_that_fold_alike(rules: Rules, text: str, past: bool) -> None:
    assert rules.search(text, OFFICIAL).past is past


def test_the_old_text_can_be_asked_for_in_words(rules: Rules) -> None:
    answer = rules.ask("trước đây trực trưa quy định ra sao", OFFICIAL)
    assert "quy định trước đây" in told(answer)
    assert "đợt cao điểm" in articles(answer)[0].text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("điều 40 quyết định 04", "Quyết định số 04/QĐ-BPMC không có Điều 40"),
        ("điều 5 quyết định 999", "không có văn bản số 999"),
        ("điều 2 luật cư trú", "không có “luật cư trú”"),
        ("khoản 9 điều 1 quyết định 05", "không có khoản 9"),
        ("quy định về nuôi mèo trong cơ quan", "không tìm thấy quy định nào"),
        ("quy định cũ về nuôi mèo", "không tìm thấy quy định cũ nào"),
    ],
)
def test_what_is_not_there_is_said_plainly(rules: Rules, text: str, words: str) -> None:
    assert words in told(rules.ask(text, OFFICIAL))


def test_an_article_without_its_document_is_asked_back(rules: Rules) -> None:
    answer = rules.ask("điều 5", OFFICIAL)
    assert answer and answer.kind is Kind.WHICH
    assert len(answer.links) > 1
    shown = rules.show(answer.links[0].key, OFFICIAL)
    assert articles(shown)[0].article == "5"


def test_a_follow_up_names_a_clause_of_the_article_in_hand(rules: Rules) -> None:
    answer = rules.ask("khoản 1 điều 2 quyết định 04", OFFICIAL)
    assert answer
    (block,) = articles(rules.ask("còn khoản 3?", OFFICIAL, in_hand=answer.in_hand))
    assert block.address == "Khoản 3 Điều 2 Quyết định số 04/QĐ-BPMC"


def test_a_document_named_alone_shows_its_articles(rules: Rules) -> None:
    answer = rules.ask("quyết định 07", OFFICIAL)
    assert answer
    (block,) = answer.blocks
    assert isinstance(block, ListBlock)
    assert block.items[0] == ("Điều 1", "Nguyên tắc xử lý dữ liệu cá nhân")


@pytest.mark.parametrize("row", ASKED["processes"], ids=lambda row: row["say"])
def test_internal_processes_are_found(rules: Rules, row: dict[str, str]) -> None:
    answer = rules.ask(row["say"], OFFICIAL, [])
    assert answer and answer.kind is Kind.PROCESS
    assert {b.source.code for b in answer.blocks if isinstance(b, StepsBlock)} == {row["code"]}


def test_the_asked_steps_come_first_with_who_and_how_long(rules: Rules) -> None:
    answer = rules.ask("hồ sơ cấp lại GCN QSDĐ bước thẩm định mấy ngày, ai ký", OFFICIAL)
    assert answer
    asked, whole = (block for block in answer.blocks if isinstance(block, StepsBlock))
    assert asked.marked and whole.folded
    steps = [(step.name, step.text) for step in asked.steps]
    assert steps[0][0].startswith("Bước 3: Thẩm định hồ sơ")
    assert "40 giờ làm việc (5 ngày)" in steps[0][1]
    assert steps[1][0] == "Bước 5: Ký cấp lại Giấy chứng nhận"
    assert steps[1][1].startswith("Giám đốc Văn phòng đăng ký đất đai")
    assert len(whole.steps) == 6


def test_every_shipped_process_is_of_a_shipped_procedure(rules: Rules) -> None:
    codes = rules.process_codes(OFFICIAL)
    shipped = Path(__file__).resolve().parents[1] / "knowledge" / "shipped"
    assert len(codes) == 10
    assert codes <= {file.stem for file in shipped.rglob("*.yaml")}


def test_samples_are_marked_wherever_they_are_shown(rules: Rules) -> None:
    for text in ("điều 1 quyết định 06", "ai ký văn bản xin lỗi"):
        for block in articles(rules.ask(text, OFFICIAL)):
            assert any("Văn bản mẫu" in note for note in block.notes)
    assert "Văn bản mẫu" in told(rules.ask("khai sinh ai ký", OFFICIAL))


def test_a_second_article_is_returned_when_the_first_is_not_sure() -> None:
    assert taken([0.9, 0.05, 0.05]) == 1
    assert taken([0.5, 0.4, 0.1]) == 2
    assert taken([0.4, 0.35, 0.25]) == 3


def test_before_the_first_build_the_rules_are_empty(tmp_path: Path, encoder: Encoder) -> None:
    empty = Rules(encoder, tmp_path)
    assert empty.size == 0
    assert "không có văn bản số 05" in told(empty.ask("điều 1 quyết định 05", OFFICIAL))
    assert empty.ask("ai ký văn bản xin lỗi", OFFICIAL) is None
    assert not empty.reload_if_newer()
