"""The one-line tag on somebody else's page (needs 1, 7, 15, 16 and 18 of the widget)."""

import gzip
import re
from pathlib import Path

import pytest
import yaml
from browser import NewPage, ask, launcher, open_widget, panel, turns
from fake_gateway import FakeGateway
from playwright.sync_api import Page, expect

from bot.widget import script

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
HOSTILE_PAGE = GUIDE.partition("## A hostile host page")[2].split("```")[1].removeprefix("html")
HOSTILE_CSS = HOSTILE_PAGE.partition("<style>")[2].partition("</style>")[0]
PLAIN_CSS = "body { font: 18px serif; } button { color: rgb(1, 2, 3); padding: 7px; }"
KEPT = ["display", "fontSize", "color", "visibility", "opacity", "letterSpacing", "borderTopWidth"]


def host_page(
    page: Page,
    gateway: FakeGateway,
    *,
    css: str = "",
    body: str = "",
    tags: int = 1,
    policy: str = "",
) -> None:
    """Opens a page of another origin that embeds the widget by its tag, `tags` times."""
    tag = (
        f'<script src="{gateway.url}/widget.js" defer></script>'
        f'<noscript><a href="{gateway.url}/chat">Hỏi thủ tục hành chính</a></noscript>'
    )
    style = f"<style>{css}</style>" if css else ""
    gateway.behaviour.host_policy = policy
    gateway.behaviour.host_page = (
        f'<!doctype html><html lang=vi><head><title>Cổng</title><link rel="icon" href="data:,">'
        f"{style}</head><body><h1>Cổng thông tin</h1>{body}<button id=own>Của trang</button>"
        f"{tag * tags}</body></html>"
    )
    page.goto(f"{gateway.other_url}/host")


def looks(page: Page, selector: str) -> list[list[str]]:
    """Computed style and size of the widget's elements that match."""
    script = """(elements, kept) => elements.map((element) => {
      const style = getComputedStyle(element), box = element.getBoundingClientRect();
      return [...kept.map((name) => style[name]), String(box.width), String(box.height)];
    })"""
    found: list[list[str]] = page.locator(f"ls-assistant {selector}").evaluate_all(script, KEPT)
    return found


def test_need_18_the_widget_is_at_most_30_kb_gzipped() -> None:
    size = len(gzip.compress(script().encode(), 9))
    assert size <= 30 * 1024, f"{size} bytes"


def test_every_option_and_colour_is_documented() -> None:
    source = script()
    colours = {name.removesuffix("-dark") for name in re.findall(r"var\((--ls-[\w-]+)", source)}
    assert colours == set(re.findall(r"`(--ls-[\w-]+)`", GUIDE))
    options = set(re.findall(r"OPTIONS\.(\w+)", source))
    options.update(
        *(found.split(", ") for found in re.findall(r"\{ ([\w, ]+) \} = OPTIONS", source))
    )
    assert options == set(re.findall(r"\| `data-(\w+)` \|", GUIDE))


def test_every_text_of_the_widget_is_used_and_none_is_missing() -> None:
    folder = ROOT / "bot" / "widget"
    texts = yaml.safe_load((folder / "texts.yml").read_text(encoding="utf-8"))
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    assert set(re.findall(r"\bTEXTS\.(\w+)", code)) == set(texts)


