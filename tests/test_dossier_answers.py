"""What is said about a dossier: states, appointments, next steps, and never more than that."""

import datetime as dt
from typing import Any

import pytest
from gateway import SmallCatalogue

from actions.context import Context
from actions.dossiers import dossier_block, dossier_reply, texts
from actions.outcomes import Outcome
from connectors.codes import CodeFault, ReadCode
from connectors.dossier import (
    TIMEZONE,
    DossierStatus,
    Elsewhere,
    Found,
    NotFound,
    PublicStatus,
    Unavailable,
)
from knowledge.blocks import ContactBlock, DossierBlock, NoticeBlock

CODE, OTHER = "H37.12-260601-0004", "H37.12-260601-0005"
NOW = dt.datetime(2026, 6, 5, 10, tzinfo=TIMEZONE)  # a Friday
WAITING = [PublicStatus.REGISTERED, PublicStatus.RECEIVED, PublicStatus.PROCESSING]
ENDED = [
    PublicStatus.REFUSED,
    PublicStatus.WITHDRAWN,
    PublicStatus.STOPPED,
    PublicStatus.FINISHED,
    PublicStatus.RETURNED,
]


def at(day: int, hour: int = 17) -> dt.datetime:
    return dt.datetime(2026, 6, day, hour, tzinfo=TIMEZONE)


def status(state: PublicStatus = PublicStatus.PROCESSING, **values: Any) -> DossierStatus:
    given = {"procedure_code": "1.001193", "procedure_name": "Khai sinh", "agency": "Một cửa mẫu"}
    return DossierStatus(**({"code": CODE, "status": state} | given | values))


class KnownDossiers:
    """Answers by code."""

    def __init__(self, **found: Found) -> None:
        self.found: dict[str, Found] = {}
        self.asked: list[str] = []

    async def find(self, code: ReadCode, second_factor: str | None = None) -> Found:
        self.asked.append(code.code)
        return self.found[code.code]


@pytest.fixture
def dossiers() -> KnownDossiers:
    return KnownDossiers()


def context(dossiers: Any) -> Context:
    catalogue: Any = SmallCatalogue()
    return Context(catalogue, ContactBlock(text="Nơi có thể giúp:", lines=[]), dossiers)


@pytest.mark.parametrize("state", list(PublicStatus))
def test_every_state_says_what_it_means_and_what_to_do(state: PublicStatus) -> None:
    block = dossier_block(status(state, status_name="Chờ họp"), NOW)
    assert block.meaning and block.status and block.next_steps
    assert "{" not in block.model_dump_json().replace('"{', "").replace('{"', "")


def test_every_state_and_fault_has_its_text() -> None:
    assert set(texts()["statuses"]) == {str(state) for state in PublicStatus}
    assert set(texts()["faults"]) == {str(fault) for fault in CodeFault}


def test_an_unknown_state_is_said_in_the_system_s_own_words() -> None:
    block = dossier_block(status(PublicStatus.UNKNOWN, status_name="Chờ họp hội đồng"), NOW)
    assert block.status == "Chờ họp hội đồng" and "không đoán" in block.meaning


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (at(10), "còn 3 ngày làm việc"),
        (at(8), "còn 1 ngày làm việc"),
        (at(7), "ngày nghỉ"),
        (at(5), "Hẹn trả hôm nay"),
        (at(3), "đã quá hẹn 2 ngày làm việc"),
        (None, "Chưa có ngày hẹn trả"),
    ],
)
def test_the_days_left_are_working_days(due: dt.datetime | None, words: str) -> None:
    assert words in dossier_block(status(due=due), NOW).due


def test_a_holiday_is_no_working_day() -> None:
    before = dt.datetime(2026, 4, 29, 10, tzinfo=TIMEZONE)
    after = dt.datetime(2026, 5, 4, 17, tzinfo=TIMEZONE)
    assert "còn 1 ngày làm việc" in dossier_block(status(due=after), before).due


@pytest.mark.parametrize("state", WAITING)
def test_a_late_dossier_gets_an_apology_and_whom_to_call(state: PublicStatus) -> None:
    block = dossier_block(status(state, due=at(3)), NOW)
    assert block.late and "xin lỗi" in block.next_steps[0] and "gọi" in block.next_steps[0]


@pytest.mark.parametrize("state", ENDED)
def test_what_is_over_is_never_late(state: PublicStatus) -> None:
    block = dossier_block(status(state, due=at(1), finished=at(2)), NOW)
    assert not block.late and block.due == ""


def test_the_papers_to_bring_are_named() -> None:
    papers = ("Giấy chứng sinh", "Tờ khai")
    block = dossier_block(status(PublicStatus.SUPPLEMENT, supplement=papers), NOW)
    assert "Bổ sung: Giấy chứng sinh; Tờ khai." in block.next_steps
    assert any("Một cửa mẫu" in step for step in block.next_steps)
    unnamed = dossier_block(status(PublicStatus.SUPPLEMENT), NOW)
    assert "không ghi tên giấy tờ" in unnamed.next_steps[0]


