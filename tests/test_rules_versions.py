"""What holds today, what held before, and who changed it."""

import datetime as dt
from pathlib import Path

from rule_samples import AMENDING, DECISION, HEAD

from knowledge.rules.importers import read_document
from knowledge.rules.records import RuleDocument
from knowledge.rules.versions import Provision, provisions

BEFORE, AFTER = dt.date(2026, 5, 1), dt.date(2026, 9, 1)
ATTACHED = "Quy chế ban hành kèm theo Quyết định số 77/QĐ-UBND"


def made(number: str, text: str) -> RuleDocument:
    head = "\n".join(said.format(number=number) for row in HEAD for said in row)
    return read_document(f"{head}\n{text}\n", Path("a.txt"))


def held(units: list[Provision], address: str, day: dt.date) -> Provision:
    (unit,) = [unit for unit in units if unit.address == address and unit.holds(day)]
    return unit


def test_an_amended_clause_has_its_new_text_from_its_day_on() -> None:
    units = provisions([made("77/QĐ-UBND", DECISION), made("99/QĐ-UBND", AMENDING)])
    old = held(units, f"Điều 2 {ATTACHED}", BEFORE)
    new = held(units, f"Điều 2 {ATTACHED}", AFTER)
    assert "vào ngày 15 hằng tháng" in old.text
    assert "vào ngày 10 và ngày 25 hằng tháng" in new.text
    assert "vào ngày 15" not in new.text
    assert (old.ended_by, new.changed_by) == ("Quyết định số 99/QĐ-UBND",) * 2
    assert old.is_past(AFTER)
    assert not old.is_past(BEFORE)


def test_a_dropped_point_is_gone_and_the_others_stay() -> None:
    units = provisions([made("77/QĐ-UBND", DECISION), made("99/QĐ-UBND", AMENDING)])
    new = held(units, f"Điều 2 {ATTACHED}", AFTER)
    assert [part.number for part in new.parts if part.kind == "point"] == ["a", "đ"]
    assert new.text.startswith("Điều 2. Lịch tiếp công dân\n")


def test_the_decision_around_a_regulation_is_not_amended_in_its_place() -> None:
    whole = AMENDING.replace("khoản 1 Điều 2 như", "Điều 3 như").replace(
        "“1. Chủ tịch tiếp định kỳ vào ngày 10 và ngày 25 hằng tháng.”",
        "“Điều 3. Nơi tiếp\n1. Tầng một.”",
    )
    units = provisions([made("77/QĐ-UBND", DECISION), made("99/QĐ-UBND", whole)])
    assert held(units, f"Điều 3 {ATTACHED}", AFTER).text == "Điều 3. Nơi tiếp\n1. Tầng một.\n"
    assert "Chánh Văn phòng" in held(units, "Điều 3 Quyết định số 77/QĐ-UBND", AFTER).text


def test_articles_that_only_carry_new_words_are_marked() -> None:
    units = provisions([made("77/QĐ-UBND", DECISION), made("99/QĐ-UBND", AMENDING)])
    carriers = [unit.address for unit in units if unit.carrier]
    assert carriers == ["Điều 1 Quyết định số 99/QĐ-UBND"]


def test_a_replaced_document_ends_when_the_new_one_begins() -> None:
    older = DECISION.replace("01 tháng 4 năm 2026", "03 tháng 02 năm 2020")
    older = older.replace(" và thay thế Quyết định số 12/2020/QĐ-UBND", "")
    units = provisions([made("12/2020/QĐ-UBND", older), made("77/QĐ-UBND", DECISION)])
    old = [unit for unit in units if unit.document == "12/2020/QĐ-UBND"]
    assert {unit.until for unit in old} == {dt.date(2026, 4, 1)}
    assert {unit.ended_by for unit in old} == {"Quyết định số 77/QĐ-UBND"}


def test_dropping_one_clause_ends_no_document() -> None:
    text = DECISION.replace("thay thế Quyết định", "bãi bỏ khoản 2 Điều 5 Quyết định")
    assert made("77/QĐ-UBND", text).replaces == []


def test_a_later_version_of_the_same_document_ends_the_earlier() -> None:
    later = DECISION.replace("01 tháng 4 năm 2026", "01 tháng 7 năm 2026")
    later = later.replace("ngày 15 hằng tháng", "ngày 20 hằng tháng")
    units = provisions([made("77/QĐ-UBND", DECISION), made("77/QĐ-UBND", later)])
    assert "ngày 15" in held(units, f"Điều 2 {ATTACHED}", BEFORE).text
    assert "ngày 20" in held(units, f"Điều 2 {ATTACHED}", AFTER).text


def test_a_place_that_is_not_there_changes_nothing() -> None:
    text = AMENDING.replace("khoản 1 Điều 2", "khoản 9 Điều 2").replace("điểm b", "điểm x")
    units = provisions([made("77/QĐ-UBND", DECISION), made("99/QĐ-UBND", text)])
    assert not any(unit.changed_by for unit in units)
