"""Unit figures: how they are asked for, whose they are, and what refuses them."""

import datetime as dt
from typing import Any

import pytest

from actions.context import Context
from actions.figures import asks_figures, period
from actions.officials import internal_reply
from actions.turn import Turn
from connectors.dossier import Counts, Elsewhere, Unavailable
from connectors.registry import Dossiers
from knowledge.blocks import FiguresBlock, NoticeBlock
from knowledge.roles import Role

ASKED = "đơn vị tôi có bao nhiêu hồ sơ quá hạn"
COUNTS = Counts(
    12, None, 3, 2,
    {"Hộ tịch": Counts(10, None, 3, 2), "Cư trú": Counts(2, None, 0, 0), "Đất": Counts(0, 0, 0, 0)},
)  # fmt: skip


class Asked(Dossiers):
    """Dossier systems that answer ``told`` and note what they were asked."""

    def __init__(self, told: Any) -> None:
        super().__init__([])
        self.told = told
        self.calls: list[str] = []

    async def figures(self, agency: str, since: dt.date, until: dt.date) -> Any:
        self.calls.append(agency)
        return self.told


def turn(text: str, role: Role = Role.OFFICIAL, unit: str = "H37.12", **values: Any) -> Turn:
    """A turn of an official of the sample unit."""
    given = {
        "text": text, "subject_text": text, "intent": "ask", "sections": [],
        "procedure_codes": [], "dossier_codes": [], "levels": [], "ordinals": [],
        "procedure_in_hand": None, "last_sections": [], "choices": [],
        "role": role, "unit": unit, "unit_name": "Ủy ban nhân dân xã Đồng Đăng",
    }  # fmt: skip
    return Turn(**given | values)


async def ask(dossiers: Asked, asked: Turn) -> Any:
    context: Any = Context(None, None, dossiers)  # type: ignore[arg-type]
    return await internal_reply(asked, context)


@pytest.mark.parametrize(
    "text",
    [
        ASKED,
        "don vi toi co bao nhieu ho so qua han",
        "Có mấy hồ sơ sắp đến hạn?",
        "thống kê hồ sơ tiếp nhận tháng này",
        "số liệu đơn vị tôi từ đầu năm",
        "tình hình giải quyết hồ sơ của cơ quan mình",
        "xã mình đang có bao nhiêu hồ sơ trễ hạn",
        "số hồ sơ quá hạn hôm nay",
    ],
)
def test_ways_to_ask_for_figures(text: str) -> None:
    assert asks_figures(text)


@pytest.mark.parametrize(
    "text",
    [
        "hồ sơ H37.12-260601-0004 quá hạn bao nhiêu hồ sơ",
        "khai sinh cần bao nhiêu bộ hồ sơ",
        "hồ sơ quá hạn thì xin lỗi thế nào",
        "hồ sơ quá hạn mấy ngày thì phải xin lỗi",
        "quy định thống kê hồ sơ quá hạn",
        "thống kê hồ sơ tiếp nhận theo mẫu nào",
        "hồ sơ của tôi quá hạn rồi",
        "số hồ sơ tiếp nhận ghi ở đâu",
    ],
)
def test_other_questions_are_not_taken_for_it(text: str) -> None:
    assert not asks_figures(text)


def test_the_period_is_the_one_named_or_this_month() -> None:
    day = dt.date(2026, 11, 24)
    assert period(ASKED, day) == (dt.date(2026, 11, 1), day)
    assert period("hôm nay", day) == (day, day)
    assert period("trong tuần này", day) == (dt.date(2026, 11, 23), day)
    assert period("tháng trước", day) == (dt.date(2026, 10, 1), dt.date(2026, 10, 31))
    assert period("quý này", day) == (dt.date(2026, 10, 1), day)
    assert period("từ đầu năm", day) == (dt.date(2026, 1, 1), day)


async def test_an_official_gets_the_numbers_of_their_own_unit_by_field() -> None:
    dossiers = Asked(COUNTS)
    reply = await ask(dossiers, turn(ASKED))
    [block] = reply.answer.blocks
    assert isinstance(block, FiguresBlock)
    assert reply.answer.outcome == "figures_shown" and dossiers.calls == ["H37.12"]
    assert reply.closes_form and reply.then == "action_listen"
    assert block.unit == "H37.12" and "xã Đồng Đăng" in block.title
    rows = {row.name: row.values for row in block.rows}
    assert rows == {
        "Tất cả": ["12", "không rõ", "3", "2"],
        "Hộ tịch": ["10", "không rõ", "3", "2"],
        "Cư trú": ["2", "không rõ", "0", "0"],
    }
    assert len(block.columns) == 4


@pytest.mark.parametrize("unit", ["H37.12", ""])
async def test_a_citizen_is_told_nothing_and_no_system_is_asked(unit: str) -> None:
    dossiers = Asked(COUNTS)
    assert await ask(dossiers, turn(ASKED, Role.CITIZEN, unit)) is None
    assert dossiers.calls == []


@pytest.mark.parametrize(
    "text",
    [
        "đơn vị H37.20 có bao nhiêu hồ sơ quá hạn",
        "h37 có bao nhiêu hồ sơ quá hạn",
        "xã Thất Khê có bao nhiêu hồ sơ quá hạn",
        "đơn vị khác có bao nhiêu hồ sơ quá hạn",
        "toàn tỉnh có bao nhiêu hồ sơ quá hạn",
    ],
)
async def test_another_unit_is_forbidden_and_not_asked(text: str) -> None:
    dossiers = Asked(COUNTS)
    reply = await ask(dossiers, turn(text))
    [block] = reply.answer.blocks
    assert reply.answer.outcome == "forbidden" and dossiers.calls == []
    assert isinstance(block, NoticeBlock) and "đơn vị bạn" in block.text


@pytest.mark.parametrize(
    "text",
    [
        "đơn vị H37.12 có bao nhiêu hồ sơ quá hạn",
        "xã Đồng Đăng có bao nhiêu hồ sơ quá hạn",
        "bộ phận h37.12.01 có bao nhiêu hồ sơ quá hạn",
    ],
)
async def test_ones_own_unit_may_be_named(text: str) -> None:
    reply = await ask(Asked(COUNTS), turn(text))
    assert reply.answer.outcome == "figures_shown"
    assert reply.answer.blocks[0].unit == "H37.12"


async def test_the_province_may_speak_of_all() -> None:
    reply = await ask(Asked(COUNTS), turn("toàn tỉnh có bao nhiêu hồ sơ quá hạn", unit="H37"))
    assert reply.answer.outcome == "figures_shown"


async def test_an_account_without_a_unit_sees_none() -> None:
    dossiers = Asked(COUNTS)
    reply = await ask(dossiers, turn(ASKED, unit=""))
    assert reply.answer.outcome == "forbidden" and dossiers.calls == []


@pytest.mark.parametrize(
    ("told", "word"), [(Unavailable("a", "timeout"), "gián đoạn"), (Elsewhere(), "Chưa có")]
)
async def test_a_system_that_cannot_tell_is_said_so(told: Any, word: str) -> None:
    reply = await ask(Asked(told), turn(ASKED))
    assert reply.answer.outcome == "dossier_system_unavailable"
    assert word in reply.answer.blocks[0].text
