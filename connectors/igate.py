"""VNPT iGate 2 ("digo"): Keycloak client credentials, then a search by code.

Endpoints and fields as public clients show them; ``procedure.translate`` and ``currentTask`` are
an object in one deployment and a list in another, dates have an offset without a colon.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from connectors.calling import Absent, Refused, ask, client
from connectors.dossier import (
    SOON,
    TIMEZONE,
    Counts,
    DossierStatus,
    NotFound,
    PublicStatus,
    SystemFailure,
)
from connectors.reading import Path, at, ends_with, objects, text_of, texts_at, time_of
from connectors.statuses import Statuses, numbers

TOKEN_PATH = "/auth/realms/digo/protocol/openid-connect/token"  # noqa: S105
SEARCH_PATHS = {"citizen": "/pa/dossier-search/dvc", "officer": "/pa/dossier/search"}
RENEW_SECONDS = 30.0  # before the token ends
VIETNAMESE = 228
OPEN = "1,2,15"  # states in which the office has work to do
TIME = "%Y-%m-%dT%H:%M:%S.000%z"


class IGateConfig(BaseModel):
    """``variant``: which search the credentials may use. ``statuses``: a deployment's own states,
    by number or name. ``supplement``, ``fee_due``, ``result_place``: JMESPath from a dossier to
    what no two deployments keep in the same place. ``sectors``: name of a field of procedures ->
    the deployment's ``sector-id``, for figures by field."""

    model_config = ConfigDict(extra="forbid")

    sso_url: str
    api_url: str
    client_id: str
    client_secret: SecretStr
    variant: Literal["citizen", "officer"] = "citizen"
    statuses: Mapping[str, PublicStatus] = {}
    sectors: Mapping[str, str] = {}
    supplement: Path = ""
    fee_due: Path = ""
    result_place: Path = ""


class IGate:
    """One iGate 2 deployment."""

    def __init__(self, name: str, config: IGateConfig) -> None:
        self.name = name
        self._config = config
        self._sso = client(config.sso_url)
        self._api = client(config.api_url)
        self._statuses = Statuses(config.statuses, numbers("igate"))
        self._token = ""
        self._good_until = 0.0
        self._renewing = asyncio.Lock()

    async def close(self) -> None:
        await self._sso.aclose()
        await self._api.aclose()

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """See ``Connector.find``. The search matches parts of codes; only the whole one counts."""
        query = {"page": "0", "size": "10", "spec": "slice", "code": code}
        try:
            reply = await self._get(SEARCH_PATHS[self._config.variant], query)
        except Absent:
            return NotFound()
        if not isinstance(reply, dict) or not isinstance(reply.get("content"), list):
            raise SystemFailure("garbage")
        found = [item for item in objects(reply["content"]) if text_of(item.get("code")) == code]
        data = at(found, 0, "applicant", "data")
        known = [at(data, "identityNumber"), at(data, "phoneNumber")]
        if not found or not ends_with(second_factor, known):
            return NotFound()
        return self._read(code, found[0])

    async def overdue(self, agency: str) -> int:
        """See ``Connector.overdue``."""
        return await self._due({"ancestor-agency-id": agency}, dt.datetime.now(TIMEZONE))

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """See ``Connector.counts``."""
        at_agency = {"ancestor-agency-id": agency}
        sectors = self._config.sectors
        queries = [at_agency | {"sector-id": sector} for sector in sectors.values()]
        told = await asyncio.gather(
            *(self._counts(query, since, until) for query in [at_agency, *queries])
        )
        return replace(told[0], by_field=dict(zip(sectors, told[1:], strict=True)))

    async def _counts(self, query: dict[str, str], since: dt.date, until: dt.date) -> Counts:
        now = dt.datetime.now(TIMEZONE)
        period = {"accepted-from": since.isoformat(), "accepted-to": until.isoformat()}
        received = await self._count(query | period)
        overdue, soon = await self._due(query, now), await self._due(query, now + SOON)
        return Counts(received, None, overdue, soon - overdue)

    async def _due(self, query: dict[str, str], until: dt.datetime) -> int:
        """How many open dossiers have their appointment before ``until``."""
        due = {"dossier-status": OPEN, "appointment-to": until.strftime(TIME)}
        return await self._count(query | due)

    async def _count(self, query: dict[str, str]) -> int:
        paged = query | {"page": "0", "size": "1", "spec": "page"}
        reply = await self._get(SEARCH_PATHS["officer"], paged)
        total = at(reply, "totalElements")
        if not isinstance(total, int):
            raise SystemFailure("garbage")
        return total

    async def _get(self, path: str, query: dict[str, str]) -> Any:
        """One authorised request; a token that the system refuses is renewed once."""
        for fresh in (False, True):
            token = await self._authorise(fresh)
            try:
                return await ask(
                    self._api, "GET", path, params=query,
                    headers={"Authorization": f"Bearer {token}"},
                )  # fmt: skip
            except Refused:
                continue
        raise SystemFailure("unauthorised")

    async def _authorise(self, fresh: bool) -> str:
        """The token; asked anew when it is about to end, or was refused (``fresh``)."""
        refused = self._token
        async with self._renewing:
            renewed_meanwhile = fresh and self._token != refused
            if time.monotonic() < self._good_until and (not fresh or renewed_meanwhile):
                return self._token
            form = {
                "grant_type": "client_credentials",
                "client_id": self._config.client_id,
                "client_secret": self._config.client_secret.get_secret_value(),
            }
            try:
                reply = await ask(self._sso, "POST", TOKEN_PATH, data=form)
            except (Refused, Absent):
                raise SystemFailure("unauthorised") from None
            token, seconds = at(reply, "access_token"), at(reply, "expires_in")
            if not isinstance(token, str) or not isinstance(seconds, int | float):
                raise SystemFailure("garbage")
            self._token = token
            self._good_until = time.monotonic() + max(float(seconds) - RENEW_SECONDS, 1.0)
            return token

    def _read(self, code: str, item: dict[str, Any]) -> DossierStatus:
        status, status_name = self._statuses.read(
            at(item, "dossierStatus", "id"),
            at(item, "dossierTaskStatus", "name"),
            item.get("statusCurrentTask"),
            at(item, "dossierStatus", "name"),
        )
        due = time_of(item.get("appointmentDate"))
        for task in objects(item.get("currentTask")):
            due = due or time_of(task.get("dueDate"))
        return DossierStatus(
            code=code,
            status=status,
            status_name=status_name,
            procedure_code=text_of(at(item, "procedure", "code")),
            procedure_name=_in_vietnamese(at(item, "procedure", "translate")),
            agency=_in_vietnamese(at(item, "agency", "name")),
            submitted=time_of(item.get("appliedDate")),
            received=time_of(item.get("acceptedDate")),
            due=due,
            finished=time_of(item.get("completedDate")),
            supplement=texts_at(item, self._config.supplement),
            fee_due="; ".join(texts_at(item, self._config.fee_due)),
            result_place="; ".join(texts_at(item, self._config.result_place)),
            system=self.name,
        )


def _in_vietnamese(value: Any) -> str:
    """A name given as a text, as ``{name}``, or as a list of ``{languageId, name}``."""
    if plain := text_of(value):
        return plain
    named = objects(value)
    wanted = [item for item in named if item.get("languageId") == VIETNAMESE] or named
    return text_of(wanted[0].get("name")) if wanted else ""


def open_connector(name: str, config: dict[str, Any]) -> IGate:
    """See ``configuration``."""
    return IGate(name, IGateConfig.model_validate(config))
