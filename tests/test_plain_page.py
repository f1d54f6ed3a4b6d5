"""The page without JavaScript: forms, a cookie, every block drawn, nothing but text from data."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_engine import says
from gateway import Gateway, running

pytestmark = pytest.mark.asyncio

SOURCE = {
    "code": "1.001193",
    "decision": "1872/QĐ-BTP",
    "origin": "Cổng Dịch vụ công",
    "url": "https://example.gov.vn/1",
    "date": "2026-07-01",
}
EVIL = "<script>alert(1)</script>"
EVERY_BLOCK: list[dict[str, Any]] = [
    {"type": "text", "title": "Tiêu đề", "text": f"dòng một\ndòng hai {EVIL}", "source": SOURCE},
    {
        "type": "procedure", "code": "1.001193", "name": "Đăng ký khai sinh", "level": "Cấp xã",
        "field": "Hộ tịch", "facts": [["Lệ phí", "Miễn"], ["Thời gian", EVIL]],
        "url": "https://example.gov.vn/1", "online": True,
        "warning": "Có thể đã thay đổi", "source": SOURCE,
    },
    {
        "type": "fee_table", "title": "Phí", "extra": ["phần còn lại"], "source": SOURCE,
        "rows": [{"method": "Trực tiếp", "time": "5 ngày", "fees": ["8.000 đồng"], "note": "nhớ"}],
    },
    {
        "type": "components", "title": "Giấy tờ", "extra": ["khác"], "source": SOURCE,
        "cases": [{"name": "Trường hợp 1", "rows": [
            {"name": "Tờ khai", "originals": 1, "copies": 2, "form_name": "TK.doc",
             "form_url": "https://example.gov.vn/tk"},
            {"name": "Giấy chứng sinh", "quantity": "01 bộ", "form_name": "xấu",
             "form_url": "javascript:alert(1)"},
        ]}],
    },
    {"type": "steps", "title": "Các bước", "source": SOURCE,
     "steps": [{"name": "Bước 1", "text": "Nộp"}]},
    {
        "type": "list", "title": "Căn cứ", "items": [["Luật Hộ tịch", "60/2014/QH13"]],
        "folded": True, "source": SOURCE | {"url": "javascript:alert(2)"},
    },
    {
        "type": "components", "title": "Phần nói về điều bạn hỏi", "marked": True, "source": SOURCE,
        "cases": [{"name": "Trường hợp 2", "rows": [{"name": "Giấy ủy quyền"}]}],
    },
    {
        "type": "components", "title": "Giấy tờ đủ", "folded": True, "source": SOURCE,
        "cases": [{"name": "Trường hợp 3", "folded": True, "rows": [{"name": "Đơn riêng"}]}],
    },
    {"type": "choices", "text": "Bạn chọn", "options": [
        {"label": "Kết hôn", "detail": "Hộ tịch", "intent": "choose",
         "slots": {"procedure_code": "2"}},
    ]},
    {"type": "contact", "text": "Liên hệ",
     "lines": [["Cổng", "https://example.gov.vn"], ["Nơi", EVIL]]},
    {"type": "notice", "text": "Lưu ý", "level": "warning"},
    {"type": "figures", "title": "Hồ sơ của xã", "unit": "H37.12", "columns": ["Tiếp nhận"],
     "rows": [{"name": EVIL, "values": ["12"]}], "as_of": "lúc 08:00"},
]  # fmt: skip


def all_blocks() -> dict[str, Any]:
    return {
        "custom": {
            "outcome": "answered",
            "blocks": EVERY_BLOCK,
            "suggestions": [
                {"label": "Lệ phí?", "intent": "ask", "slots": {"section": "fees"}},
                {"label": "Hỏi việc khác"},
            ],
        }
    }


class Page(HTMLParser):
    """Tags of a page in order, with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def ask(gateway: Gateway, **form: str) -> httpx.Response:
    return await gateway.client.post("/chat", data=form, follow_redirects=True)


async def test_the_first_page_gives_notice_and_examples_and_stores_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, hotline="số của tỉnh") as gateway:
        answered = await gateway.client.get("/chat")
    page = Page(answered.text)
    assert page.open == []
    assert "(AI)" in page.text and "số của tỉnh" in page.text
    assert len(page.all("button")) == 1 + 10  # send, and the questions most asked
    assert "set-cookie" not in answered.headers
    assert page.all("html") == [{"lang": "vi"}]
    assert page.all("script") == []


