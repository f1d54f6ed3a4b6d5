"""Pictures of the widget for the documentation: ``python -m benchmarks.screenshots``.

Starts an assistant of its own, talks to it in the system's Chromium and writes
``docs/images/SCENE-WIDTH-SCHEME.jpg`` for each scene, width and colour scheme.
"""

import os
import shutil
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from benchmarks.running import assistant

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZES = {375: 720, 768: 900, 1280: 800}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLED_MS = 300
DOSSIER = "hồ sơ H37.12-260601-0005 đến đâu rồi"


def _open(page: Page) -> None:
    page.locator("ls-assistant button.open").click()
    page.locator("ls-assistant .offer").wait_for()


def _ask(page: Page, text: str) -> None:
    _open(page)
    page.get_by_label("Câu hỏi của bạn").fill(text)
    page.keyboard.press("Enter")
    page.locator("ls-assistant .answer").wait_for()


SCENES: dict[str, Callable[[Page], None]] = {
    "page": lambda page: page.locator("ls-assistant button.open").wait_for(),
    "start": _open,
    "answer": lambda page: _ask(page, "đăng ký khai sinh"),
    "papers": lambda page: _ask(page, "làm khai sinh cho con cần giấy tờ gì"),
    "choice": lambda page: _ask(page, "chứng thực bản sao"),
    "dossier": lambda page: _ask(page, DOSSIER),
}


def _picture(page: Page, url: str, reach: Callable[[Page], None], file: Path) -> None:
    page.goto(url)
    reach(page)
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=file, type="jpeg", quality=72)


def shoot(url: str, folder: Path = FOLDER) -> None:
    """Writes the pictures of every scene of the assistant at ``url``."""
    chromium = shutil.which("chromium") or sys.exit("no chromium: apt-get install -y chromium")
    flags = ["--disable-gpu", "--hide-scrollbars", *(["--no-sandbox"] * (os.geteuid() == 0))]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for (width, height), scheme in product(SIZES.items(), SCHEMES):
            for name, reach in SCENES.items():
                page = browser.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                    locale="vi-VN",
                )
                _picture(page, url, reach, folder / f"{name}-{width}-{scheme}.jpg")
                page.close()
        browser.close()


def main() -> None:
    with assistant() as running:
        shoot(running.url)
    print(f"{len(SCENES) * len(SIZES) * len(SCHEMES)} pictures in {FOLDER}")


if __name__ == "__main__":
    main()
