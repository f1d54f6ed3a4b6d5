"""PDF with a text layer to lines. A scanned one has none and is refused with a word about OCR."""

import io
import logging
import re
from pathlib import Path

from pypdf import PdfReader

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
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise OperatorError(f"{path}: encrypted; save it without a password")
        if len(reader.pages) > MAX_PAGES:
            raise OperatorError(f"{path}: more than {MAX_PAGES:,} pages")
        pages = []
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            within(path, "".join(pages))
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(f"{path}: not a readable PDF ({type(error).__name__})") from None
    if sum(len(page.strip()) for page in pages) < LEAST_PER_PAGE * max(1, len(pages)):
        raise OperatorError(
            f"{path}: a scanned PDF without text; run OCR on it first (such as ocrmypdf -l vie)"
        )
    return paragraphs([line for page in pages for line in _lines(page)])


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
