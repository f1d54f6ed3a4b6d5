"""Answers are laid out, not dumped, and never become HTML (needs 16 and 20 of the widget)."""

import re

from browser import ask, open_widget, question, turns
from fake_gateway import FakeGateway
from playwright.sync_api import Page, expect


def test_need_20_the_head_card_tells_name_and_facts(page: Page) -> None:
    open_widget(page)
    head = ask(page, "Làm khai sinh").locator(".procedure")
    expect(head.get_by_role("heading", name="Đăng ký khai sinh", level=3)).to_be_visible()
    facts = head.locator("dl > div")
    expect(facts).to_have_count(4)
    expect(facts.first).to_have_text("Phí, lệ phíKhông thu khi đăng ký đúng hạn")
    expect(head).to_contain_text("Cấp xã · Hộ tịch")
    expect(head).to_contain_text("Dữ liệu này được làm ra để thử")


def test_need_20_the_bare_name_is_answered_by_facts_and_parts_one_tap_away(phone: Page) -> None:
    open_widget(phone)
    answer = ask(phone, "Đăng ký khai sinh")
    expect(answer.locator(".procedure dl")).to_be_visible()
    paper = answer.get_by_text("Tờ khai theo mẫu")
    expect(paper).to_be_hidden()
    answer.locator("summary", has_text="Giấy tờ phải nộp (4 giấy tờ)").click()
    expect(paper).to_be_visible()


def test_need_20_an_online_procedure_leads_to_where_it_is_submitted(page: Page) -> None:
    open_widget(page)
    submit = ask(page, "Làm khai sinh").get_by_role("link", name="Nộp trực tuyến")
    expect(submit).to_have_attribute("href", "https://example.org/9.900001")
    expect(submit).to_have_attribute("rel", re.compile("noopener"))


def test_need_20_a_dossier_stands_on_a_time_line_with_what_to_do(page: Page) -> None:
    open_widget(page)
    card = ask(page, "hồ sơ H37.12-250601-0003 đến đâu rồi").locator(".card")
    expect(card.get_by_role("heading", name="Cần bổ sung giấy tờ")).to_be_visible()
    rows = card.get_by_role("list", name="Diễn biến").get_by_role("listitem")
    expect(rows).to_have_text(
        [
            "Tiếp nhận 01/06/2026 (đã qua)",
            "Cần bổ sung giấy tờ (hiện nay)",
            "Hẹn trả kết quả 08/06/2026 (sắp tới)",
        ]
    )
    expect(rows.nth(1)).to_have_attribute("aria-current", "step")
    expect(card.locator(".note.warning")).to_contain_text("trễ 2 ngày làm việc")
    expect(card.locator(".next")).to_contain_text("Nộp thêm bản sao giấy chứng sinh.")
    expect(card.locator(".source")).to_contain_text("Theo hệ thống để thử")


def test_need_20_fees_and_times_are_a_table_with_a_row_for_each_method(page: Page) -> None:
    open_widget(page)
    table = ask(page, "Làm khai sinh").get_by_role("table", name="Phí và thời hạn")
    expect(table.get_by_role("columnheader")).to_have_text(["Cách nộp", "Thời hạn", "Phí, lệ phí"])
    expect(table.get_by_role("rowheader")).to_have_text(["Trực tiếp", "Trực tuyến", "Bưu chính"])
    first = table.get_by_role("row").nth(1)
    expect(first).to_contain_text("Lệ phí: 5.000 đồng (quá hạn)")
    expect(first).to_contain_text("Miễn cho người thuộc hộ nghèo.")
    expect(table.get_by_role("row").nth(3)).to_contain_text("Không ghi trong hồ sơ")


