"""Which dossier systems there are: a YAML file that names them, with secrets from the environment.

    systems:
      - name: langson
        kind: igate
        prefixes: [H37]
        sso_url: https://sso.example.gov.vn
        ...
        client_secret: ${IGATE_SECRET}

``kind`` is the module of this package that speaks to the system; what else stands in an entry is
that module's own configuration.
"""

import importlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.dossier import Connector
from connectors.registry import Dossiers, System

KINDS = ("dvcqg", "http", "igate", "opencps", "sql", "table")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class ConfigurationError(ValueError):
    """One line that names file, system and field, and what to do."""


class Entry(BaseModel):
    """What every system's entry has. ``prefixes``: what its codes begin with; none: every code."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    kind: str
    prefixes: list[str] = []


def open_dossiers(path: Path) -> Dossiers:
    """The systems that the file at ``path`` names. Raises ConfigurationError."""
    try:
        written = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"{path}: cannot be read ({reason})") from error
    entries = written.get("systems") if isinstance(written, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"{path}: holds no list `systems`; see docs/connectors.md")
    systems = [_open(entry, f"{path}: system {n}") for n, entry in enumerate(entries, 1)]
    names = [system.connector.name for system in systems]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"{path}: two systems are called {', '.join(twice)}")
    return Dossiers(systems)


def open_system(entry: Mapping[str, Any]) -> System:
    """One system. Raises ValidationError, or ConfigurationError for a kind there is none of."""
    read = Entry.model_validate(entry)
    if read.kind not in KINDS:
        raise ConfigurationError(f"kind {read.kind!r} is none of {', '.join(KINDS)}")
    module = importlib.import_module(f"connectors.{read.kind}")
    connector: Connector = module.open_connector(read.name, dict(read.model_extra or {}))
    return System(connector, read.prefixes)


def _open(entry: Any, place: str) -> System:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{place}: is no mapping")
    place = f"{place} ({entry.get('name', 'without a name')})"
    try:
        return open_system(_filled(entry))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{place}: {field}: {first['msg']}") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"{place}: {error}") from None


def _filled(value: Any) -> Any:
    """``value`` with every ``${NAME}`` replaced by that environment variable."""
    if isinstance(value, str):
        return _VARIABLE.sub(_variable, value)
    if isinstance(value, Mapping):
        return {key: _filled(item) for key, item in value.items()}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _variable(found: re.Match[str]) -> str:
    try:
        return os.environ[found.group(1)]
    except KeyError:
        raise ConfigurationError(f"environment variable {found.group(1)} is not set") from None
