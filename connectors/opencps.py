"""OpenCPS v2 REST: the public search by dossier number, guarded by a shared secret.

Shapes: opencps-v2, ``DossierDetailModel`` and ``/dossiers/publish/searchDossiers``. The reply also
holds the applicant's name and identity number; neither is read, but to compare a second factor.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

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
from connectors.reading import at, ends_with, objects, text_of, time_of
from connectors.statuses import Statuses, numbers

SEARCH_PATH = "/dossiers/publish/searchDossiers"


class OpenCpsConfig(BaseModel):
    """``url`` ends at the API's base (``.../o/rest/v2``); ``group_id`` is the site's header."""

    model_config = ConfigDict(extra="forbid")

    url: str
    secret: SecretStr
    group_id: str = ""
    statuses: Mapping[str, PublicStatus] = {}


class OpenCps:
    """One OpenCPS v2 site."""

    def __init__(self, name: str, config: OpenCpsConfig) -> None:
        self.name = name
        self._secret = config.secret.get_secret_value()
        headers = {"groupId": config.group_id} if config.group_id else {}
        self._http = client(config.url, headers=headers)
        self._statuses = Statuses(config.statuses, numbers("opencps"))

    async def close(self) -> None:
        await self._http.aclose()

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """See ``Connector.find``."""
        try:
            reply = await self._search({"dossierNo": code, "start": "0", "end": "10"})
        except Absent:
            return NotFound()
        if not isinstance(at(reply, "data"), list):
            raise SystemFailure("garbage")
        found = [item for item in objects(reply["data"]) if text_of(item.get("dossierNo")) == code]
        if not found or not ends_with(second_factor, [found[0].get("applicantIdNo")]):
            return NotFound()
        return self._read(code, found[0])

    async def overdue(self, agency: str) -> int:
        """The public search tells no open dossiers from finished ones."""
        raise SystemFailure(NOT_OFFERED)

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """The public search tells no open dossiers from finished ones."""
        raise SystemFailure(NOT_OFFERED)

    async def _search(self, query: dict[str, str]) -> Any:
        try:
            # "secetKey" is spelled so by the API.
            return await ask(
                self._http, "GET", SEARCH_PATH, params={**query, "secetKey": self._secret}
            )
        except Refused:
            raise SystemFailure("unauthorised") from None

    def _read(self, code: str, item: dict[str, Any]) -> DossierStatus:
        status, status_name = self._statuses.read(
            item.get("dossierStatus"), item.get("dossierStatusText")
        )
        return DossierStatus(
            code=code,
            status=status,
            status_name=status_name,
            procedure_code=text_of(item.get("serviceCode")),
            procedure_name=text_of(item.get("serviceName")),
            agency=text_of(item.get("govAgencyName")),
            submitted=time_of(item.get("submitDate")),
            received=time_of(item.get("receiveDate")),
            due=time_of(item.get("dueDate")),
            finished=time_of(item.get("releaseDate")) or time_of(item.get("finishDate")),
            system=self.name,
        )


def open_connector(name: str, config: dict[str, Any]) -> OpenCps:
    """See ``configuration``."""
    return OpenCps(name, OpenCpsConfig.model_validate(config))
