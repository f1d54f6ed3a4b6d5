"""Keyboard, focus and what a screen reader is told (needs 2 to 5 and 17 of the widget)."""

import pytest
from browser import NewPage, ask, launcher, open_widget, panel, question
from fake_gateway import FakeGateway
from playwright.sync_api import Page, expect

ACTIVE = "document.querySelector('ls-assistant').shadowRoot.activeElement"
WATCH_LOG = """(log) => { window.added = []; window.statuses = [];
  new MutationObserver((changes) => { for (const change of changes)
    for (const node of change.addedNodes) window.added.push(node.className);
  }).observe(log, { childList: true, subtree: true });
  const status = log.getRootNode().querySelector('[role=status]');
  new MutationObserver(() => { if (status.textContent) window.statuses.push(status.textContent); })
    .observe(status, { childList: true, characterData: true, subtree: true });
}"""


def tab_to_launcher(page: Page) -> None:
    """Presses Tab until the launcher has the focus; fails when it never gets there."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(f"{ACTIVE}?.className === 'open'"):
            return
    pytest.fail("Tab does not reach the launcher")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_need_02_the_launcher_opens_by_key_and_the_focus_goes_in(page: Page, key: str) -> None:
    tab_to_launcher(page)
    page.keyboard.press(key)
    expect(panel(page)).to_be_visible()
    expect(question(page)).to_be_focused()


def test_need_02_on_a_touch_screen_the_focus_goes_in_without_calling_the_keyboard(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page(viewport={"width": 375, "height": 720}, has_touch=True, is_mobile=True)
    page.goto(gateway.url)
    launcher(page).tap()
    expect(page.get_by_role("log")).to_be_focused()
    page.get_by_role("button", name="Làm khai sinh cho con cần giấy tờ gì?").tap()
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()
    page.get_by_role("button", name="Đóng trợ lý").tap()
    expect(launcher(page)).to_be_focused()


@pytest.mark.parametrize("how", ["Escape", "button"])
@pytest.mark.parametrize("size", [(1280, 800), (375, 720)])
def test_need_02_closing_brings_the_focus_back_to_the_launcher(
    page: Page, how: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_widget(page)
    if how == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Đóng trợ lý").click()
    expect(panel(page)).to_be_hidden()
    expect(launcher(page)).to_be_focused()


def test_need_02_tab_leaves_the_closed_launcher(page: Page) -> None:
    open_widget(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ẩn nút trợ lý")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(f"{ACTIVE}") is None
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.localName") == "a"


def test_need_02_tab_stays_in_the_full_screen_panel(phone: Page) -> None:
    open_widget(phone)
    for _ in range(20):
        phone.keyboard.press("Tab")
        assert phone.evaluate("['ls-assistant', 'body'].includes(document.activeElement.localName)")


def test_need_02_escape_closes_the_drawer_before_the_panel(page: Page) -> None:
    open_widget(page)
    page.get_by_role("button", name="Liên hệ", exact=True).click()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_visible()
    expect(page.get_by_role("button", name="Liên hệ", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()


def test_need_03_messages_stand_as_a_list_in_a_polite_log(page: Page) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-relevant", "additions")
    expect(log.locator("> ol > li.answer")).to_have_count(1)


def test_need_03_each_answer_is_announced_once_and_whole_even_when_repeated(page: Page) -> None:
    open_widget(page)
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    page.get_by_role("log").evaluate(WATCH_LOG)
    for _ in range(2):
        ask(page, "Xin chào")
    assert page.evaluate("window.added") == ["turn mine", "turn answer"] * 2
    assert page.evaluate("window.statuses") == ["Đang tìm câu trả lời…"] * 2


def test_need_03_what_was_said_before_is_not_announced_again_after_a_reload(page: Page) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    page.reload()
    page.locator("ls-assistant .answer").wait_for()
    assert page.get_by_role("log").get_attribute("aria-live") == "off"
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


def test_need_04_messages_are_no_tab_stops_but_their_links_and_buttons_are(page: Page) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    stops = page.evaluate(
        """() => { const root = document.querySelector('ls-assistant').shadowRoot;
        const log = root.querySelector('.log');
        return [...log.querySelectorAll('*')].filter((one) => one.tabIndex >= 0)
          .map((one) => one.localName); }"""
    )
    assert set(stops) == {"a", "button", "input", "summary"}


def test_need_05_an_arriving_answer_leaves_the_focus_in_the_input(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    gateway.behaviour.delay = 0.3
    question(page).fill("Xin chào")
    question(page).press("Enter")
    question(page).press_sequentially("còn nữa", delay=20)
    page.locator("ls-assistant .answer").wait_for()
    expect(question(page)).to_be_focused()
    expect(question(page)).to_have_value("còn nữa")


def test_need_05_a_suggestion_that_goes_leaves_the_keyboard_at_its_question(page: Page) -> None:
    open_widget(page)
    page.get_by_role("button", name="Làm khai sinh cho con cần giấy tờ gì?").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Giấy tờ phải nộp").wait_for()
    expect(page.locator("ls-assistant .mine")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Nộp trực tuyến")).to_be_focused()


def test_need_04_a_long_answer_is_read_from_its_beginning(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    log, heading = page.get_by_role("log"), answer.get_by_role("heading").first
    expect(heading).to_be_in_viewport()
    box, frame = heading.bounding_box(), log.bounding_box()
    assert box is not None and frame is not None
    assert frame["y"] <= box["y"] < frame["y"] + frame["height"] / 2


def test_enter_of_an_input_method_does_not_send(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    question(page).fill("lam khai sinh")
    question(page).dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "keyCode": 229}
    )
    expect(question(page)).to_have_value("lam khai sinh")
    assert not any(entry.endswith("/messages") for entry in gateway.behaviour.requests)


def test_need_17_the_main_job_is_done_by_keyboard_alone(page: Page) -> None:
    tab_to_launcher(page)
    page.keyboard.press("Enter")
    page.locator("ls-assistant .offer").wait_for()
    page.keyboard.type("Tôi muốn chọn thủ tục")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Đăng ký lại khai sinh").wait_for()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Đăng ký lại khai sinh")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Giấy tờ phải nộp").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(f"{ACTIVE}?.textContent.startsWith('Mẫu số 01')"):
            break
    expect(page.get_by_role("link", name="Mẫu số 01")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Tờ khai theo mẫu")).to_be_checked()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
