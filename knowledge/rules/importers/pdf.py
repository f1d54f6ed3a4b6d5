"""PDF with a text layer to lines. A scanned one has none and is refused with a word about OCR."""

import re
from pathlib import Path

import pypdfium2

from knowledge.errors import OperatorError
from knowledge.rules.importers.reading import content, within
from knowledge.rules.structure import opens_part

MAX_PAGES = 2_000
LEAST_PER_PAGE = 20  # characters; less is a picture of a page
_PAGE_NUMBER = re.compile(r"^\s*(?:Trang\s+)?\d{1,4}(?:\s*/\s*\d{1,4})?\s*$")
_ENDS = re.compile(r"[.;:!?”\"]\s*$")


def read_text(path: Path) -> str:
    """The text of a PDF, its wrapped lines joined to paragraphs; raises OperatorError."""
    data = content(path)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        reason = "encrypted; save it without a password" if locked else "not a readable PDF"
        raise OperatorError(f"{path}: {reason}") from None
    try:
        pages = _pages(document, path)
    except pypdfium2.PdfiumError as error:
        raise OperatorError(f"{path}: not a readable PDF ({error})") from None
    finally:
        document.close()
    if sum(len(page.strip()) for page in pages) < LEAST_PER_PAGE * max(1, len(pages)):
        raise OperatorError(
            f"{path}: a scanned PDF without text; run OCR on it first (such as ocrmypdf -l vie)"
        )
    return paragraphs([line for page in pages for line in _lines(page)])


def _pages(document: pypdfium2.PdfDocument, path: Path) -> list[str]:
    if len(document) > MAX_PAGES:
        raise OperatorError(f"{path}: more than {MAX_PAGES:,} pages")
    pages: list[str] = []
    for page in document:
        pages.append(page.get_textpage().get_text_range().replace("\r\n", "\n"))
        within(path, "".join(pages))
    return pages


def _lines(page: str) -> list[str]:
    """The lines of a page without a page number alone at its head or foot."""
    lines = page.splitlines()
    if lines and _PAGE_NUMBER.match(lines[0]):
        lines = lines[1:]
    if lines and _PAGE_NUMBER.match(lines[-1]):
        lines = lines[:-1]
    return lines


def paragraphs(lines: list[str]) -> str:
    """Join lines that a page wrapped: a line goes on where the one before ends no sentence, is no
    heading in capitals, and the line itself opens no part."""
    made: list[str] = []
    for line in lines:
        said = " ".join(line.split())
        if not said:
            continue
        wrapped = (
            made
            and not _ENDS.search(made[-1])
            and not opens_part(said)
            and not made[-1].isupper()
            and not said.isupper()
            and (said[0].islower() or said[0].isdigit() or len(made[-1]) > 60)
        )
        if wrapped:
            made[-1] += " " + said
        else:
            made.append(said)
    return "".join(f"{line}\n" for line in made)
