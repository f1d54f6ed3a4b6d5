"""HTML to lines: a block ends a line, a table row is ``| cell | cell |``; nothing is fetched."""

import re
from html.parser import HTMLParser
from pathlib import Path

from knowledge.rules.importers.reading import decoded, within

BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "table",
        "thead",
        "tbody",
        "tr",
        "blockquote",
        "pre",
        "hr",
    ]
)
SILENT = frozenset(["script", "style", "template", "noscript", "head", "iframe", "object", "svg"])
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")


def read_text(path: Path) -> str:
    """The visible text of an HTML page; raises OperatorError where it cannot be read."""
    reader = _Reader()
    reader.feed(decoded(path))
    reader.close()
    return within(path, reader.text())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._silent = 0
        self._row: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag == "tr":
            self._end_line()
            self._row = []
        elif tag in BLOCKS and self._row is None:
            self._end_line()
        elif tag in BLOCKS:
            self._line += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th") and self._row is not None:
            self._row.append(_SPACE.sub(" ", self._line).strip())
            self._line = ""
        elif tag == "tr" and self._row is not None:
            self._lines.append("| " + " | ".join(self._row) + " |")
            self._row, self._line = None, ""
        elif tag in BLOCKS and self._row is None:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line += data

    def text(self) -> str:
        self._end_line()
        return "".join(f"{line}\n" for line in self._lines)

    def _end_line(self) -> None:
        line = _SPACE.sub(" ", self._line).strip()
        if line:
            self._lines.append(line)
        self._line = ""
