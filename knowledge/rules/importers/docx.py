"""DOCX to lines: paragraphs in order, a table row as ``| cell | cell |``.

Only the document's own text is read: no macros, no linked content, no external entities
(python-docx parses with entity resolution off). Numbers that Word counts itself ("1.", "a)") are no
text of the file and are written out as it shows them.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge.errors import OperatorError
from knowledge.rules.importers.reading import check_zip, content, within

LETTERS = "abcdđeghiklmnopqrstuvxy"


def read_text(path: Path) -> str:
    """The text of a DOCX; raises OperatorError where it is none, or too big."""
    content(path)
    check_zip(path)
    try:
        document = Document(str(path))
        numbering = _Numbering(document)
        lines = [
            line for block in document.iter_inner_content() for line in _lines(block, numbering)
        ]
    except Exception as error:
        raise OperatorError(f"{path}: not a readable document ({type(error).__name__})") from None
    return within(path, "".join(f"{line}\n" for line in lines))


def _lines(block: Paragraph | Table, numbering: "_Numbering") -> list[str]:
    if isinstance(block, Paragraph):
        return (numbering.label(block) + block.text).split("\n")
    rows = []
    for row in block.rows:
        cells: list[Any] = []
        for cell in row.cells:
            if not cells or cell._tc is not cells[-1]._tc:  # a merged cell is given once a column
                cells.append(cell)
        rows.append("| " + " | ".join(" ".join(cell.text.split()) for cell in cells) + " |")
    return rows


class _Numbering:
    """Labels of automatically numbered paragraphs, counted as Word does for simple lists."""

    def __init__(self, document: Any) -> None:
        self._formats: dict[tuple[str, str], tuple[str, str]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        part = getattr(document.part, "numbering_part", None) if _has_numbering(document) else None
        if part is None:
            return
        root = part.element
        abstract = {
            n.get(_w("numId")): n.find(_w("abstractNumId")).get(_w("val"))
            for n in root.findall(_w("num"))
        }
        levels = {
            a.get(_w("abstractNumId")): a.findall(_w("lvl"))
            for a in root.findall(_w("abstractNum"))
        }
        for number, name in abstract.items():
            for level in levels.get(name, ()):
                shape, text = level.find(_w("numFmt")), level.find(_w("lvlText"))
                if shape is not None and text is not None:
                    key = (number, level.get(_w("ilvl")))
                    self._formats[key] = (shape.get(_w("val")), text.get(_w("val")) or "")

    def label(self, paragraph: Paragraph) -> str:
        """What Word writes before the paragraph, '' where it writes nothing."""
        properties: Any = paragraph._p.pPr
        numbered = None if properties is None else properties.numPr
        if numbered is None or numbered.numId is None:
            return ""
        level = "0" if numbered.ilvl is None else str(numbered.ilvl.val)
        key = (str(numbered.numId.val), level)
        if key not in self._formats:
            return ""
        for other in [k for k in self._counts if k[0] == key[0] and k[1] > level]:
            del self._counts[other]
        self._counts[key] += 1
        shape, text = self._formats[key]
        shown = _shown(shape, self._counts[key])
        return f"{text.replace(f'%{int(level) + 1}', shown)} " if shown else ""


def _has_numbering(document: Any) -> bool:
    return any(rel.reltype.endswith("/numbering") for rel in document.part.rels.values())


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


def _shown(shape: str, count: int) -> str:
    if shape == "decimal":
        return str(count)
    if shape == "lowerLetter" and count <= len(LETTERS):
        return LETTERS[count - 1]
    return ""
