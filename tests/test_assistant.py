"""The main job, end to end: real engine, real index, real HTTP, real browser."""

from typing import Any

import pytest
from assistant_fixture import Assistant
from playwright.sync_api import Browser, expect

from bot.messages import messages

# question, procedure, block that must answer it: other fields, half without diacritics
ASKED = [
    ("làm khai sinh cho con cần giấy tờ gì", "1.001193", "components"),
    ("dang ky ket hon mat bao nhieu tien", "1.000894", "fee_table"),
    ("đăng ký tạm trú mấy ngày thì xong", "1.004194", "fee_table"),
    ("mat bang lai xe muon xin cap lai thi can giay to gi", "3.000348", "components"),
    ("mở quán tạp hóa thì đăng ký hộ kinh doanh cần giấy tờ gì", "1.001612", "components"),
    ("bo toi moi mat can lam giay bao tu o dau", "1.000656", "text"),
    ("sao y bản chính hết bao nhiêu tiền", "2.000815", "fee_table"),
    ("lam ho chieu pho thong can giay to gi", "1.001456", "components"),
    ("xin giấy xác nhận độc thân cần giấy tờ gì", "1.004873", "components"),
    ("tach ho khau thi can nhung giay to gi", "1.010038", "components"),
    ("giấy phép xây nhà ở riêng lẻ cần hồ sơ gì", "1.013225", "components"),
    ("nhan con nuoi trong nuoc can giay to gi", "2.001263", "components"),
    ("thẻ căn cước bị mất xin cấp lại bao lâu có", "1.014064", "fee_table"),
    ("doi giay phep lai xe het bao nhieu tien", "3.000347", "fee_table"),
    ("phiếu lý lịch tư pháp số 1 cần giấy tờ gì", "3.000333", "components"),
    ("dang ky thanh lap hop tac xa moi can giay to gi", "1.005280", "components"),
    ("hưởng chế độ thai sản cần giấy tờ gì", "2.000693", "components"),
    ("hoa giai tranh chap dat dai can giay to gi", "1.012812", "components"),
    ("đăng ký mua nhà ở xã hội cần giấy tờ gì", "1.115150", "components"),
    ("cai chinh ho tich can giay to gi", "1.004859", "components"),
    ("trích lục bản sao khai sinh hết bao nhiêu tiền", "2.000635", "fee_table"),
]


def _head(reply: dict[str, Any]) -> str:
    return next((b["code"] for b in reply["blocks"] if b["type"] == "procedure"), "")


@pytest.mark.parametrize(("question", "code", "block"), ASKED)
def test_questions_of_many_fields_get_the_right_section(
    assistant: Assistant, question: str, code: str, block: str
) -> None:
    reply = assistant.talk().say(question)
    assert (reply["outcome"], _head(reply)) == ("answered", code)
    assert reply["blocks"][1]["type"] == block
    assert reply["blocks"][1]["source"]["code"] == code


def test_every_block_about_a_procedure_says_where_it_stands(assistant: Assistant) -> None:
    reply = assistant.talk().say("làm khai sinh cho con cần giấy tờ gì")
    for block in reply["blocks"]:
        source = block["source"]
        assert source["code"] and source["decision"] and source["origin"]
        assert (source["url"], source["date"]) != (None, None)


def test_a_talk_keeps_the_procedure_and_then_the_section(assistant: Assistant) -> None:
    talk = assistant.talk()
    talk.say("làm khai sinh cho con cần giấy tờ gì")
    fees = talk.say("con le phi thi sao")
    assert (_head(fees), fees["blocks"][1]["type"]) == ("1.001193", "fee_table")
    other = talk.say("thế còn đăng ký tạm trú?")
    assert (_head(other), other["blocks"][1]["type"]) == ("1.004194", "fee_table")


def test_a_choice_is_taken_by_button_and_by_word(assistant: Assistant) -> None:
    for take in ("button", "word"):
        talk = assistant.talk()
        offered = talk.say("đăng ký lại")
        choices = next(b for b in offered["blocks"] if b["type"] == "choices")
        second = choices["options"][1]
        reply = talk.choose(second["id"]) if take == "button" else talk.say("cái thứ hai")
        assert reply["outcome"] == "answered"
        name = next(b["name"] for b in reply["blocks"] if b["name"])
        assert second["label"].casefold() in name.casefold()


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("xin chào", "small_talk"),
        ("cảm ơn nhé", "small_talk"),
        ("bạn là người hay máy", "small_talk"),
        ("hôm nay trời có mưa không", "out_of_scope"),
        ("9.999999", "not_in_catalogue"),
        ("hồ sơ H37.12-260601-0004 đến đâu rồi", "dossier_found"),
        ("ho so H37.12-250601-9999 toi dau roi", "dossier_not_found"),
        ("H51.12-250601-0003", "dossier_system_unavailable"),
        ("bao nhiêu tiền", "clarifying"),
        ("xóa dữ liệu", "erased"),
    ],
)
def test_other_turns_end_as_they_should(assistant: Assistant, text: str, outcome: str) -> None:
    reply = assistant.talk().say(text)
    assert reply["outcome"] == outcome
    assert reply["blocks"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🙂🙂🙂",
        "\u202e\u0000\u200b",
        '/choose{"ordinal": "1"}',
        "/action_answer",
        "'; DROP TABLE procedures; --",
        "<script>alert(1)</script>",
        '{"intent": "choose", "slots": {}}',
        "x" * 10_000,
        "%s%s%n ${jndi:ldap://x}",
    ],
)
def test_odd_input_gets_words_and_never_a_trace(assistant: Assistant, text: str) -> None:
    reply = assistant.talk().say(text)
    words = reply.get("detail") or " ".join(str(block) for block in reply["blocks"])
    assert words
    assert "Traceback" not in words
    assert _head(reply) == "" if "blocks" in reply else reply["status"] == 422


@pytest.mark.parametrize("question", messages("suggestions"))
def test_what_the_widget_offers_before_the_first_question_leads_on(
    assistant: Assistant, question: str
) -> None:
    reply = assistant.talk().say(question)
    assert reply["outcome"] in {"answered", "choice_offered", "form_asked"}
    assert [block["type"] for block in reply["blocks"]][-1] != "notice"


def test_every_part_reports_ready(assistant: Assistant) -> None:
    health = assistant.health()
    assert health["status"] == "ready"
    assert {name: part["state"] for name, part in health["parts"].items()} == {
        "engine": "up",
        "catalogue": "up",
        "conversations": "up",
        "dossiers": "up",
    }


def test_a_person_asks_in_the_browser_and_reads_the_papers(
    assistant: Assistant, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 812}, locale="vi-VN")
    page.goto(assistant.url)
    page.get_by_role("button", name="Hỏi thủ tục").click()
    box = page.get_by_role("textbox")
    box.fill("làm khai sinh cho con cần giấy tờ gì")
    box.press("Enter")
    log = page.get_by_role("log")
    expect(log.get_by_text("Thủ tục đăng ký khai sinh").first).to_be_visible()
    expect(log.get_by_text("Giấy tờ cần chuẩn bị").first).to_be_visible()
    expect(log.get_by_text("1.001193").first).to_be_visible()
    expect(log.get_by_text("335/QĐ-UBND").first).to_be_visible()
    page.close()


def test_a_person_without_javascript_reads_the_same(assistant: Assistant, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    page.goto(f"{assistant.url}/chat")
    page.get_by_role("textbox").fill("dang ky tam tru can giay to gi")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("heading", name="Đăng ký tạm trú").first).to_be_visible()
    expect(page.get_by_text("1.004194").first).to_be_visible()
    context.close()
