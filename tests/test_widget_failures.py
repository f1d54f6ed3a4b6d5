"""Offline, slow, broken, switched off: said in words, nothing lost, nothing doubled (need 15)."""

import pytest
from browser import NewPage, ask, launcher, open_widget, question, turns
from fake_gateway import FakeGateway
from playwright.sync_api import Locator, Page, expect


def failure(page: Page) -> Locator:
    return page.locator("ls-assistant .failure")


def retry(page: Page) -> None:
    failure(page).get_by_role("button", name="Thử lại").click()


def send(page: Page, text: str) -> None:
    question(page).fill(text)
    question(page).press("Enter")


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ((500, ""), "Trợ lý đang gặp lỗi"),
        ((503, ""), "Trợ lý đang tạm ngừng phục vụ"),
        ((503, "Trợ lý đang bảo trì đến 12 giờ."), "Trợ lý đang bảo trì đến 12 giờ."),
        ((429, "Xin chờ 20 giây rồi gửi lại."), "Xin chờ 20 giây rồi gửi lại."),
    ],
)
def test_need_15_a_failure_is_said_in_words_with_help_and_retry(
    page: Page, gateway: FakeGateway, problem: tuple[int, str], words: str
) -> None:
    open_widget(page)
    gateway.behaviour.problem = problem
    send(page, "Làm khai sinh")
    expect(failure(page)).to_contain_text(words)
    expect(failure(page)).to_contain_text("Bộ phận Một cửa")
    expect(failure(page).get_by_role("link", name="trang hỏi đáp đơn giản")).to_be_visible()
    expect(question(page)).to_have_value("Làm khai sinh")
    gateway.behaviour.problem = None
    retry(page)
    expect(turns(page)).to_have_count(2)
    expect(failure(page)).to_have_count(0)
    expect(question(page)).to_have_value("")


def test_need_15_offline_is_said_and_what_was_typed_stays(page: Page) -> None:
    open_widget(page)
    page.context.set_offline(True)
    send(page, "Làm khai sinh")
    expect(failure(page)).to_contain_text("không có mạng")
    expect(question(page)).to_have_value("Làm khai sinh")
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("Đã có mạng lại.")
    retry(page)
    expect(turns(page)).to_have_count(2)


def test_need_15_a_gateway_out_of_reach_at_opening_is_said_and_tried_again(
    page: Page, gateway: FakeGateway
) -> None:
    gateway.behaviour.problem = (502, "")
    open_widget(page)
    expect(failure(page)).to_contain_text("Chưa mở được cuộc trò chuyện")
    gateway.behaviour.problem = None
    retry(page)
    page.locator("ls-assistant .offer").wait_for()
    expect(failure(page)).to_have_count(0)


