"""Bounds that every imported rule file is held to: it is hostile until read."""

import zipfile
from pathlib import Path

from knowledge.errors import OperatorError

MAX_FILE = 50 * 2**20
MAX_UNPACKED = 200 * 2**20
MAX_ENTRIES = 5_000
MAX_TEXT = 10 * 2**20  # characters of one document


def content(path: Path) -> bytes:
    """The bytes of a file of at most ``MAX_FILE``; raises OperatorError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise OperatorError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE:
        raise OperatorError(f"{path}: larger than {MAX_FILE:,} bytes")
    if not data:
        raise OperatorError(f"{path}: the file is empty")
    return data


def decoded(path: Path) -> str:
    """The text of a UTF-8 file, line ends as \\n; raises OperatorError."""
    try:
        text = content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} is not UTF-8; save the file as UTF-8"
        raise OperatorError(f"{path}: {reason}") from None
    return within(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def within(path: Path, text: str) -> str:
    """``text`` where it is not longer than ``MAX_TEXT`` characters; raises OperatorError."""
    if len(text) > MAX_TEXT:
        raise OperatorError(f"{path}: holds more than {MAX_TEXT:,} characters of text")
    return text


def check_zip(path: Path) -> None:
    """Refuse a zip that is damaged, unpacks to too much, or carries macros (OperatorError)."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError) as error:
        raise OperatorError(f"{path}: not a readable document ({error})") from None
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise OperatorError(f"{path}: unpacks to {unpacked:,} bytes, at most {MAX_UNPACKED:,}")
    if any(entry.filename.endswith("vbaProject.bin") for entry in entries):
        raise OperatorError(f"{path}: carries macros; save it as .docx without them")
