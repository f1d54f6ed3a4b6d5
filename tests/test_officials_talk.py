"""Officials through the real stack: signed in over HTTP, the real engine, rules and the sandbox."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from assistant_fixture import Assistant
from browser import NewPage, ask, open_widget
from playwright.sync_api import expect
from sign_in import PASSWORD, Account, account, field_of
from wall import OURS, leaks, questions

from bot.conversations import ConversationStore
from bot.identity.parts import open_identity
from bot.settings import Settings, token_secret
from knowledge.rules.service import Rules

ASKED_FIGURES = [
    "đơn vị tôi có bao nhiêu hồ sơ quá hạn",
    "don vi toi co may ho so sap den han",
    "thống kê hồ sơ tiếp nhận từ đầu năm",
    "tình hình giải quyết hồ sơ của cơ quan mình tháng này",
    "xã mình đang có bao nhiêu hồ sơ trễ hạn",
    "số liệu đơn vị tôi tháng trước",
]


class OfficialTalk:
    """One conversation of who signed in with ``who``."""

    def __init__(self, url: str, who: Account) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)
        form = field_of(self.http.get("/sign-in").text)
        data = {"form": form, "name": who.name, "password": PASSWORD, "code": who.code}
        signed = self.http.post("/sign-in", data=data)
        assert signed.status_code == 303, signed.text
        self.begin()

    def begin(self) -> None:
        begun = self.http.post("/api/v1/conversations").json()
        self.http.headers["Authorization"] = f"Bearer {begun['token']}"
        self.path = f"/api/v1/conversations/{begun['conversation_id']}/messages"

    def say(self, **message: str) -> dict[str, Any]:
        reply: dict[str, Any] = self.http.post(self.path, json=message).json()
        return reply


def new_account(assistant: Assistant, name: str) -> Account:
    """A local account of the running assistant; made in a thread without the browser's loop."""
    settings = Settings(var_dir=assistant.var)
    store = ConversationStore(f"sqlite:///{assistant.var / 'conversations.db'}")
    identity = open_identity(settings, store, token_secret(settings))
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(asyncio.run, account(identity, name)).result()
    store.close()
    return made


@pytest.fixture(scope="module")
def official(assistant: Assistant) -> Iterator[OfficialTalk]:
    talk = OfficialTalk(assistant.url, new_account(assistant, "lan"))
    yield talk
    talk.http.close()


@pytest.mark.parametrize("text", ASKED_FIGURES)
def test_figures_of_the_own_unit_however_the_engine_understands(
    official: OfficialTalk, text: str
) -> None:
    official.begin()
    reply = official.say(text=text)
    assert reply["outcome"] == "figures_shown", reply
    [block] = reply["blocks"]
    assert block["unit"] == "H37.12"
    total, *fields = block["rows"]
    assert total["name"] == "Tất cả" and len(total["values"]) == len(block["columns"])
    for column in (0, 2, 3):
        assert sum(int(row["values"][column]) for row in fields) == int(total["values"][column])
    assert not re.search(r"H37\.12-\d{6}-\d{4}|MẪU", str(block))


def test_another_units_figures_are_refused(official: OfficialTalk) -> None:
    official.begin()
    reply = official.say(text="đơn vị H37.20 có bao nhiêu hồ sơ quá hạn")
    assert reply["outcome"] == "forbidden"


def test_figures_are_told_amid_a_form_and_the_form_is_left(official: OfficialTalk) -> None:
    official.begin()
    assert official.say(text="tra cứu hồ sơ")["outcome"] == "form_asked"
    figures = official.say(text=ASKED_FIGURES[0])
    assert (figures["outcome"], len(figures["blocks"])) == ("figures_shown", 1)
    assert official.say(text="làm khai sinh cho con cần giấy tờ gì")["outcome"] == "answered"


def test_a_rule_is_answered_and_its_button_too(official: OfficialTalk) -> None:
    official.begin()
    reply = official.say(text="điều 3 quyết định 05/QĐ-BPMC")
    assert reply["outcome"] == "rule_answered", reply
    for option in reply["suggestions"]:
        if option["id"]:
            assert official.say(choice=option["id"])["outcome"] == "rule_answered"


def test_a_citizen_gets_none_of_it_from_the_real_engine(
    assistant: Assistant, rules: Rules, shared_data: Any
) -> None:
    for text in [*ASKED_FIGURES, "điều 3 quyết định 05", *questions(shared_data)]:
        reply = assistant.talk().say(text)
        assert reply["outcome"] not in OURS, text
        assert leaks(rules, str(reply)) == [], text


def test_the_widget_asks_as_who_has_signed_in(assistant: Assistant, new_page: NewPage) -> None:
    binh = new_account(assistant, "binh")
    page = new_page()
    page.goto(assistant.url)
    page.get_by_role("link", name="Cán bộ đăng nhập").click()
    page.locator("#name").fill(binh.name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#code").fill(binh.code)
    page.locator("#code").press("Enter")
    page.wait_for_url("**/chat")
    page.goto(assistant.url)
    open_widget(page)
    answer = ask(page, ASKED_FIGURES[0])
    expect(answer.get_by_role("rowheader", name="Tất cả")).to_be_visible()
    page.goto(f"{assistant.url}/account")
    page.locator("form[action='/sign-out'] button").click()
    page.goto(assistant.url)
    expect(page.locator("ls-assistant .offer").last).to_be_visible()
    expect(page.get_by_role("rowheader", name="Tất cả")).to_have_count(0)