def test_the_fee_is_said_and_no_account_is_ever_given() -> None:
    block = dossier_block(status(PublicStatus.PAYMENT, fee_due="10.000 đồng"), NOW)
    assert "10.000 đồng" in block.next_steps[0] and "giả mạo" in block.next_steps[1]
    assert "không ghi số tiền" in dossier_block(status(PublicStatus.PAYMENT), NOW).next_steps[0]


def test_where_to_fetch_the_result_is_said() -> None:
    placed = dossier_block(status(PublicStatus.FINISHED, result_place="Quầy 3"), NOW)
    assert "Quầy 3" in placed.next_steps[0]
    assert "Một cửa mẫu" in dossier_block(status(PublicStatus.FINISHED), NOW).next_steps[0]
    nowhere = dossier_block(status(PublicStatus.FINISHED, agency=""), NOW)
    assert "nơi nhận hồ sơ" in nowhere.next_steps[0]


def test_the_time_line_tells_what_was_is_and_comes() -> None:
    block = dossier_block(status(submitted=at(1, 8), received=at(2, 9), due=at(10)), NOW)
    rows = [(row.label, row.when, row.state) for row in block.timeline]
    assert rows == [
        ("Nộp hồ sơ", "01/06/2026", "done"),
        ("Tiếp nhận", "02/06/2026", "done"),
        ("Đang giải quyết", "", "now"),
        ("Hẹn trả kết quả", "10/06/2026", "todo"),
    ]


def test_filed_and_received_on_one_day_is_one_row() -> None:
    block = dossier_block(status(submitted=at(1, 8), received=at(1, 9)), NOW)
    assert [row.label for row in block.timeline] == ["Tiếp nhận", "Đang giải quyết"]


def test_a_finished_dossier_s_time_line_ends_with_its_day() -> None:
    block = dossier_block(status(PublicStatus.FINISHED, finished=at(4)), NOW)
    assert block.timeline[-1].when == "04/06/2026" and block.timeline[-1].state == "now"


def test_the_minute_and_the_system_are_told() -> None:
    assert dossier_block(status(), NOW).as_of == "Theo hệ thống hồ sơ, lúc 10:00 ngày 05/06/2026."


async def test_a_dossier_that_is_found_is_remembered_and_leads_to_its_procedure(
    dossiers: KnownDossiers,
) -> None:
    dossiers.found = {CODE: status()}
    reply = await dossier_reply([ReadCode(CODE)], context(dossiers))
    assert reply.answer.outcome == Outcome.DOSSIER_FOUND
    assert reply.slots["last_dossier"] == CODE
    assert reply.answer.suggestions[0].slots == {"procedure_code": "1.001193"}


async def test_several_codes_are_answered_in_their_order(dossiers: KnownDossiers) -> None:
    dossiers.found = {CODE: status(), OTHER: NotFound()}
    reply = await dossier_reply([ReadCode(OTHER), ReadCode(CODE)], context(dossiers))
    assert reply.answer.outcome == Outcome.DOSSIER_FOUND
    kinds = [block.type for block in reply.answer.blocks]
    assert kinds == ["notice", "text", "dossier"]


async def test_no_more_than_three_are_looked_up_at_once(dossiers: KnownDossiers) -> None:
    codes = [ReadCode(f"H37.12-260601-{n:04d}") for n in range(1, 6)]
    dossiers.found = {code.code: status(code=code.code) for code in codes}
    reply = await dossier_reply(codes, context(dossiers))
    assert len(dossiers.asked) == 3
    assert sum(isinstance(block, DossierBlock) for block in reply.answer.blocks) == 3
    assert "tối đa 3" in reply.answer.blocks[-1].model_dump()["text"]


@pytest.mark.parametrize("fault", list(CodeFault))
async def test_a_code_that_cannot_be_right_asks_no_system_and_says_what_is_wrong(
    dossiers: KnownDossiers, fault: CodeFault
) -> None:
    reply = await dossier_reply([ReadCode("H37-x", fault)], context(dossiers))
    assert reply.answer.outcome == Outcome.DOSSIER_CODE_INVALID and dossiers.asked == []
    first = reply.answer.blocks[0]
    assert isinstance(first, NoticeBlock) and "H37-x" in first.text
    assert "không hợp lệ" not in first.text


@pytest.mark.parametrize(
    ("found", "outcome", "words"),
    [
        (NotFound(), Outcome.DOSSIER_NOT_FOUND, "Không tra được"),
        (Unavailable("x", "timeout"), Outcome.DOSSIER_SYSTEM_UNAVAILABLE, "gián đoạn"),
        (Elsewhere(), Outcome.DOSSIER_SYSTEM_UNAVAILABLE, "dichvucong.gov.vn"),
    ],
)
async def test_where_nothing_can_be_shown_there_is_a_way_on(
    dossiers: KnownDossiers, found: Found, outcome: Outcome, words: str
) -> None:
    dossiers.found = {CODE: found}
    reply = await dossier_reply([ReadCode(CODE)], context(dossiers))
    assert reply.answer.outcome == outcome
    assert words in str(reply.answer.blocks) and CODE in str(reply.answer.blocks)
    assert isinstance(reply.answer.blocks[-1], ContactBlock)
