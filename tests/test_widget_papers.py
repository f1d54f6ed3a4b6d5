"""The papers of a dossier: ticked on the device, copied, printed (needs 10, 14 and 20)."""

import pytest
from browser import NewPage, ask, open_widget, question
from fake_gateway import FakeGateway
from playwright.sync_api import Locator, Page, expect

STORED = "JSON.stringify({...localStorage})"


def papers(page: Page) -> Locator:
    """The card with the papers, from an answer to the question after them."""
    open_widget(page)
    return ask(page, "Làm khai sinh").locator(".card", has_text="Giấy tờ phải nộp")


def tools(card: Locator) -> Locator:
    return card.locator(".paper-tools")


def test_need_20_a_person_ticks_the_papers_they_have_by_key(page: Page) -> None:
    card = papers(page)
    first = card.get_by_role("checkbox", name="Tờ khai theo mẫu 1 bản chính")
    first.press("Space")
    expect(first).to_be_checked()
    expect(tools(card)).to_contain_text("Đã có 1/3 giấy tờ")
    for name in ("Giấy chứng sinh do", "Giấy ủy quyền"):
        card.get_by_label(name).check()
    expect(tools(card)).to_contain_text("Đã đủ 3 giấy tờ")
    first.uncheck()
    expect(tools(card)).to_contain_text("Đã có 2/3 giấy tờ")


def test_need_20_the_count_is_of_the_cases_that_are_open(page: Page) -> None:
    card = papers(page)
    card.get_by_label("Tờ khai theo mẫu").check()
    card.locator("summary", has_text="Trường hợp nộp trực tuyến").click()
    expect(tools(card)).to_contain_text("Đã có 1/4 giấy tờ")


def test_need_20_ticks_can_be_taken_back_at_once(page: Page) -> None:
    card = papers(page)
    card.get_by_label("Tờ khai theo mẫu").check()
    card.get_by_label("Giấy chứng sinh do").check()
    tools(card).get_by_role("button", name="Bỏ dấu").click()
    expect(card.get_by_role("checkbox", checked=True)).to_have_count(0)
    expect(card.get_by_role("checkbox").first).to_be_focused()
    assert page.evaluate(STORED) == "{}"


def test_need_10_ticks_stay_on_the_device_and_are_not_sent(
    page: Page, gateway: FakeGateway
) -> None:
    card = papers(page)
    sent = len(gateway.behaviour.requests)
    card.get_by_label("Tờ khai theo mẫu").check()
    assert len(gateway.behaviour.requests) == sent
    later = page.context.new_page()
    later.goto(gateway.url)
    card = papers(later)
    expect(card.get_by_label("Tờ khai theo mẫu")).to_be_checked()
    expect(tools(card)).to_contain_text("Đã có 1/3 giấy tờ")


def test_need_14_erasing_the_talk_erases_the_ticks(page: Page) -> None:
    papers(page).get_by_label("Tờ khai theo mẫu").check()
    assert "Tờ khai" in page.evaluate(STORED)
    page.get_by_role("button", name="Tùy chọn cuộc trò chuyện").click()
    page.get_by_role("button", name="Xóa cuộc trò chuyện").click()
    page.get_by_role("button", name="Xóa hẳn").click()
    expect(page.get_by_role("status")).to_have_text("Đã xóa cuộc trò chuyện.")
    assert page.evaluate(STORED) == "{}"


def test_need_20_one_paper_shown_twice_is_ticked_once(page: Page) -> None:
    card = papers(page)
    card.get_by_label("Giấy chứng sinh do").check()
    again = ask(page, "có cần giấy chứng sinh không").locator(".marked")
    expect(again.get_by_role("checkbox")).to_be_checked()
    again.get_by_role("checkbox").uncheck()
    expect(card.get_by_label("Giấy chứng sinh do")).not_to_be_checked()
    expect(tools(card).locator("b")).to_be_hidden()


def test_need_20_the_list_is_copied_with_boxes_counts_forms_and_source(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = papers(page)
    card.get_by_label("Giấy chứng sinh do").check()
    tools(card).get_by_role("button", name="Sao chép").click()
    expect(page.get_by_role("status")).to_have_text("Đã sao chép danh sách giấy tờ.")
    text = page.evaluate("navigator.clipboard.readText()")
    for part in (
        "Đăng ký khai sinh",
        "☐ Tờ khai theo mẫu",
        "Mẫu đơn: Mẫu số 01 https://example.org/mau-01.docx",
        "☑ Giấy chứng sinh do cơ sở y tế cấp",
        "Trường hợp nộp trực tuyến",
        "Người nộp xuất trình giấy tờ tùy thân",
        "Mã 9.900001 · 12/QĐ-THU",
    ):
        assert part in text


def test_need_20_a_copy_that_the_browser_refuses_is_said(page: Page) -> None:
    card = papers(page)
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
    )
    tools(card).get_by_role("button", name="Sao chép").click()
    expect(page.get_by_role("status")).to_contain_text("không cho sao chép")


@pytest.mark.parametrize("policy", ["", "default-src 'none'; script-src URL; connect-src URL"])
def test_need_20_the_list_opens_as_a_page_to_print(
    new_page: NewPage, gateway: FakeGateway, policy: str
) -> None:
    page = new_page()
    gateway.behaviour.host_policy = policy.replace("URL", gateway.url)
    gateway.behaviour.host_page = (
        "<!doctype html><html lang=vi><title>Cổng</title>"
        f'<body><script src="{gateway.url}/widget.js" defer></script>'
    )
    page.goto(f"{gateway.other_url}/host")
    card = papers(page)
    card.get_by_label("Giấy chứng sinh do").check()
    with page.expect_popup() as opened:
        tools(card).get_by_role("button", name="In danh sách").click()
    sheet = opened.value
    expect(sheet.get_by_role("heading", name="Đăng ký khai sinh", level=1)).to_be_visible()
    expect(sheet.get_by_role("listitem")).to_have_count(3)
    expect(sheet.locator("li.done")).to_contain_text("Giấy chứng sinh")
    expect(sheet.get_by_text("Mã 9.900001")).to_be_visible()
    box = sheet.locator("li").first.evaluate("one => getComputedStyle(one, '::before').width")
    assert float(box.removesuffix("px")) > 10
    sheet.evaluate("window.print = () => { window.printed = true; }")
    sheet.get_by_role("button", name="In hoặc lưu thành PDF").click()
    assert sheet.evaluate("window.printed")
    sheet.emulate_media(media="print")
    expect(sheet.get_by_role("button")).to_have_count(0)


def test_need_20_a_print_page_that_the_browser_blocks_is_said(page: Page) -> None:
    card = papers(page)
    page.evaluate("() => { window.open = () => null; }")
    tools(card).get_by_role("button", name="In danh sách").click()
    expect(page.get_by_role("status")).to_contain_text("chặn trang in")


def test_need_20_ticks_work_where_storage_is_forbidden(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page.goto(gateway.url)
    card = papers(page)
    card.get_by_label("Tờ khai theo mẫu").check()
    expect(tools(card)).to_contain_text("Đã có 1/3 giấy tờ")
    expect(question(page)).to_be_visible()
