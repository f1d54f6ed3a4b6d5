"""Someone in danger gets a number at once; questions about papers do not."""

import pytest

from bot.emergencies import emergency
from knowledge.service import Knowledge
from knowledge.text.folding import fold


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Có người bị mắc kẹt trong đám cháy, cần gọi ai?", "114"),
        ("nhà hàng xóm đang cháy", "114"),
        ("tôi bị cướp ở đường", "113"),
        ("vợ tôi bất tỉnh rồi", "115"),
        ("em không muốn sống nữa", "115"),
        ("cháu bé bị đánh suốt đêm", "111"),
    ],
)
def test_danger_is_answered_with_the_right_number(text: str, number: str) -> None:
    for said in (text, fold(text), text.upper()):
        assert number in (emergency(said) or "")


def test_no_name_or_alias_of_a_procedure_is_an_emergency(knowledge: Knowledge) -> None:
    procedures = list(knowledge._store.all_procedures())
    names = [name for procedure in procedures for name in (procedure.name, *procedure.aliases)]
    assert [name for name in names if emergency(name)] == []


def test_questions_about_fire_papers_are_no_emergency() -> None:
    assert emergency("thẩm duyệt phòng cháy chữa cháy cần giấy tờ gì") is None
    assert emergency("nhà bị cháy mất sổ đỏ thì cấp lại ở đâu") is None
