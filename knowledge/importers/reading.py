"""Reading source files line by line: plain or .xz, UTF-8 JSON, with every fault as a rejection."""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from knowledge.errors import OperatorError
from knowledge.records import Rejection

MAX_LINE = 16 * 2**20
MAX_FILE = 2**30
XZ_MAGIC = b"\xfd7zXZ\x00"
ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True)
class Document:
    """One JSON object of a file. ``line``: its line, or its place in a single JSON list, from 1."""

    line: int
    raw: str
    data: dict[str, Any]


def head(path: Path, size: int = 8) -> bytes:
    """The first bytes of a file; raises OperatorError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise OperatorError(f"{path}: cannot be read: {error.strerror}") from None


def documents(path: Path) -> Iterator[Document | Rejection]:
    """JSON objects of a JSON Lines file, or of one JSON document (an object or a list of them)."""
    read = lines(path)
    for first in read:
        if isinstance(first, Rejection):
            yield first
            continue
        parsed = list(_parse(first, path))
        if any(isinstance(item, Rejection) for item in parsed):
            whole = _whole_document(path)
            if whole is not None:
                yield from whole
                return
        yield from parsed
        break
    for line in read:
        if isinstance(line, Rejection):
            yield line
        else:
            yield from _parse(line, path)


def lines(path: Path) -> Iterator[Line | Rejection]:
    """Non-blank lines as text; a line that is too long or not UTF-8, and a cut file, are told."""
    number = 0
    empty = True
    with _open(path) as stream:
        for number, chunk in _numbered(stream, path):
            if isinstance(chunk, Rejection):
                yield chunk
                empty = False
            elif chunk.strip():
                empty = False
                yield _decoded(chunk, number, path)
    if empty:
        yield Rejection(file=str(path), line=max(number, 1), reason="the file is empty")


def _open(path: Path) -> BinaryIO:
    if head(path).startswith(XZ_MAGIC):
        return cast(BinaryIO, lzma.open(path))
    return path.open("rb")


def _numbered(stream: BinaryIO, path: Path) -> Iterator[tuple[int, bytes | Rejection]]:
    number, total = 1, 0
    while total <= MAX_FILE:
        try:
            chunk = stream.readline(MAX_LINE + 1)
            size = len(chunk)
            if size > MAX_LINE:
                while not chunk.endswith(b"\n") and (chunk := stream.readline(MAX_LINE)):
                    size += len(chunk)
        except (EOFError, lzma.LZMAError, OSError) as error:
            reason = f"the file is damaged or cut off here ({error})"
            yield number, Rejection(file=str(path), line=number, reason=reason)
            return
        if not size:
            return
        total += size
        if size > MAX_LINE:
            reason = f"the line has {size:,} bytes, at most {MAX_LINE:,} are read"
            yield number, Rejection(file=str(path), line=number, reason=reason)
        else:
            yield number, chunk
        number += 1
    reason = f"the file has more than {MAX_FILE:,} bytes, the rest is not read"
    yield number, Rejection(file=str(path), line=number, reason=reason)


def _decoded(chunk: bytes, number: int, path: Path) -> Line | Rejection:
    if number == 1:
        chunk = chunk.removeprefix(b"\xef\xbb\xbf")
    try:
        return Line(number, chunk.decode().strip())
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8"
        return Rejection(file=str(path), line=number, reason=reason)


def _parse(line: Line, path: Path) -> Iterator[Document | Rejection]:
    try:
        value = json.loads(line.text)
        line.text.encode()
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        reason = f"not JSON at character {error.colno}: {error.msg}"
        yield Rejection(file=str(path), line=line.number, reason=reason)
    except (ValueError, RecursionError) as error:
        reason = f"not JSON that can be kept: {type(error).__name__}"
        yield Rejection(file=str(path), line=line.number, reason=reason)
    else:
        yield from _objects(value, line, path)


def _objects(value: object, line: Line, path: Path) -> Iterator[Document | Rejection]:
    if isinstance(value, dict):
        yield Document(line.number, line.text, value)
    elif isinstance(value, list):
        for place, item in enumerate(value, 1):
            text = json.dumps(item, ensure_ascii=False)
            if isinstance(item, dict):
                yield Document(place, text, item)
            else:
                reason = f"item is {text[:40]}, not an object"
                yield Rejection(file=str(path), line=place, reason=reason)
    else:
        reason = f"the line is {line.text[:40]}, not an object"
        yield Rejection(file=str(path), line=line.number, reason=reason)


def _whole_document(path: Path) -> list[Document | Rejection] | None:
    """The file read as one JSON document of many lines, or None where it is not one."""
    with _open(path) as stream:
        try:
            text = stream.read(MAX_LINE * 4 + 1)[: MAX_LINE * 4].decode("utf-8-sig")
        except (UnicodeDecodeError, EOFError, lzma.LZMAError, OSError):
            return None
    items = list(_parse(Line(1, text.strip()), path))
    readable = any(isinstance(item, Document) for item in items)
    return items if readable else None
