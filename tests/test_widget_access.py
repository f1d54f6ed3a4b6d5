"""WCAG 2.2 A and AA: axe-core in each state, reflow, targets, contrast (needs 6, 8, 12, 17, 19)."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from browser import NewPage, ask, open_widget, panel, question
from fake_gateway import FakeGateway
from playwright.sync_api import Page, expect

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OUTSIDE = """() => { const root = document.querySelector('ls-assistant').shadowRoot;
  const wide = document.documentElement.clientWidth;
  return [...root.querySelectorAll('.panel *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && (box.right > wide + 0.5 || box.left < -0.5);
  }).map((one) => one.outerHTML.slice(0, 80)); }"""
SMALL_TARGETS = """() => { const root = document.querySelector('ls-assistant').shadowRoot;
  return [...root.querySelectorAll('button, summary, textarea, input')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (box.width < 24 || box.height < 24);
  }).map((one) => one.outerHTML.slice(0, 80)); }"""
FAINT = """() => { const root = document.querySelector('ls-assistant').shadowRoot;
  const rgba = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const part = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) =>
    0.2126 * part(r / 255) + 0.7152 * part(g / 255) + 0.0722 * part(b / 255);
  const ratio = (one, two) => { const [low, high] = [light(one), light(two)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05); };
  const behind = (one) => { for (let at = one; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor); if (colour[3] > 0) return colour; }
    return [255, 255, 255, 1]; };
  const shown = (one) => one.getClientRects().length && one.checkVisibility() &&
    getComputedStyle(one).clipPath === 'none';
  root.activeElement?.blur();
  const found = [];
  const check = (one, colour, ground, least, what) => { const is = ratio(rgba(colour), ground);
    if (is < least) found.push(`${what} ${is.toFixed(2)} ${one.outerHTML.slice(0, 70)}`); };
  for (const one of [...root.querySelectorAll('.root *')].filter(shown)) {
    const style = getComputedStyle(one);
    if ([...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      check(one, style.color, behind(one), 4.5, 'text');
    for (const side of ['::before', '::placeholder']) {
      const drawn = getComputedStyle(one, side);
      if (side === '::before' ? drawn.content.length > 6 : one.localName === 'textarea')
        check(one, drawn.color, behind(one), 4.5, side);
    }
    if (one.matches('textarea, .choice, .chip, .action, .strong'))
      check(one, style.borderTopColor, behind(one.parentElement), 3, 'border');
    if (one.matches('textarea, button, a, summary')) {
      one.focus({ focusVisible: true });
      if (!one.matches(':focus-visible')) found.push(`no ring ${one.outerHTML.slice(0, 70)}`);
      check(one, getComputedStyle(one).outlineColor, behind(one.parentElement), 3, 'ring');
    }
  }
  return found; }"""
SPACED = """() => { const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
  document.querySelector('ls-assistant').shadowRoot.adoptedStyleSheets.push(sheet);
}"""
KEYBOARD = """(height) => { const view = new EventTarget();
  Object.assign(view, { height: innerHeight, width: innerWidth, offsetTop: 0, scale: 1 });
  Object.defineProperty(window, 'visualViewport', { value: view });
  window.keyboard = (left) => { view.height = left; view.dispatchEvent(new Event('resize')); };
}"""


def _fail(page: Page, gateway: FakeGateway) -> None:
    gateway.behaviour.problem = (500, "")
    question(page).fill("hỏng")
    question(page).press("Enter")
    page.locator("ls-assistant .failure").wait_for()


def _open_all(page: Page, gateway: FakeGateway) -> None:
    answer = ask(page, "Làm khai sinh")
    for folded in answer.locator("details").all():
        if folded.get_attribute("open") is None:
            folded.locator("summary").click()


def _tick(page: Page, gateway: FakeGateway) -> None:
    answer = ask(page, "Làm khai sinh")
    for name in ("Tờ khai theo mẫu", "Giấy chứng sinh do"):
        answer.get_by_label(name).check()


def _press(name: str) -> Callable[[Page, FakeGateway], None]:
    return lambda page, gateway: page.get_by_role("button", name=name, exact=True).click()


def _erase(page: Page, gateway: FakeGateway) -> None:
    page.get_by_role("button", name="Tùy chọn cuộc trò chuyện").click()
    page.get_by_role("button", name="Xóa cuộc trò chuyện").click()


def _too_long(page: Page, gateway: FakeGateway) -> None:
    question(page).fill("a" * 1001)
    question(page).press("Enter")


STATES: dict[str, Callable[[Page, FakeGateway], object]] = {
    "greeting": lambda page, gateway: None,
    "answer with everything open": _open_all,
    "facts first": lambda page, gateway: ask(page, "Đăng ký khai sinh"),
    "papers ticked": _tick,
    "dossier": lambda page, gateway: ask(page, "hồ sơ H37.12-250601-0003"),
    "choices": lambda page, gateway: ask(page, "Tôi muốn chọn"),
    "contact": lambda page, gateway: ask(page, "liên hệ"),
    "failure": _fail,
    "error at the field": _too_long,
    "help": _press("Liên hệ"),
    "options": _press("Tùy chọn cuộc trò chuyện"),
    "erase": _erase,
}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [
        f"{rule['id']}: {node['target']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(375, 720), (1280, 800)], ids=["phone", "desk"])
def test_need_17_axe_finds_nothing_in_any_state(
    new_page: NewPage, gateway: FakeGateway, scheme: str, size: tuple[int, int]
) -> None:
    found = {}
    page = new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto(gateway.url)
    found["closed"] = violations(page)
    for name, reach in STATES.items():
        gateway.behaviour.problem = None
        page.evaluate("sessionStorage.clear()")
        page.goto(gateway.url)
        open_widget(page)
        reach(page, gateway)
        found[name] = violations(page)
    assert {name: issues for name, issues in found.items() if issues} == {}


def test_need_17_axe_finds_nothing_on_the_page_to_print(page: Page) -> None:
    open_widget(page)
    answer = ask(page, "Làm khai sinh")
    with page.expect_popup() as opened:
        answer.get_by_role("button", name="In danh sách").click()
    assert violations(opened.value) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", list(STATES))
def test_need_12_text_controls_and_focus_rings_have_contrast(
    new_page: NewPage, gateway: FakeGateway, scheme: str, state: str
) -> None:
    """Measured here too: axe gives up on the colours of a panel in the top layer."""
    page = new_page(viewport={"width": 375, "height": 720}, color_scheme=scheme)
    page.goto(gateway.url)
    assert page.evaluate(FAINT) == []
    open_widget(page)
    STATES[state](page, gateway)
    assert page.evaluate(FAINT) == []


@pytest.mark.parametrize("size", [(320, 640), (320, 256)], ids=["320 px", "400 %"])
@pytest.mark.parametrize("state", list(STATES))
def test_need_06_everything_reflows_and_nothing_is_cut(
    new_page: NewPage, gateway: FakeGateway, size: tuple[int, int], state: str
) -> None:
    page = new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(gateway.url)
    open_widget(page)
    STATES[state](page, gateway)
    assert page.evaluate(OUTSIDE) == []
    for scroller in (".log", ".panel"):
        wide = page.locator(f"ls-assistant {scroller}").evaluate(
            "e => e.scrollWidth - e.clientWidth"
        )
        assert wide <= 0


@pytest.mark.parametrize("size", [(320, 640), (320, 256), (1280, 800)])
def test_need_06_the_focused_element_is_never_covered(
    new_page: NewPage, gateway: FakeGateway, size: tuple[int, int]
) -> None:
    page = new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(gateway.url)
    open_widget(page)
    ask(page, "Làm khai sinh")
    page.get_by_role("button", name="Đóng trợ lý").focus()
    seen = set()
    for _ in range(24):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => { const root = document.querySelector('ls-assistant').shadowRoot;
            const one = root.activeElement; if (!one) return 'outside';
            if (one.matches('.log')) return '';
            const box = one.getClientRects()[0];
            const top = root.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return one === top || one.contains(top) ? '' : one.outerHTML; }"""
        )
        seen.add(
            page.evaluate(
                "document.querySelector('ls-assistant').shadowRoot.activeElement?.localName"
            )
        )
        assert covered in ("", "outside")
    assert {"a", "summary", "textarea", "button"} <= seen


