"""Any JSON API by configuration, over real HTTP: shapes, requests, and everything going wrong."""

import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dossier_systems import HTTP_CODE as CODE
from dossier_systems import HTTP_FIELDS as FIELDS
from dossier_systems import HTTP_REPLY as REPLY
from dossier_systems import PERSON, JsonSystem, ask, opened
from dossier_systems import http_entry as entry
from fake_engine import serving
from pydantic import ValidationError

from connectors.configuration import open_system
from connectors.dossier import TIMEZONE, DossierStatus, NotFound, PublicStatus, SystemFailure
from connectors.registry import System
from connectors.sandbox.faults import Fault

Box = tuple[JsonSystem, System]


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    served = JsonSystem(REPLY)
    async with serving(served.app()) as url, opened(entry(url)) as system:
        yield served, system


async def test_fields_are_read_where_the_configuration_says(box: Box) -> None:
    found = await ask(box[1], CODE)
    assert isinstance(found, DossierStatus)
    assert (found.status, found.status_name) == (PublicStatus.SUPPLEMENT, "Chờ bổ sung")
    assert (found.procedure_code, found.procedure_name) == ("1.001193", "Đăng ký khai sinh")
    assert found.received == dt.datetime(2026, 6, 1, 8, 15, tzinfo=TIMEZONE)
    assert found.supplement == ("Giấy chứng sinh",)
    assert PERSON not in repr(found) and "4321" not in repr(found)


async def test_the_code_goes_into_the_path_escaped_and_headers_go_along(box: Box) -> None:
    await ask(box[1], "03706/2026/07906")
    method, path, _, headers, _ = box[0].seen[0]
    assert (method, path) == ("GET", "/dossiers/03706%2F2026%2F07906")
    assert headers["x-key"] == "secret"


async def test_the_code_goes_into_query_and_body() -> None:
    served = JsonSystem(REPLY)
    body = {"request": {"code": "{code}", "page": 1}}
    asked = {"method": "POST", "path": "/find", "query": {"q": "{code}"}, "body": body}
    async with serving(served.app()) as url, opened(entry(url, **asked)) as system:
        assert isinstance(await ask(system, CODE), DossierStatus)
    method, _, query, _, sent = served.seen[0]
    assert (method, query) == ("POST", {"q": CODE})
    assert json.loads(sent) == {"request": {"code": CODE, "page": 1}}


async def test_of_two_hits_one_is_taken_and_another_code_is_no_hit(box: Box) -> None:
    box[0].fault = Fault.TWO_HITS
    assert isinstance(await ask(box[1], CODE), DossierStatus)
    assert await ask(box[1], CODE[:-1]) == NotFound()


async def test_a_reply_without_the_dossier_is_not_found(box: Box) -> None:
    box[0].reply = {"message": "none"}
    assert await ask(box[1], CODE) == NotFound()


async def test_a_second_factor_is_the_end_of_the_mapped_number(box: Box) -> None:
    assert isinstance(await ask(box[1], CODE, "4321"), DossierStatus)
    assert await ask(box[1], CODE, "9999") == NotFound()


async def test_without_a_mapped_number_no_second_factor_can_be_right() -> None:
    fields = {key: value for key, value in FIELDS.items() if key != "second_factor"}
    served = JsonSystem(REPLY)
    async with serving(served.app()) as url, opened(entry(url, fields=fields)) as system:
        assert await ask(system, CODE, "4321") == NotFound()


async def test_members_of_a_wrong_type_are_left_empty(box: Box) -> None:
    box[0].reply = {"data": [{"ma": CODE, "tinhTrang": 7, "thuTuc": "x", "nhan": {}, "thieu": 3}]}
    found = await ask(box[1], CODE)
    assert isinstance(found, DossierStatus)
    assert (found.status, found.status_name) == (PublicStatus.UNKNOWN, "7")
    assert (found.procedure_name, found.received, found.supplement) == ("", None, ())


async def test_figures_of_units_are_not_offered(box: Box) -> None:
    day = dt.date(2026, 6, 1)
    with pytest.raises(SystemFailure, match="not_offered"):
        await box[1].connector.overdue("H37.12")
    with pytest.raises(SystemFailure, match="not_offered"):
        await box[1].connector.counts("H37.12", day, day)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"code": "ma"}},
        {"fields": {**FIELDS, "owner": "chuHoSo"}},
        {"fields": {**FIELDS, "received": "nhan[["}},
        {"dossier": "]"},
        {"method": "DELETE"},
        {"unknown": 1},
    ],
)
def test_a_mapping_that_cannot_work_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        open_system(entry("http://127.0.0.1:1", **wrong))


async def test_a_one_stop_list_as_recorded(real_data: Path) -> None:
    shape = json.loads((real_data / "dossier/vnpt-onestop-list-export.shape.json").read_text())
    mapped = {
        "dossier": "content",
        "fields": {
            "code": "dossierNo",
            "status": "dossierStatusName",
            "procedure_name": "procedureName",
            "received": "acceptedDate",
            "due": "appointmentDate",
        },
    }
    served = JsonSystem(shape)
    async with serving(served.app()) as url, opened(entry(url, **mapped)) as system:
        first, second = [await ask(system, item["dossierNo"]) for item in shape["content"]]
    assert isinstance(first, DossierStatus) and first.status is PublicStatus.RETURNED
    assert isinstance(second, DossierStatus) and second.status is PublicStatus.REGISTERED
    assert first.due and second.due is None
    assert "Cán bộ" not in repr(second)


async def test_social_insurance_s_history_as_recorded(real_data: Path) -> None:
    shape = json.loads((real_data / "dossier/bhxh-085-history.json").read_text())["response"]
    mapped = {
        "method": "POST",
        "dossier": "DSThuTuc",
        "fields": {
            "code": "soHoSo",
            "status": "status",
            "procedure_name": "tenThuTuc",
            "agency": "tenCoQuan",
            "submitted": "ngayGui",
        },
        "statuses": {"2": "processing"},
    }
    served = JsonSystem(shape)
    async with serving(served.app()) as url, opened(entry(url, **mapped)) as system:
        found = await ask(system, "03706/2026/07906")
    assert isinstance(found, DossierStatus) and found.status is PublicStatus.PROCESSING
    assert found.submitted == dt.datetime(2026, 1, 13, 9, 29, 22, tzinfo=TIMEZONE)
