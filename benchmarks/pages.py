"""Pages of ``docs/`` that commands write: each writes its own part and leaves the others."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def write_section(page: Path, title: str, text: str) -> None:
    """Replace the section ``## title`` of ``page``, or append it."""
    whole = page.read_text("utf-8").rstrip("\n") + "\n"
    section = f"## {title}\n{text.strip()}\n"
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", whole, re.M | re.S)
    if found is None:
        page.write_text(f"{whole}\n{section}", "utf-8")
        return
    after = whole[found.end() :]
    page.write_text(whole[: found.start()] + section + ("\n" + after if after else ""), "utf-8")


def write_head(page: Path, text: str) -> None:
    """Replace what stands before the first section of ``page``."""
    whole = page.read_text("utf-8") if page.is_file() else ""
    first = re.search(r"^## ", whole, re.M)
    sections = f"\n{whole[first.start() :]}" if first else ""
    page.write_text(text.rstrip("\n") + "\n" + sections, "utf-8")