def test_need_08_targets_are_large_enough(phone: Page, gateway: FakeGateway) -> None:
    assert phone.evaluate(SMALL_TARGETS) == []
    open_widget(phone)
    _open_all(phone, gateway)
    ask(phone, "Tôi muốn chọn")
    assert phone.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("left", [420, 300, 180])
def test_need_19_the_input_stays_visible_above_the_on_screen_keyboard(
    new_page: NewPage, gateway: FakeGateway, left: int
) -> None:
    page = new_page(viewport={"width": 375, "height": 720}, has_touch=True)
    page.add_init_script(f"({KEYBOARD})()")
    page.goto(gateway.url)
    open_widget(page)
    ask(page, "Làm khai sinh")
    question(page).focus()
    page.evaluate("(left) => window.keyboard(left)", left)
    box = question(page).bounding_box()
    assert box is not None
    assert box["y"] >= 0 and box["y"] + box["height"] <= left


def test_wcag_1_4_12_wider_text_spacing_cuts_nothing(phone: Page, gateway: FakeGateway) -> None:
    open_widget(phone)
    _open_all(phone, gateway)
    phone.evaluate(SPACED)
    assert phone.evaluate(OUTSIDE) == []
    cut = phone.locator("ls-assistant .panel :is(button, summary, label)").evaluate_all(
        "all => all.filter((one) => one.scrollHeight > one.clientHeight + 1"
        " && one.clientHeight > 1).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert cut == []


def test_need_12_the_language_is_stated(page: Page) -> None:
    expect(page.locator("ls-assistant")).to_have_attribute("lang", "vi")
    expect(page.locator("ls-assistant .root")).to_have_attribute("lang", "vi")


def test_need_12_dark_mode_follows_the_system_while_open(page: Page) -> None:
    open_widget(page)
    script = "e => getComputedStyle(e).backgroundColor"
    light = panel(page).evaluate(script)
    page.emulate_media(color_scheme="dark")
    assert panel(page).evaluate(script) != light
    assert panel(page).evaluate("e => getComputedStyle(e).colorScheme") == "dark"


def test_need_12_reduced_motion_stops_every_animation(page: Page) -> None:
    open_widget(page)
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    page.keyboard.press("Escape")
    page.locator("ls-assistant .open").click()
    names = panel(page).evaluate("e => getComputedStyle(e).animationName")
    assert names == "rise"


def test_need_12_forced_colours_keep_borders_and_the_focus_ring(
    new_page: NewPage, gateway: FakeGateway
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800}, forced_colors="active")
    page.goto(gateway.url)
    open_widget(page)
    ask(page, "Tôi muốn chọn")
    for selector in (".choice", ".mine", "textarea", ".strong", ".panel"):
        style = page.locator(f"ls-assistant {selector}").first.evaluate(
            "e => { const s = getComputedStyle(e); return [s.borderTopStyle, s.borderTopWidth,"
            " s.borderTopColor === s.backgroundColor]; }"
        )
        assert style == ["solid", "1px", False], selector
    question(page).focus()
    assert question(page).evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    pressed = ask(page, "Làm khai sinh").get_by_role("button", name="Có ích")
    pressed.click()
    expect(pressed).to_have_css("border-top-width", "3px")
