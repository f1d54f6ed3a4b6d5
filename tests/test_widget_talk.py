"""The field, the talk over reloads and tabs, and its options (needs 10, 11, 13 and 14)."""

import re
from pathlib import Path

from browser import NewPage, ask, launcher, open_widget, panel, question, turns
from fake_gateway import FakeGateway
from playwright.sync_api import Page, expect


def option(page: Page, name: str) -> None:
    page.get_by_role("button", name="Tùy chọn cuộc trò chuyện").click()
    page.get_by_role("button", name=name).click()


def sent(gateway: FakeGateway) -> int:
    """How many questions reached the gateway."""
    posts = [entry for entry in gateway.behaviour.requests if entry.startswith("POST")]
    return sum(entry.endswith("/messages") for entry in posts)


def test_the_notice_and_suggestions_come_first(page: Page) -> None:
    open_widget(page)
    log = page.get_by_role("log")
    expect(log.get_by_role("listitem").first).to_contain_text("Tôi là trợ lý tự động (AI)")
    expect(log.get_by_role("button", name="Làm khai sinh cho con cần giấy tờ gì?")).to_be_visible()


def test_the_ten_most_asked_are_offered_five_at_once(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    chips = page.locator("ls-assistant .chip")
    expect(chips).to_have_count(10)
    expect(chips.nth(4)).to_be_visible()
    expect(chips.nth(5)).to_be_hidden()
    page.locator("ls-assistant summary", has_text="Thêm 5 câu hay được hỏi").press("Enter")
    chips.nth(9).click()
    expect(turns(page).first).to_contain_text("Câu hay được hỏi thứ 10")
    expect(page.locator("ls-assistant .offer")).to_have_count(0)


def test_need_11_one_can_ask_without_any_account_puzzle_or_other_field(page: Page) -> None:
    open_widget(page)
    fields = page.locator("ls-assistant :is(input, textarea, select, iframe, canvas, img)")
    expect(fields).to_have_count(1)
    assert ask(page, "Xin chào").is_visible()


def test_need_13_the_length_is_counted_as_the_gateway_counts(page: Page) -> None:
    open_widget(page)
    question(page).fill("e\u0302\u0301" * 10)
    expect(page.locator("ls-assistant #counter")).to_have_text("10/1000 ký tự")


def test_need_13_a_question_too_long_is_said_in_words_and_kept(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    question(page).fill("a" * 1004)
    question(page).press("Enter")
    error = page.get_by_role("alert")
    expect(error).to_contain_text("thừa 4")
    expect(question(page)).to_have_attribute("aria-invalid", "true")
    expect(question(page)).to_have_value("a" * 1004)
    described = question(page).get_attribute("aria-describedby")
    assert described is not None and str(error.get_attribute("id")) in described.split()
    assert sent(gateway) == 0


def test_need_13_an_empty_question_is_said_in_words(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    question(page).fill("   \n ")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("alert")).to_contain_text("Bạn chưa nhập câu hỏi")
    question(page).fill("x")
    expect(page.get_by_role("alert")).to_be_empty()
    assert sent(gateway) == 0


def test_need_14_a_reload_keeps_the_talk_and_the_unsent_draft(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    question(page).fill("đang viết dở")
    page.reload()
    expect(panel(page)).to_be_visible()
    expect(turns(page)).to_have_count(2)
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()
    expect(question(page)).to_have_value("đang viết dở")
    ask(page, "Xin chào")
    assert len(gateway.behaviour.talks) == 1


def test_need_14_the_next_page_keeps_the_talk_without_taking_the_focus(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    page.goto(f"{gateway.url}/?next")
    expect(turns(page)).to_have_count(2)
    assert page.evaluate("document.activeElement === document.body")


def test_need_14_a_closed_talk_is_taken_up_when_opened_on_the_next_page(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    page.keyboard.press("Escape")
    page.goto(f"{gateway.url}/?next")
    launcher(page).click()
    expect(turns(page)).to_have_count(2)


def test_need_14_a_second_tab_has_a_talk_of_its_own(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    second = page.context.new_page()
    second.goto(gateway.url)
    open_widget(second)
    expect(turns(second)).to_have_count(0)
    ask(second, "Làm khai sinh")
    assert [len(talk) for talk in gateway.behaviour.talks.values()] == [1, 1]


def test_need_14_a_duplicated_tab_does_not_mix_with_the_first(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    with page.expect_popup() as opened:
        page.evaluate("window.open('/?copy')")
    copy = opened.value
    copy.locator("ls-assistant .offer").wait_for()
    expect(turns(copy)).to_have_count(0)
    ask(copy, "Làm khai sinh")
    ask(page, "Xin chào")
    assert sorted(len(talk) for talk in gateway.behaviour.talks.values()) == [1, 2]


def test_need_14_a_talk_the_gateway_no_longer_has_is_begun_anew(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    gateway.behaviour.talks.clear()
    page.reload()
    expect(page.get_by_text("Cuộc trò chuyện trước đã hết hạn")).to_be_visible()
    ask(page, "Làm khai sinh")


def test_need_14_a_talk_that_expires_in_between_still_gets_the_answer(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    gateway.behaviour.talks.clear()
    expect(ask(page, "Làm khai sinh")).to_contain_text("Giấy tờ phải nộp")
    expect(page.get_by_text("Cuộc trò chuyện trước đã hết hạn")).to_be_visible()


def test_need_10_a_new_talk_is_empty_and_offers_what_was_chosen_before(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    ask(page, "Hồ sơ h37.12-250601-0003 đến đâu rồi?")
    option(page, "Cuộc trò chuyện mới")
    expect(page.get_by_role("status")).to_have_text("Đã mở cuộc trò chuyện mới.")
    expect(turns(page)).to_have_count(0)
    expect(page.get_by_role("button", name="hồ sơ H37.12-250601-0003")).to_be_visible()
    page.get_by_role("button", name="Xem lại: Đăng ký khai sinh").click()
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()
    asked = [turn["text"] for turn in gateway.behaviour.talks["talk-3"]]
    assert asked == ["Đăng ký khai sinh"]


def test_need_14_the_talk_is_downloaded_as_text_with_folded_parts(
    page: Page, tmp_path: Path
) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh cho con")
    with page.expect_download() as download:
        option(page, "Tải cuộc trò chuyện về máy")
    assert download.value.suggested_filename == "tro-chuyen-thu-tuc.txt"
    path = tmp_path / "talk.txt"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8-sig")
    for part in ["Bạn hỏi: Làm khai sinh cho con", "Luật dùng để thử", "12/QĐ-THU", "1 bản chính"]:
        assert part in text
    assert "https://example.org/mau-01.docx" in text
    assert "Có ích" not in text


def test_need_14_erasing_asks_first_and_can_be_refused(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    option(page, "Xóa cuộc trò chuyện")
    keep = page.get_by_role("button", name="Giữ lại")
    expect(keep).to_be_focused()
    keep.click()
    expect(turns(page)).to_have_count(2)
    assert gateway.behaviour.erased == []


def test_need_14_erasing_removes_the_talk_there_and_here(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    option(page, "Xóa cuộc trò chuyện")
    page.get_by_role("button", name="Xóa hẳn").click()
    expect(page.get_by_role("status")).to_have_text("Đã xóa cuộc trò chuyện.")
    expect(turns(page)).to_have_count(0)
    assert gateway.behaviour.erased == ["talk-0"]
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert not re.search("talk-0|khai sinh\\W*,\\W*dossier", kept)
    expect(page.get_by_role("button", name="Xem lại")).to_have_count(0)


def test_need_14_erasing_by_word_clears_the_screen_and_begins_anew(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    question(page).fill("xóa dữ liệu")
    question(page).press("Enter")
    expect(turns(page)).to_have_count(1)
    expect(page.get_by_text("Tôi đã xóa nội dung.")).to_be_visible()
    ask(page, "Xin chào")
    assert len(gateway.behaviour.talks) == 2


def test_need_14_the_talk_works_where_storage_is_forbidden(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no'); } })"
    )
    page.goto(gateway.url)
    open_widget(page)
    expect(ask(page, "Xin chào")).to_be_visible()