async def test_a_question_is_answered_after_a_redirect(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        posted = await gateway.client.post("/chat", data={"text": "làm khai sinh"})
        page = Page((await gateway.client.get("/chat")).text)
        again = Page((await gateway.client.get("/chat")).text)
    assert posted.status_code == 303
    assert re.fullmatch(r"/chat#[\w-]{12}", posted.headers["location"])
    assert "làm khai sinh" in page.text and "Trả lời" in page.text
    assert again.text == page.text
    assert len(gateway.engine.seen) == 1


async def test_the_cookie_is_kept_from_scripts_and_other_sites(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        plain = await gateway.client.post("/chat", data={"text": "câu"})
        secure = await gateway.client.post("https://assistant.test/chat", data={"text": "câu"})
    cookie = plain.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/chat", "Max-Age=2592000"):
        assert attribute in cookie
    assert "Secure" in secure.headers["set-cookie"]


async def test_every_block_is_drawn_and_nothing_becomes_markup(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.engine.messages = [all_blocks()]
        html = (await ask(gateway, text=f"câu {EVIL}")).text
    page = Page(html)
    assert page.open == []
    assert page.all("script") == [] and "javascript:" not in html
    assert page.text.count(EVIL) == 5
    links = [link["href"] for link in page.all("a") if "rel" in link]
    assert links and all(link.startswith("https://") for link in links)
    assert all(link["rel"] == "noopener" for link in page.all("a") if "://" in link["href"])
    for said in (
        "Đăng ký khai sinh", "Có thể đã thay đổi", "8.000 đồng", "Trường hợp 1",
        "1 bản chính, 2 bản sao", "01 bộ", "Bước 1", "Luật Hộ tịch", "60/2014/QH13", "phần còn lại",
        "01/07/2026", "1872/QĐ-BTP", "1.001193", "Lưu ý", "Hỏi việc khác", "H37.12", "lúc 08:00",
        "Nộp trực tuyến trên cổng",
    ):  # fmt: skip
        assert said in page.text, said
    for tag in ("table", "ol", "details", "summary", "dl"):
        assert page.all(tag), tag


async def test_a_marked_part_has_a_sign_and_a_folded_one_opens_by_its_title(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.engine.messages = [all_blocks()]
        html = (await ask(gateway, text="câu")).text
    marked = re.search(
        r'<section class="block block-components marked">(.+?)</section>', html, re.S
    )
    assert marked is not None
    assert "▸" in marked[1]
    assert "Giấy ủy quyền" in marked[1]
    folded = re.search(r"<details><summary>Giấy tờ đủ</summary>(.+?)</section>", html, re.S)
    assert folded is not None
    assert "<details><summary>Trường hợp 3</summary>" in folded[1]
    assert "1872/QĐ-BTP" in folded[1].rsplit("</details>", 1)[1]


async def test_buttons_are_opaque_and_work(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.engine.messages = [all_blocks()]
        page = Page((await ask(gateway, text="câu")).text)
        buttons = [b for b in page.all("button") if b.get("name")]
        await ask(gateway, **{buttons[0]["name"]: buttons[0]["value"]})
        await ask(gateway, **{buttons[2]["name"]: buttons[2]["value"]})
    assert "procedure_code" not in str(buttons)
    assert gateway.engine.seen[1]["slots"] == {"procedure_code": "2"}
    assert gateway.engine.seen[2]["text"] == "Hỏi việc khác"
    assert {seen["conversation"] for seen in gateway.engine.seen} == {
        gateway.engine.seen[0]["conversation"]
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_forms_of_other_sites_are_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    async with running(tmp_path) as gateway:
        answers = [
            await gateway.client.post(path, data={"text": "câu"}, headers=headers)
            for path in ("/chat", "/chat/new", "/chat/erase")
        ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert gateway.engine.seen == []
    assert all("set-cookie" not in answer.headers for answer in answers)
    assert all("từ một trang khác" in Page(answer.text).text for answer in answers)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://assistant.test"}, {}],
)
async def test_own_forms_are_taken(tmp_path: Path, headers: dict[str, str]) -> None:
    async with running(tmp_path) as gateway:
        posted = await gateway.client.post("/chat", data={"text": "câu"}, headers=headers)
    assert posted.status_code == 303


async def test_what_was_typed_stays_when_it_is_too_long(tmp_path: Path) -> None:
    typed = "chuyện dài " * 200 + "<b>"
    async with running(tmp_path) as gateway:
        await ask(gateway, text="câu trước")
        answered = await ask(gateway, text=typed)
    page = Page(answered.text)
    assert answered.status_code == 422
    assert "tối đa là 1000" in page.text and typed in page.text and "câu trước" in page.text
    assert page.all("textarea")[0]["aria-describedby"] == "hint problem"


async def test_too_fast_is_said_with_the_text_kept(tmp_path: Path) -> None:
    async with running(tmp_path, limit_conversation=1) as gateway:
        await ask(gateway, text="một")
        answered = await ask(gateway, text="hai hai")
    assert answered.status_code == 429
    assert int(answered.headers["retry-after"]) >= 1
    assert "hơi nhanh" in answered.text and "hai hai" in Page(answered.text).text


async def test_one_address_is_limited_on_the_pages_too(tmp_path: Path) -> None:
    async with running(tmp_path, limit_address=5) as gateway:
        await gateway.client.post("/chat", data={"text": "một"})
        asked = await gateway.client.post("/chat", data={"text": "hai hai"})
        searched = await gateway.client.get("/chat/search", params={"q": "khai sinh"})
        read = await gateway.client.get("/chat")
    assert [asked.status_code, searched.status_code, read.status_code] == [429, 429, 200]
    assert "hai hai" in Page(asked.text).text
    assert "hơi nhanh" in Page(searched.text).text


async def test_a_form_that_is_none_is_answered_with_a_page(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        posted = await gateway.client.post("/chat", files={"text": b"a file"})
    assert posted.status_code == 422
    assert "chưa đúng mẫu" in Page(posted.text).text


async def test_an_erased_conversation_is_gone_and_a_new_one_begins(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        await ask(gateway, text="câu riêng")
        kept = gateway.client.cookies["conversation"]
        erased = await gateway.client.post("/chat/erase", follow_redirects=True)
        gateway.client.cookies.set("conversation", kept, domain="assistant.test", path="/chat")
        stale = await gateway.client.get("/chat")
        fresh = await ask(gateway, text="câu mới")
    assert "Đã xóa cuộc trò chuyện" in erased.text
    assert "câu riêng" not in erased.text + stale.text + fresh.text
    assert "câu mới" in fresh.text
    assert gateway.engine.erased == [gateway.engine.seen[0]["conversation"]]


async def test_a_new_talk_leaves_the_old_one(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        await ask(gateway, text="câu cũ")
        page = await gateway.client.post("/chat/new", follow_redirects=True)
        await ask(gateway, text="câu mới")
    assert "câu cũ" not in page.text
    assert len({seen["conversation"] for seen in gateway.engine.seen}) == 2


async def test_a_forged_cookie_opens_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.client.cookies.set("conversation", "forged.x.y", domain="assistant.test")
        assert (await gateway.client.get("/chat")).status_code == 200
        assert "câu" in (await ask(gateway, text="câu")).text


async def test_without_a_database_the_answer_is_shown_at_once(tmp_path: Path) -> None:
    (tmp_path / "conversations.db").mkdir(parents=True)
    async with running(tmp_path) as gateway:
        gateway.engine.messages = [says("Vẫn trả lời")]
        posted = await gateway.client.post("/chat", data={"text": "câu"})
        read = await gateway.client.get("/chat")
    assert posted.status_code == 200
    assert "Vẫn trả lời" in posted.text
    assert read.status_code == 200


async def test_without_an_engine_the_page_leads_to_the_search(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.engine.status = 500
        page = Page((await ask(gateway, text="câu")).text)
    assert "đang gián đoạn" in page.text
    assert "http://assistant.test/chat/search" in [link["href"] for link in page.all("a")]


async def test_the_search_page_finds_a_procedure_and_shows_it(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        empty = Page((await gateway.client.get("/chat/search")).text)
        found = Page((await gateway.client.get("/chat/search", params={"q": "khai sinh"})).text)
        none = Page((await gateway.client.get("/chat/search", params={"q": "xyz <b>"})).text)
        shown = Page((await gateway.client.get("/chat/procedures/1.001193")).text)
        missing = await gateway.client.get("/chat/procedures/<b>")
        long = await gateway.client.get("/chat/search", params={"q": "a" * 2000})
    assert "/chat/procedures/1.001193" in [link["href"] for link in found.all("a")]
    assert "Chưa tìm thấy" in none.text and "Chưa tìm thấy" not in empty.text
    assert "Tờ khai <b>theo mẫu</b>" in shown.text and "Giấy tờ cần chuẩn bị" in shown.text
    assert (missing.status_code, long.status_code) == (404, 422)
    assert "<b>" not in missing.text
