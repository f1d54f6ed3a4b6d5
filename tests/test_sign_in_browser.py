"""Signing in with a real browser and no mouse: local account, agency account, account page."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from browser import NewPage
from playwright.sync_api import Page, expect
from provider import Provider, provider
from sign_in import PASSWORD, Account, account

from bot.conversations import ConversationStore
from bot.identity.parts import open_identity
from bot.processes import app_part
from bot.settings import Settings
from bot.supervisor import free_port

SECRET = "secret of the tests' app"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
T = TypeVar("T")


@dataclass
class Site:
    """A served app with an agency's provider and a local account."""

    url: str
    lan: Account
    agency: Provider


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns; in a loop of its own, as Playwright holds this thread's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with provider(tmp_path_factory.mktemp("provider")) as running:
        running.user("binh", name="Trần Văn Bình", role="bien-tap", unit="H37.20")
        yield running


@pytest.fixture
def site(
    tmp_path: Path, agency: Provider, shipped_database: str, cache_dir: Path, knowledge: object
) -> Iterator[Site]:
    conversations = f"sqlite:///{tmp_path / 'conversations.db'}"
    store = ConversationStore(conversations)
    lan = finished(account(open_identity(Settings(), store, SECRET)))
    store.close()
    settings = agency.settings
    environment = os.environ | {
        "ASSISTANT_CONVERSATIONS_URL": conversations,
        "ASSISTANT_DATABASE_URL": shipped_database,
        "ASSISTANT_CACHE_DIR": str(cache_dir),
        "ASSISTANT_VAR_DIR": str(tmp_path),
        "ASSISTANT_TOKEN_SECRET": SECRET,
        "ASSISTANT_ENGINE_SECRET": "none",
        "ASSISTANT_ENGINE_URL": "http://127.0.0.1:9",
        "ASSISTANT_ACTION_PORT": "0",
        "ASSISTANT_OIDC_DISCOVERY_URL": settings["oidc_discovery_url"],
        "ASSISTANT_OIDC_CLIENT_ID": settings["oidc_client_id"],
        "ASSISTANT_OIDC_CLIENT_SECRET": settings["oidc_client_secret"],
        "ASSISTANT_OIDC_ROLES": '{"official": ["can-bo"], "editor": ["bien-tap"]}',
    }
    port = free_port()
    part = app_part("127.0.0.1", port, environment, tmp_path / "app.log")
    part.start()
    try:
        assert part.wait_until_it_answers(60), part.last_words()
        yield Site(f"http://127.0.0.1:{port}", lan, agency)
    finally:
        part.stop()


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what ``selector`` names has the focus; fails when it never gets there."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
            return
    pytest.fail(f"Tab does not reach {selector}")


def enter(page: Page, address: str) -> None:
    """Presses Enter and waits until the page of ``address`` (a glob) is there."""
    with page.expect_navigation(url=address):
        page.keyboard.press("Enter")


def test_a_local_account_signs_in_asks_and_signs_out_by_keyboard(
    site: Site, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(f"{site.url}/chat")
    tab_to(page, "a[href='/sign-in']")
    enter(page, "**/sign-in")
    tab_to(page, "#name")
    page.keyboard.type(site.lan.name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(site.lan.code)
    enter(page, "**/chat")
    expect(page.get_by_role("link", name="Nguyễn Thị Lan (Cán bộ)")).to_be_visible()
    tab_to(page, "#text")
    page.keyboard.type("xin chào")
    tab_to(page, "form.ask button")
    enter(page, "**/chat#*")
    expect(page.get_by_text("xin chào")).to_be_visible()
    tab_to(page, "a[href='/account']")
    enter(page, "**/account")
    expect(page.get_by_text("Bộ phận một cửa mẫu số 12 (H37.12)")).to_be_visible()
    tab_to(page, "form[action='/sign-out'] button")
    enter(page, "**/sign-in?signed_out=1")
    expect(page.get_by_role("status")).to_have_text("Bạn đã đăng xuất.")
    page.goto(f"{site.url}/chat")
    expect(page.get_by_role("link", name="Cán bộ đăng nhập")).to_be_visible()
    expect(page.get_by_text("xin chào")).to_have_count(0)


def test_an_agency_account_signs_in_by_keyboard(site: Site, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{site.url}/sign-in")
    tab_to(page, "a[href='/sign-in/agency']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.agency.url}/**")
    expect(page.locator("input[name='sub']")).to_be_focused()
    page.keyboard.type("binh")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/chat")
    expect(page.get_by_role("link", name="Trần Văn Bình (Biên tập)")).to_be_visible()


def test_a_refusal_is_announced_and_the_name_is_kept(site: Site, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{site.url}/sign-in")
    for field in ("#name", "#password", "#code"):
        tab_to(page, field)
        page.keyboard.type("lan" if field == "#name" else "000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("chưa đúng")
    expect(page.locator("#name")).to_have_value("lan")
    expect(page.locator("#password")).to_have_value("")


def test_paste_and_password_managers_work(site: Site, new_page: NewPage) -> None:
    """WCAG 3.3.8: nothing has to be remembered or typed over."""
    page = new_page()
    page.goto(f"{site.url}/sign-in")
    wanted = {"#name": "username", "#password": "current-password", "#code": "one-time-code"}
    for field, purpose in wanted.items():
        expect(page.locator(field)).to_have_attribute("autocomplete", purpose)
        taken = page.locator(field).evaluate(
            "(field) => field.dispatchEvent(new ClipboardEvent('paste', {cancelable: true}))"
        )
        assert taken, f"{field} refuses paste"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages(site: Site, new_page: NewPage, scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    axe = Axe()
    page.goto(f"{site.url}/sign-in")
    assert axe.run(page, options={"runOnly": TAGS}).violations_count == 0
    page.locator("#name").fill(site.lan.name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#code").fill(site.lan.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat")
    page.goto(f"{site.url}/account")
    page.get_by_role("button", name="Lấy mã liên kết").click()
    expect(page.locator("code")).to_contain_text("/lienket ")
    found = axe.run(page, options={"runOnly": TAGS})
    assert found.violations_count == 0, found.generate_report()
