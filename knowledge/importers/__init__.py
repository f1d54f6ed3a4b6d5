"""Importers: read what provinces and portals have into source records, and merge those."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

from knowledge.errors import OperatorError
from knowledge.importers import (
    national_list,
    portal_details,
    portal_json,
    portal_pages,
    provincial_list,
    shipped,
)
from knowledge.importers.portal_terms import (
    NATIONAL_LIST,
    PORTAL_DETAILS,
    PORTAL_JSON,
    PORTAL_PAGES,
    PROVINCIAL_LIST,
    SHIPPED,
    SOURCE_KINDS,
)
from knowledge.importers.reading import XZ_MAGIC, ZIP_MAGIC, Document, documents, head
from knowledge.records import Rejection, SourceRecord

__all__ = [
    "NATIONAL_LIST",
    "PORTAL_DETAILS",
    "PORTAL_JSON",
    "PORTAL_PAGES",
    "PROVINCIAL_LIST",
    "SHIPPED",
    "SOURCE_KINDS",
    "open_source",
]

Reader = Callable[[Path], Iterator[SourceRecord | Rejection]]

_JSON_READERS: tuple[ModuleType, ...] = (
    portal_pages,
    portal_details,
    provincial_list,
    portal_json,
    national_list,
)
_LOOK_AT = 50
_YAML = re.compile(rb"\A(\xef\xbb\xbf)?(\s*(#[^\n]*)?\n)*code:", re.MULTILINE)


def open_source(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records and rejections of a file or folder; its format is told by its content.

    Raises OperatorError for a path that cannot be read or whose format is not known. A file in
    which nothing can be read as a record gives its rejections only.
    """
    if path.is_dir():
        return _folder(path)
    start = head(path, 4096)
    if start.startswith(ZIP_MAGIC):
        return provincial_list.read(path)
    if not start.startswith(XZ_MAGIC) and _YAML.search(start):
        return shipped.read(path)
    return _json(path)


def _folder(path: Path) -> Iterator[SourceRecord | Rejection]:
    """A folder of YAML records, or else each of its files in order of their names."""
    if next(path.rglob("*.yaml"), None):
        return shipped.read(path)
    files = sorted(file for file in path.iterdir() if file.is_file())
    if not files:
        raise OperatorError(f"{path}: the folder has no files to import")
    return itertools.chain.from_iterable([open_source(file) for file in files])


def _each_code_once(
    items: Iterable[SourceRecord | Rejection], path: Path
) -> Iterator[SourceRecord | Rejection]:
    """The first record of each code; the catalogue keeps one a source."""
    lines: dict[str, int] = {}
    for item in items:
        if isinstance(item, Rejection):
            yield item
            continue
        code = item.procedure.code
        kept = lines.setdefault(code, item.line)
        if kept == item.line:
            yield item
        else:
            reason = f"{code} stands again, line {kept} is kept"
            yield Rejection(file=str(path), line=item.line, reason=reason)


def _json(path: Path) -> Iterator[SourceRecord | Rejection]:
    start = list(itertools.islice(documents(path), _LOOK_AT))
    found = [item for item in start if isinstance(item, Document)]
    if not found:
        return (item for item in start if isinstance(item, Rejection))
    for reader in _JSON_READERS:
        if any(reader.recognises(document.data) for document in found):
            read: Reader = reader.read
            return _each_code_once(read(path), path)
    keys = ", ".join(list(found[0].data)[:8])
    raise OperatorError(
        f"{path}: the format is not known (its first record has {keys}); "
        "docs/catalogue-formats.md lists those that are"
    )
