"""The national portal's adapter (DVCQG over NGSP or LGSP): log in for a session, then one service
a call. ``error_code`` is the number 0 in one deployment and the text "00" in another; dates are
``yyyyMMddHHmmss``; states are 1-10. Shapes: opencps-v2, ``DVCQGIntegrationActionImpl``.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from connectors.calling import Absent, Refused, ask, client
from connectors.dossier import (
    NATIONAL,
    NOT_OFFERED,
    Counts,
    DossierStatus,
    NotFound,
    PublicStatus,
    SystemFailure,
)
from connectors.reading import at, ends_with, objects, text_of, texts_at, time_of
from connectors.statuses import Statuses

GOOD = frozenset({"0", "00"})


class DvcqgConfig(BaseModel):
    """``madonvi``: the province's id at the adapter; ``dstcode``: the header some buses want.
    ``expired``: the ``error_code`` values that mean the session has ended."""

    model_config = ConfigDict(extra="forbid")

    url: str
    username: str
    password: SecretStr
    madonvi: str
    dstcode: str = ""
    login_path: str = "/login"
    service_path: str = "/integration"
    expired: frozenset[str] = frozenset({"401", "-1"})
    statuses: Mapping[str, PublicStatus] = {}


class Dvcqg:
    """One national adapter."""

    def __init__(self, name: str, config: DvcqgConfig) -> None:
        self.name = name
        self._config = config
        headers = {"dstcode": config.dstcode} if config.dstcode else {}
        self._http = client(config.url, headers={"Charset": "utf-8", **headers})
        self._statuses = Statuses(config.statuses, NATIONAL)
        self._session = ""
        self._logging_in = asyncio.Lock()

    async def close(self) -> None:
        await self._http.aclose()

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """See ``Connector.find``."""
        try:
            reply = await self._serve("TraCuuHoSo", {"mahoso": code})
        except Absent:
            return NotFound()
        if not isinstance(reply, list | dict | None):
            raise SystemFailure("garbage")
        found = [item for item in objects(reply) if text_of(item.get("MaHoSo")) == code]
        known = [at(found, 0, "MaDoiTuong"), at(found, 0, "SoDienThoai")]
        if not found or not ends_with(second_factor, known):
            return NotFound()
        return self._read(code, found[0])

    async def overdue(self, agency: str) -> int:
        """The adapter has no such service."""
        raise SystemFailure(NOT_OFFERED)

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """The adapter has no such service."""
        raise SystemFailure(NOT_OFFERED)

    async def _serve(self, service: str, extras: dict[str, str]) -> Any:
        """The ``result`` of one service; logs in again once when the session has ended."""
        for fresh in (False, True):
            session = await self._log_in(fresh)
            body = {"session": session, "madonvi": self._config.madonvi, "service": service}
            try:
                reply = await ask(self._http, "POST", self._config.service_path, json=body | extras)
            except Refused:
                continue
            error = text_of(at(reply, "error_code"))
            if error in GOOD:
                return reply.get("result")
            if error not in self._config.expired:
                raise SystemFailure(f"error_{error}"[:40] if error else "garbage")
        raise SystemFailure("unauthorised")

    async def _log_in(self, fresh: bool) -> str:
        refused = self._session
        async with self._logging_in:
            if self._session and (not fresh or self._session != refused):
                return self._session
            body = {
                "username": self._config.username,
                "password": self._config.password.get_secret_value(),
            }
            try:
                reply = await ask(self._http, "POST", self._config.login_path, json=body)
            except (Refused, Absent):
                raise SystemFailure("unauthorised") from None
            session = at(reply, "session")
            if text_of(at(reply, "error_code")) not in GOOD or not isinstance(session, str):
                raise SystemFailure("unauthorised")
            self._session = session
            return session

    def _read(self, code: str, item: dict[str, Any]) -> DossierStatus:
        status, status_name = self._statuses.read(item.get("TrangThaiHoSo"))
        return DossierStatus(
            code=code,
            status=status,
            status_name=status_name,
            procedure_code=text_of(item.get("MaTTHC")),
            procedure_name=text_of(item.get("TenTTHC")),
            agency=text_of(item.get("DonViXuLy")),
            received=time_of(item.get("NgayTiepNhan")),
            due=time_of(item.get("NgayHenTra")),
            finished=time_of(item.get("NgayKetThucXuLy")) or time_of(item.get("NgayTra")),
            supplement=texts_at(item, "DanhSachHoSoBoSung[].TenThanhPhanHoSo"),
            fee_due="; ".join(texts_at(item, "DanhSachLePhi[?TrangThaiThanhToan=='0'].SoTien")),
            result_place=text_of(item.get("NoiTraKetQua")),
            system=self.name,
        )


def open_connector(name: str, config: dict[str, Any]) -> Dvcqg:
    """See ``configuration``."""
    return Dvcqg(name, DvcqgConfig.model_validate(config))
