"""Dossier systems under test: really served over HTTP, with every fault a system can have."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fake_engine import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.codes import ReadCode
from connectors.configuration import open_system
from connectors.dossier import Found, Unavailable
from connectors.registry import System
from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import Fault, spoiled

CLIENT, SECRET = "client-of-the-tests", "secret-of-the-tests"
SLOW_SECONDS, ANSWER_SECONDS = 0.6, 0.3
PERSON = "NGUYỄN VĂN MẪU"

REASONS = {
    Fault.SLOW: "timeout",
    Fault.RESET: "unreachable",
    Fault.HTML: "garbage",
    Fault.TRUNCATED: "garbage",
    Fault.ENCODING: "garbage",
    Fault.WRONG_TYPES: "garbage",
    Fault.STATUS_401: "unauthorised",
    Fault.STATUS_429: "rate_limited",
    Fault.STATUS_500: "status_500",
}
"""What a system with this fault is said to have, in logs."""
AGAIN = (Fault.RESET, Fault.STATUS_500)
"""Faults that one more try may mend."""
ABSENT = (Fault.STATUS_403, Fault.STATUS_404, Fault.EMPTY)
"""Faults that say: nothing there, or nothing that may be shown."""

OPENCPS_CODE = "000.00.04.H37-260601-0001"
OPENCPS_DOSSIER = {
    "dossierNo": OPENCPS_CODE,
    "serviceCode": "1.001193",
    "serviceName": "Thủ tục đăng ký khai sinh",
    "govAgencyName": "Bộ phận một cửa mẫu",
    "applicantName": PERSON,
    "applicantIdNo": "000000004321",
    "submitDate": "31/05/2026 21:10:02",
    "receiveDate": "01/06/2026 08:15:00",
    "dueDate": "03/06/2026 17:00:00",
    "releaseDate": "",
    "dossierStatus": "processing",
    "dossierStatusText": "Đang xử lý",
    "lastActionUser": "Cán bộ Mẫu",
}
HTTP_CODE = "H37.12-260601-0004"
HTTP_REPLY = {
    "data": [
        {
            "ma": HTTP_CODE,
            "tinhTrang": "Chờ bổ sung",
            "thuTuc": {"ma": "1.001193", "ten": "Đăng ký khai sinh"},
            "nhan": "01/06/2026 08:15",
            "thieu": [{"ten": "Giấy chứng sinh"}, {"ten": None}],
            "chuHoSo": PERSON,
            "soDinhDanh": "000000004321",
        }
    ]
}
HTTP_FIELDS = {
    "code": "ma",
    "status": "tinhTrang",
    "procedure_code": "thuTuc.ma",
    "procedure_name": "thuTuc.ten",
    "received": "nhan",
    "supplement": "thieu[].ten",
    "second_factor": "soDinhDanh",
}


@dataclass
class JsonSystem:
    """Answers every request with ``reply``, or what ``fault`` makes of it; ``seen``: requests as
    ``(method, path, query, headers, body)``."""

    reply: Any
    fault: Fault | None = None
    seen: list[tuple[str, str, dict[str, str], dict[str, str], bytes]] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return len(self.seen)

    async def _answer(self, request: Request) -> Response:
        self.seen.append(
            (
                request.method,
                request.scope["raw_path"].decode(),
                dict(request.query_params),
                dict(request.headers),
                await request.body(),
            )
        )
        if self.fault is Fault.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        elif self.fault is not None and self.fault.isdigit():
            return JSONResponse({"error": "test"}, int(self.fault))
        elif self.fault is not None:
            return spoiled(self.fault, JSONResponse(self.reply))
        return JSONResponse(self.reply)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{rest:path}", self._answer, methods=["GET", "POST"])])


@contextlib.asynccontextmanager
async def sandbox(**values: Any) -> AsyncIterator[tuple[Sandbox, str]]:
    """A sandbox and its address; ``values`` as in ``Sandbox``."""
    served = Sandbox(CLIENT, SECRET, slow_seconds=SLOW_SECONDS, **values)
    async with serving(served.app()) as url:
        yield served, url


@contextlib.asynccontextmanager
async def opened(entry: dict[str, Any]) -> AsyncIterator[System]:
    """The system of one configuration entry, with a short time to answer."""
    system = open_system(entry)
    system._answer_seconds = ANSWER_SECONDS
    try:
        yield system
    finally:
        await system.connector.close()


def igate_entry(url: str, **values: Any) -> dict[str, Any]:
    """The configuration of an iGate at ``url``, as the sandbox speaks it."""
    return {
        "name": "igate",
        "kind": "igate",
        "sso_url": url,
        "api_url": url,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "supplement": "dossierSupplement[].name",
        "fee_due": "dossierFee[?!paid].amount",
        "result_place": "resultPlace",
    } | values


def dvcqg_entry(url: str, **values: Any) -> dict[str, Any]:
    """The configuration of a national adapter at ``url``, as the sandbox speaks it."""
    return {
        "name": "dvcqg",
        "kind": "dvcqg",
        "url": url,
        "username": CLIENT,
        "password": SECRET,
        "madonvi": "H37",
    } | values


def opencps_entry(url: str, **values: Any) -> dict[str, Any]:
    """The configuration of an OpenCPS at ``url``."""
    return {
        "name": "opencps",
        "kind": "opencps",
        "url": f"{url}/o/rest/v2",
        "secret": "shared",
        "group_id": "35301",
    } | values


def http_entry(url: str, **values: Any) -> dict[str, Any]:
    """The configuration of a JSON API at ``url`` that answers ``HTTP_REPLY``."""
    return {
        "name": "api",
        "kind": "http",
        "url": url,
        "path": "/dossiers/{code}",
        "dossier": "data",
        "fields": HTTP_FIELDS,
        "headers": {"X-Key": "secret"},
    } | values


async def ask(system: System, code: str, second_factor: str | None = None) -> Found:
    return await system.find(ReadCode(code).code, second_factor)


def failed(answer: Found) -> str:
    """The reason of an ``Unavailable``; fails for anything else."""
    assert isinstance(answer, Unavailable), answer
    return answer.reason