def test_need_13_a_question_refused_by_the_gateway_is_explained_at_the_field(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    gateway.behaviour.problem = (422, "Câu hỏi dài quá mức cho phép.")
    send(page, "Làm khai sinh")
    expect(page.get_by_role("alert")).to_have_text("Câu hỏi dài quá mức cho phép.")
    expect(question(page)).to_have_value("Làm khai sinh")
    expect(question(page)).to_have_attribute("aria-invalid", "true")


def test_need_14_a_lost_reply_is_fetched_not_asked_twice(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    gateway.behaviour.lose_reply = True
    send(page, "Làm khai sinh")
    expect(failure(page)).to_contain_text("Không kết nối được")
    retry(page)
    expect(turns(page)).to_have_count(2)
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()
    assert [len(talk) for talk in gateway.behaviour.talks.values()] == [1]


def test_need_14_the_same_words_sent_again_after_a_lost_reply_are_one_question(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    gateway.behaviour.lose_reply = True
    send(page, "Làm khai sinh")
    failure(page).wait_for()
    question(page).press("Enter")
    expect(turns(page)).to_have_count(2)
    assert [len(talk) for talk in gateway.behaviour.talks.values()] == [1]
    ask(page, "Làm khai sinh")
    assert [len(talk) for talk in gateway.behaviour.talks.values()] == [2]


def test_need_14_a_choice_whose_reply_is_lost_is_not_taken_twice(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    answer = ask(page, "Tôi muốn chọn")
    gateway.behaviour.lose_reply = True
    answer.get_by_role("button", name="Đăng ký khai sinh").click()
    failure(page).wait_for()
    retry(page)
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()
    assert [len(talk) for talk in gateway.behaviour.talks.values()] == [2]


def test_need_14_an_edited_question_after_a_lost_reply_is_asked_too(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    gateway.behaviour.lose_reply = True
    send(page, "Xin chào")
    failure(page).wait_for()
    question(page).fill("Làm khai sinh")
    retry(page)
    expect(turns(page)).to_have_count(4)
    expect(turns(page).nth(2)).to_contain_text("Làm khai sinh")


def test_need_15_a_choice_that_failed_is_tried_again(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    answer = ask(page, "Tôi muốn chọn")
    gateway.behaviour.problem = (500, "")
    answer.get_by_role("button", name="Đăng ký khai sinh").click()
    failure(page).wait_for()
    expect(turns(page)).to_have_count(2)
    gateway.behaviour.problem = None
    retry(page)
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()


def test_need_15_a_slow_answer_is_waited_for_in_words_and_then_given_up(
    page: Page, gateway: FakeGateway
) -> None:
    page.clock.install()
    open_widget(page)
    page.route("**/messages", lambda route: None)
    send(page, "Làm khai sinh")
    expect(page.get_by_role("status")).to_have_text("Đang tìm câu trả lời…")
    expect(page.locator("ls-assistant .dots")).to_be_in_viewport(ratio=1)
    page.clock.fast_forward(6000)
    expect(page.get_by_role("status")).to_contain_text("Vẫn đang tìm")
    page.clock.fast_forward(20000)
    expect(failure(page)).to_contain_text("trả lời quá chậm")
    expect(page.locator("ls-assistant .dots")).to_be_hidden()
    expect(question(page)).to_have_value("Làm khai sinh")


def test_need_15_a_second_question_waits_for_the_first(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    gateway.behaviour.delay = 0.5
    send(page, "Xin chào")
    send(page, "Làm khai sinh")
    expect(page.get_by_role("status")).to_contain_text("Câu trước đang được trả lời")
    expect(question(page)).to_have_value("Làm khai sinh")
    expect(turns(page)).to_have_count(2)


def test_need_15_history_out_of_reach_does_not_stop_asking(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    ask(page, "Xin chào")
    page.keyboard.press("Escape")
    gateway.behaviour.problem = (503, "Hiện chưa đọc được nội dung đã lưu.")
    page.reload()
    launcher(page).click()
    expect(failure(page)).to_contain_text("Hiện chưa đọc được nội dung đã lưu.")
    gateway.behaviour.problem = None
    send(page, "Làm khai sinh")
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()


def test_need_09_the_operators_phone_number_stands_in_help_and_failures(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    gateway.behaviour.host_page = (
        "<!doctype html><html lang=vi><title>Cổng</title><body>"
        f'<script src="{gateway.url}/widget.js" defer data-hotline="0000 111 222" '
        'data-office="Phòng thử, nhà A" data-hours="Giờ hành chính"></script>'
    )
    page.goto(f"{gateway.url}/host")
    gateway.behaviour.problem = (500, "")
    open_widget(page)
    call = failure(page).get_by_role("link", name="0000 111 222")
    expect(call).to_have_attribute("href", "tel:0000111222")
    expect(failure(page)).to_contain_text("Phòng thử, nhà A")
    page.get_by_role("button", name="Liên hệ", exact=True).click()
    expect(page.locator("ls-assistant #help")).to_contain_text("Giờ hành chính")
