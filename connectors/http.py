"""Any JSON API: where the request goes and where the reply keeps each field is configuration.

``find`` names a request; ``fields`` maps the fields of ``DossierStatus`` to JMESPath expressions
that lead to them from the dossier object, which ``dossier`` leads to from the whole reply.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, SecretStr

from connectors.calling import Absent, Refused, ask, client
from connectors.dossier import (
    NOT_OFFERED,
    Counts,
    DossierStatus,
    NotFound,
    PublicStatus,
    SystemFailure,
)
from connectors.mapping import known_fields, status_of
from connectors.reading import Path, ends_with, objects, search, text_of, texts_at
from connectors.statuses import Statuses


class HttpConfig(BaseModel):
    """``path``, ``query`` and ``body`` may hold ``{code}``. ``dossier``: JMESPath to the object,
    or the list of objects, of a dossier. ``status_map``: the system's states, by word or number."""

    model_config = ConfigDict(extra="forbid")

    url: str
    method: Literal["GET", "POST"] = "GET"
    path: str = ""
    query: Mapping[str, str] = {}
    body: Mapping[str, Any] = {}
    headers: Mapping[str, SecretStr] = {}
    dossier: Path = "@"
    fields: Annotated[Mapping[str, Path], known_fields]
    statuses: Mapping[str, PublicStatus] = {}


class Http:
    """One JSON API."""

    def __init__(self, name: str, config: HttpConfig) -> None:
        self.name = name
        self._config = config
        headers = {key: value.get_secret_value() for key, value in config.headers.items()}
        self._http = client(config.url, headers=headers)
        self._statuses = Statuses(config.statuses, {})

    async def close(self) -> None:
        await self._http.aclose()

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """See ``Connector.find``. Only an object with the very code counts."""
        try:
            reply = await self._ask(code)
        except Absent:
            return NotFound()
        except Refused:
            raise SystemFailure("unauthorised") from None
        found = search(reply, self._config.dossier)
        if not isinstance(found, list | dict | None):
            raise SystemFailure("garbage")
        for item in objects(found):
            if self._text(item, "code") == code:
                known = texts_at(item, self._config.fields.get("second_factor", ""))
                return self._read(code, item) if ends_with(second_factor, known) else NotFound()
        return NotFound()

    async def overdue(self, agency: str) -> int:
        """Not mapped: unit figures need a connector of their own."""
        raise SystemFailure(NOT_OFFERED)

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """Not mapped: unit figures need a connector of their own."""
        raise SystemFailure(NOT_OFFERED)

    async def _ask(self, code: str) -> Any:
        config = self._config
        options: dict[str, Any] = {"params": filled(config.query, code)}
        if config.method == "POST":
            options["json"] = filled(config.body, code)
        path = config.path.replace("{code}", quote(code, safe=""))
        return await ask(self._http, config.method, path, **options)

    def _text(self, item: dict[str, Any], field: str) -> str:
        return text_of(search(item, self._config.fields.get(field, "")))

    def _read(self, code: str, item: dict[str, Any]) -> DossierStatus:
        fields = self._config.fields
        supplement = texts_at(item, fields.get("supplement", ""))
        return status_of(
            code, lambda name: search(item, fields.get(name, "")), supplement,
            self._statuses, self.name,
        )  # fmt: skip


def filled(value: Any, code: str) -> Any:
    """``value`` with ``{code}`` replaced in every text of it."""
    if isinstance(value, str):
        return value.replace("{code}", code)
    if isinstance(value, Mapping):
        return {key: filled(item, code) for key, item in value.items()}
    return value


def open_connector(name: str, config: dict[str, Any]) -> Http:
    """See ``configuration``."""
    return Http(name, HttpConfig.model_validate(config))