def test_every_part_of_the_widget_can_be_read_at_once() -> None:
    for path in (ROOT / "bot" / "widget").glob("*.*"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name


def test_need_01_two_tags_mount_one_assistant(new_page: NewPage, gateway: FakeGateway) -> None:
    page = new_page()
    host_page(page, gateway, tags=2)
    expect(launcher(page)).to_have_count(1)


def test_need_01_it_asks_its_own_origin_and_no_other(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    host_page(page, gateway)
    open_widget(page)
    ask(page, "Làm khai sinh")
    foreign = [url for url in asked if not url.startswith((gateway.url, gateway.other_url))]
    assert foreign == []
    assert sum(url.startswith(gateway.other_url) for url in asked) == 1, "the host page alone"


def test_need_01_it_says_nothing_to_the_server_before_it_is_opened(
    page: Page, gateway: FakeGateway
) -> None:
    expect(launcher(page)).to_be_visible()
    assert [entry for entry in gateway.behaviour.requests if "/api/" in entry] == []


@pytest.mark.parametrize("selector", [".launcher, .launcher *", ".panel, .panel *"])
def test_need_01_hostile_css_of_the_host_changes_nothing_in_the_widget(
    new_page: NewPage, gateway: FakeGateway, selector: str
) -> None:
    seen = []
    for css in ("", HOSTILE_CSS):
        page = new_page(viewport={"width": 1280, "height": 800})
        host_page(page, gateway, css=css)
        if "panel" in selector:
            open_widget(page)
            ask(page, "Làm khai sinh")
        seen.append(looks(page, selector))
    assert len(seen[0]) > 2
    assert seen[0] == seen[1]


def test_need_01_the_page_of_the_guide_carries_one_working_assistant(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    gateway.behaviour.host_page = HOSTILE_PAGE.replace("https://HOST", gateway.url)
    page.goto(f"{gateway.other_url}/host")
    expect(launcher(page)).to_have_count(1)
    open_widget(page)
    expect(ask(page, "Làm khai sinh")).to_contain_text("Giấy tờ phải nộp")


def test_need_01_the_widget_changes_nothing_in_the_host_page(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    own = "document.body.outerHTML + document.documentElement.getAttributeNames()"
    style = "JSON.stringify(Object.values(getComputedStyle(document.querySelector('#own'))))"
    host_page(page, gateway, css=PLAIN_CSS, tags=0)
    before = page.evaluate(f"[{own}, {style}]")
    page.add_script_tag(url=f"{gateway.url}/widget.js")
    page.evaluate("document.querySelector('head script')?.remove()")
    open_widget(page)
    ask(page, "Làm khai sinh")
    assert page.evaluate(f"[{own}, {style}]") == before


def test_need_01_a_strict_content_security_policy_is_enough(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page()
    policy = (
        f"default-src 'none'; img-src data:; script-src {gateway.url}; "
        f"connect-src {gateway.url}; require-trusted-types-for 'script'"
    )
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    host_page(page, gateway, policy=policy)
    open_widget(page)
    ask(page, "Làm khai sinh")
    assert broken == []
    box = panel(page).bounding_box()
    assert box is not None and box["width"] > 300


def test_need_07_the_closed_launcher_never_covers_the_focused_element(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page(viewport={"width": 800, "height": 600})
    corners = "".join(
        f'<button id={name} style="position:fixed;{place}">Nút {name}</button>'
        for name, place in [("low", "right:30px;bottom:30px"), ("left", "left:30px;bottom:30px")]
    )
    host_page(page, gateway, body=corners)
    for name in ("low", "left"):
        page.locator(f"#{name}").focus()
        mine = page.locator(f"#{name}").bounding_box()
        its = page.locator("ls-assistant .launcher").bounding_box()
        assert mine is not None and its is not None
        apart = mine["x"] + mine["width"] <= its["x"] or its["x"] + its["width"] <= mine["x"]
        above = mine["y"] + mine["height"] <= its["y"] or its["y"] + its["height"] <= mine["y"]
        assert apart or above


def test_need_07_the_launcher_can_be_hidden_and_stays_hidden(page: Page) -> None:
    page.get_by_role("button", name="Ẩn nút trợ lý").click()
    expect(launcher(page)).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(launcher(page)).to_be_hidden()


def test_a_link_of_the_page_asks_its_question(page: Page) -> None:
    page.get_by_role("link", name="Làm khai sinh cho con cần giấy tờ gì?").click()
    expect(panel(page)).to_be_visible()
    expect(turns(page)).to_have_count(2)
    expect(page.get_by_role("heading", name="Đăng ký khai sinh")).to_be_visible()


def test_need_15_without_javascript_a_link_leads_to_the_plain_page(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page(java_script_enabled=False)
    host_page(page, gateway)
    page.get_by_role("link", name="Hỏi thủ tục hành chính").click()
    expect(page.get_by_role("heading", name="Hỏi đáp")).to_be_visible()


def test_need_15_without_javascript_the_page_itself_leads_to_the_plain_page(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(gateway.url)
    page.get_by_role("link", name="Trang hỏi đáp đơn giản").click()
    expect(page.get_by_role("heading", name="Hỏi đáp")).to_be_visible()