def test_need_20_papers_are_a_list_with_numbers_of_copies_and_form_links(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    papers = answer.locator(".papers").first.get_by_role("listitem")
    expect(papers).to_have_count(3)
    expect(papers.nth(0)).to_contain_text("1 bản chính")
    form = papers.nth(0).get_by_role("link", name="Mẫu số 01")
    expect(form).to_have_attribute("href", "https://example.org/mau-01.docx")
    expect(form).to_have_attribute("rel", re.compile("noopener"))
    expect(papers.nth(2)).to_contain_text("01 bộ")
    expect(answer).to_contain_text("Người nộp xuất trình giấy tờ tùy thân")


def test_need_20_further_cases_are_folded_and_open_by_key(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    other = answer.get_by_text("Bản chụp giấy chứng sinh")
    expect(other).to_be_hidden()
    answer.locator("summary", has_text="Trường hợp nộp trực tuyến").press("Enter")
    expect(other).to_be_visible()


def test_need_20_steps_are_an_ordered_list_in_order(page: Page) -> None:
    open_widget(page)
    steps = ask(page, "Làm khai sinh").locator("ol.steps > li")
    expect(steps).to_have_text([re.compile("^Bước 1"), re.compile("^Bước 2"), re.compile("^Nhận")])


def test_need_20_legal_bases_are_folded(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    expect(answer.get_by_text("Luật dùng để thử")).to_be_hidden()
    answer.locator("summary", has_text="Căn cứ pháp lý").click()
    expect(answer.get_by_text("Luật dùng để thử")).to_be_visible()


def test_need_20_the_part_that_was_asked_of_is_marked_by_more_than_colour(page: Page) -> None:
    open_widget(page)
    marked = ask(page, "có cần giấy chứng sinh không").locator(".marked")
    expect(marked).to_have_count(1)
    expect(marked.get_by_role("heading", name="Phần nói về điều bạn hỏi")).to_be_visible()
    expect(marked.get_by_text("Giấy chứng sinh do cơ sở y tế cấp")).to_be_visible()
    sign = marked.locator("h4").evaluate("one => getComputedStyle(one, '::before').content")
    assert "▸" in sign
    expect(marked.locator(":scope > .source")).to_contain_text("9.900001")


def test_need_20_the_whole_is_folded_and_one_tap_away(phone: Page) -> None:
    open_widget(phone)
    answer = ask(phone, "có cần giấy chứng sinh không")
    for title, text in (
        ("Phí và thời hạn", "Miễn cho người thuộc hộ nghèo."),
        ("Các bước", "Nộp tại bộ phận một cửa."),
        ("Điều kiện", "Không nêu."),
    ):
        expect(answer.get_by_text(text)).to_be_hidden()
        answer.locator("summary", has_text=title).click()
        expect(answer.get_by_text(text)).to_be_visible()


def test_need_20_a_case_that_was_left_out_is_folded_inside_its_part(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "có cần giấy chứng sinh không")
    answer.locator("summary", has_text="Giấy tờ phải nộp").click()
    expect(answer.get_by_text("Tờ khai theo mẫu")).to_be_hidden()
    expect(answer.get_by_text("Bản chụp giấy chứng sinh")).to_be_visible()
    answer.locator("summary", has_text="Trường hợp nộp trực tiếp").click()
    expect(answer.get_by_text("Tờ khai theo mẫu")).to_be_visible()


def test_need_20_every_part_ends_with_code_decision_source_and_date(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    cards = answer.locator(".card")
    expect(cards).to_have_count(6)
    for index in range(6):
        source = cards.nth(index).locator(".source").last
        expect(source).to_have_text(
            re.compile("9.900001.*12/QĐ-THU.*Danh mục dùng để thử.*01/07/2026")
        )


def test_need_04_parts_of_an_answer_have_headings_below_the_procedure(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    expect(answer.get_by_role("heading", name="Các bước", level=4)).to_be_visible()


def test_need_20_a_choice_is_sent_by_its_id_and_answered(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    answer = ask(page, "Tôi muốn chọn thủ tục")
    expect(answer.locator("ol.choices button")).to_have_count(2)
    answer.get_by_role("button", name="Đăng ký khai sinh").click()
    expect(page.get_by_role("heading", name="Giấy tờ phải nộp")).to_be_visible()
    expect(turns(page).nth(2)).to_contain_text("Đăng ký khai sinh")


def test_suggestions_follow_the_last_answer_only(page: Page) -> None:
    open_widget(page)
    ask(page, "Làm khai sinh")
    expect(page.locator("ls-assistant .chips")).to_have_count(1)
    page.get_by_role("button", name="Còn lệ phí thì sao?").click()
    expect(turns(page)).to_have_count(4)
    expect(page.locator("ls-assistant .chips")).to_have_count(0)


def test_need_20_contact_and_notice_are_drawn(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Cho tôi liên hệ")
    expect(answer).to_contain_text("Thủ tục này chưa có trong danh mục.")
    expect(answer.locator(".contact dt")).to_have_text(["Bộ phận một cửa", "Trang"])
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://example.org/lien-he")


def test_need_20_an_unknown_block_keeps_its_words(page: Page) -> None:
    page.route(
        "**/messages",
        lambda route: route.fulfill(
            json={
                "turn_id": "t",
                "outcome": "answered",
                "suggestions": [],
                "blocks": [{"type": "from_the_future", "title": "Điều 1", "text": "Lời điều 1"}],
            }
        ),
    )
    open_widget(page)
    expect(ask(page, "Điều 1")).to_contain_text("Lời điều 1")


def test_rules_and_figures_that_officials_see_are_laid_out(page: Page) -> None:
    rule = {
        "type": "rule_article", "document": "Quy chế thử", "number": "01/QC-THU",
        "address": "Khoản 2 Điều 5", "lead": "Cán bộ có trách nhiệm:",
        "text": "Trả lời trong ngày.",
        "force": "Từ 01/07/2026", "notes": ["Văn bản để thử."], "url": "https://example.org/quy-che",
    }  # fmt: skip
    figures = {
        "type": "figures", "title": "Hồ sơ của đơn vị", "unit": "Xã Thử", "as_of": "Lúc 08:00",
        "columns": ["Đã nhận", "Quá hạn"], "rows": [{"name": "Hộ tịch", "values": ["12", "1"]}],
    }  # fmt: skip
    body = {"turn_id": "t", "outcome": "answered", "suggestions": [], "blocks": [rule, figures]}
    page.route("**/messages", lambda route: route.fulfill(json=body))
    open_widget(page)
    answer = ask(page, "Điều 5")
    expect(answer.get_by_role("heading", name="Khoản 2 Điều 5")).to_be_visible()
    for said in ("Quy chế thử", "Trả lời trong ngày.", "Văn bản để thử.", "01/QC-THU"):
        expect(answer).to_contain_text(said)
    table = answer.get_by_role("table", name="Hồ sơ của đơn vị")
    expect(table.get_by_role("row").nth(1)).to_have_text("Hộ tịch121")
    expect(answer).to_contain_text("Lúc 08:00")


def test_need_16_nothing_in_a_record_becomes_html(page: Page) -> None:
    open_widget(page)
    title = page.title()
    answer = ask(page, "mã độc")
    expect(answer.locator("img")).to_have_count(0)
    expect(answer.locator("b", has_text=re.compile("^đậm$"))).to_have_count(0)
    expect(answer).to_contain_text("<b>đậm</b>")
    links = answer.get_by_role("link").evaluate_all("all => all.map((one) => [one.href, one.rel])")
    assert {href for href, _ in links} == {
        "https://example.org/a",
        "https://example.org/9.900001",
    }
    assert all("noopener" in rel for _, rel in links)
    assert page.title() == title


def test_need_16_what_a_person_types_becomes_no_html(page: Page) -> None:
    open_widget(page)
    ask(page, "<img src=x onerror=alert(1)><u>hỏi</u>")
    expect(turns(page).first).to_contain_text("<u>hỏi</u>")
    expect(turns(page).first.locator("img, u")).to_have_count(0)


def test_feedback_is_sent_and_thanked(page: Page, gateway: FakeGateway) -> None:
    open_widget(page)
    up = ask(page, "Làm khai sinh").get_by_role("button", name="Có ích")
    up.click()
    expect(page.get_by_role("status")).to_have_text("Cảm ơn bạn đã góp ý.")
    expect(up).to_have_attribute("aria-pressed", "true")
    assert gateway.behaviour.feedback == ["up"]


def test_need_09_help_stands_in_the_same_place_in_every_state(
    page: Page, gateway: FakeGateway
) -> None:
    open_widget(page)
    button = page.get_by_role("button", name="Liên hệ", exact=True)
    places = [button.bounding_box()]
    ask(page, "Làm khai sinh")
    places.append(button.bounding_box())
    gateway.behaviour.problem = (500, "")
    question(page).fill("hỏng")
    question(page).press("Enter")
    page.locator("ls-assistant .failure").wait_for()
    places.append(button.bounding_box())
    assert places[0] == places[1] == places[2]
    button.click()
    help_text = page.locator("ls-assistant #help")
    expect(help_text).to_contain_text("Bộ phận Một cửa")
    expect(help_text.get_by_role("link", name="https://example.org/")).to_be_visible()
    expect(help_text.get_by_role("link", name="trang hỏi đáp đơn giản")).to_be_visible()
