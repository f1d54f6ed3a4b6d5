"""Read rule documents: DOCX, PDF with text, HTML, Markdown, JSON lines of laws.

A Markdown file may begin with a YAML head that names what its text does not say; its keys are those
of ``RuleDocument``.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.errors import OperatorError
from knowledge.records import Rejection
from knowledge.rules.heading import read_heading
from knowledge.rules.importers import docx, html, law_lines, pdf
from knowledge.rules.importers.reading import decoded
from knowledge.rules.records import RuleDocument
from knowledge.rules.structure import parse

READERS: dict[str, Callable[[Path], str]] = {
    ".docx": docx.read_text,
    ".pdf": pdf.read_text,
    ".html": html.read_text,
    ".htm": html.read_text,
    ".md": decoded,
    ".txt": decoded,
}
LINES = (".jsonl", ".xz")
OLD_WORD = (".doc", ".rtf", ".odt", ".docm")


def open_rules(path: Path) -> Iterator[RuleDocument | Rejection]:
    """The documents of a file, or of every known file of a folder and below. What cannot be read
    is told by a Rejection."""
    if not path.exists():
        raise OperatorError(f"{path}: no such file or folder")
    if not path.is_dir():
        yield from _open_file(path)
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.suffix.lower() in (*READERS, *LINES):
            yield from _open_file(file)


def _open_file(path: Path) -> Iterator[RuleDocument | Rejection]:
    suffix = path.suffix.lower()
    try:
        if suffix in LINES:
            yield from law_lines.read(path)
        elif suffix in READERS:
            yield read_document(READERS[suffix](path), path)
        elif suffix in OLD_WORD:
            raise OperatorError(f"{path}: save it as .docx first")
        else:
            known = ", ".join([*READERS, *LINES])
            raise OperatorError(f"{path}: none of the known formats ({known})")
    except OperatorError as error:
        yield Rejection(file=str(path), line=1, reason=str(error).removeprefix(f"{path}: "))


def read_document(text: str, path: Path) -> RuleDocument:
    """Parse a document's text; raises OperatorError where there is nothing to tell it by."""
    head, body = _split_head(text, path)
    parts = parse(body)
    found = read_heading(parts)
    said: dict[str, Any] = {name: value for name, value in vars(found).items() if value} | head
    title = said.get("title") or ""
    key = said.get("number") or title
    if not key:
        raise OperatorError(f"{path}: neither number nor title found; is it a rule document?")
    fields: dict[str, Any] = {"key": key, "title": title or key} | said | {"parts": parts}
    try:
        return RuleDocument(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise OperatorError(f"{path}: {place}: {first['msg']}") from None


def _split_head(text: str, path: Path) -> tuple[dict[str, Any], str]:
    """The YAML head between two lines of ``---`` and the text after it."""
    if path.suffix.lower() != ".md" or not text.startswith("---\n") or "\n---\n" not in text[4:]:
        return {}, text
    head, _, body = text[4:].partition("\n---\n")
    try:
        loaded = yaml.safe_load(head)
    except yaml.YAMLError as error:
        raise OperatorError(f"{path}: its head is not YAML ({type(error).__name__})") from None
    if not isinstance(loaded, dict) or "parts" in loaded:
        raise OperatorError(f"{path}: its head is no mapping of a document's fields")
    return loaded, body
