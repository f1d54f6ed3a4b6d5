"""Fixtures of the browser tests: Debian's Chromium driven by Playwright, a fake gateway.

They live as long as one test module: Playwright's loop must not outlast it, or asynchronous tests
of other modules find a loop already running in their thread.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_gateway import Behaviour, FakeGateway, running
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; a run without it fails and says how to get it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("no chromium on this machine: run `apt-get install -y chromium`")
    flags = FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


@pytest.fixture(scope="module")
def served_gateway() -> Iterator[FakeGateway]:
    with running() as gateway:
        yield gateway


@pytest.fixture
def gateway(served_gateway: FakeGateway) -> FakeGateway:
    """A gateway that has seen nothing and fails nowhere."""
    for name, value in vars(Behaviour()).items():
        setattr(served_gateway.behaviour, name, value)
    return served_gateway


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens a page of its own context; a script error on any of them fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(locale="vi-VN", reduced_motion="reduce", **options)
        context.set_default_timeout(8000)
        contexts.append(context)
        page = context.new_page()
        context.on("weberror", lambda error: errors.append(str(error.error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: NewPage, gateway: FakeGateway) -> Page:
    """The assistant's own page at 1280 x 800, the widget closed."""
    opened = new_page(viewport={"width": 1280, "height": 800})
    opened.goto(gateway.url)
    return opened


@pytest.fixture
def phone(new_page: NewPage, gateway: FakeGateway) -> Page:
    """The assistant's own page on a phone of 375 x 720, the widget closed."""
    opened = new_page(viewport={"width": 375, "height": 720}, has_touch=True)
    opened.goto(gateway.url)
    return opened


def launcher(page: Page) -> Locator:
    return page.locator("ls-assistant").get_by_role("button", name="Hỏi thủ tục")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Trợ lý thủ tục hành chính")


def question(page: Page) -> Locator:
    return page.get_by_label("Câu hỏi của bạn")


def turns(page: Page) -> Locator:
    """What people and the assistant said, one list item each."""
    return page.locator("ls-assistant .turn.mine, ls-assistant .turn.answer")


def open_widget(page: Page) -> None:
    launcher(page).click()
    page.locator("ls-assistant .offer, ls-assistant .failure, ls-assistant .answer").last.wait_for()


def ask(page: Page, text: str) -> Locator:
    """Asks and waits; the answer's list item."""
    before = page.locator("ls-assistant .turn.answer").count()
    question(page).fill(text)
    question(page).press("Enter")
    answer = page.locator("ls-assistant .turn.answer").nth(before)
    answer.wait_for()
    return answer
