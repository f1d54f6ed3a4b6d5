"""The project's own catalogue: YAML files ``**/<code>.yaml``, one procedure each.

Keys are those of ``Procedure`` (without sections and provenance) plus ``source`` with ``url`` and
``date``. Sections' texts are written out from the typed fields.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.importers.portal_terms import SHIPPED
from knowledge.importers.rendering import with_sections
from knowledge.records import Procedure, Rejection, Source, SourceRecord

MAX_FILE = 2**20


class _Loader(yaml.SafeLoader):
    """Safe YAML in which ``1.001193`` is a code, not a number."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:float"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records of one YAML file, or of every one in a folder and below, in order of their names."""
    for file in sorted(path.rglob("*.yaml")) if path.is_dir() else [path]:
        yield _record(file)


def _record(file: Path) -> SourceRecord | Rejection:
    try:
        raw = file.read_bytes()[: MAX_FILE + 1].decode("utf-8-sig")
        data = yaml.load(raw, Loader=_Loader)  # noqa: S506 - a SafeLoader that reads fewer types
    except UnicodeDecodeError as error:
        return _rejected(file, 1, f"byte {error.start + 1} is not UTF-8; save the file as UTF-8")
    except OSError as error:
        return _rejected(file, 1, f"cannot be read: {error.strerror}")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or type(error).__name__
        return _rejected(file, mark.line + 1 if mark else 1, f"not YAML: {problem}")
    if len(raw) > MAX_FILE:
        return _rejected(file, 1, f"larger than {MAX_FILE:,} bytes")
    fault = _fault(file, data)
    if fault:
        return _rejected(file, 1, fault)
    try:
        source = Source(**(data.pop("source") | {"kind": SHIPPED}))
        procedure = Procedure(**data)
    except (ValidationError, TypeError) as error:
        return _rejected(file, 1, _problem(error))
    return SourceRecord(source=source, line=1, raw=raw, procedure=with_sections(procedure, source))


def _fault(file: Path, data: Any) -> str | None:
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        return "not a mapping of a procedure's fields"
    if not data.get("code"):
        return "the record has no code"
    if str(data["code"]) != file.stem:
        return f"code {data['code']} does not match the file's name"
    if not isinstance(data.get("source"), dict):
        return "the record has no source with url and date"
    if {"sections", "provenance"} & data.keys():
        return "sections and provenance are made by the importer, remove them"
    return None


def _problem(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error).splitlines()[0]
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _rejected(file: Path, line: int, reason: str) -> Rejection:
    return Rejection(file=str(file), line=line, reason=reason)
