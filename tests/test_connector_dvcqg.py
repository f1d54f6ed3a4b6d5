"""The national adapter over real HTTP: the sandbox, recorded shapes, and everything going wrong."""

import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dossier_systems import (
    PERSON,
    JsonSystem,
    ask,
    dvcqg_entry,
    failed,
    opened,
    sandbox,
)
from fake_engine import serving

from connectors.dossier import NATIONAL, TIMEZONE, DossierStatus, NotFound, SystemFailure
from connectors.registry import System
from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import Fault

PROCESSING, SUPPLEMENT, PAYMENT = (f"H37.12-260601-000{n}" for n in (4, 5, 6))


@pytest.fixture
async def box() -> AsyncIterator[tuple[Sandbox, System]]:
    async with sandbox() as (served, url), opened(dvcqg_entry(url)) as system:
        yield served, system


Box = tuple[Sandbox, System]


async def test_a_dossier_is_found_by_its_code(box: Box) -> None:
    found = await ask(box[1], PROCESSING)
    assert isinstance(found, DossierStatus)
    assert found.status == "processing" and found.procedure_name and found.agency
    assert found.received and found.received.date() == dt.date(2026, 6, 1)


async def test_papers_and_fee_are_read(box: Box) -> None:
    asked_for, to_pay = await ask(box[1], SUPPLEMENT), await ask(box[1], PAYMENT)
    assert isinstance(asked_for, DossierStatus) and asked_for.supplement
    assert isinstance(to_pay, DossierStatus) and to_pay.fee_due.endswith("đồng")


async def test_one_session_serves_many_look_ups_and_is_opened_again_when_it_has_ended(
    box: Box,
) -> None:
    served, system = box
    await ask(system, PROCESSING)
    await ask(system, SUPPLEMENT)
    assert len(served.tokens) == 1
    served.tokens.clear()
    assert isinstance(await ask(system, PAYMENT), DossierStatus)
    assert len(served.tokens) == 1


async def test_a_refused_log_in_is_told_as_unauthorised() -> None:
    async with sandbox() as (_, url), opened(dvcqg_entry(url, password="wrong")) as system:
        assert failed(await ask(system, PROCESSING)) == "unauthorised"


async def test_of_two_hits_one_is_taken(box: Box) -> None:
    box[0].fault = Fault.TWO_HITS
    assert isinstance(await ask(box[1], PROCESSING), DossierStatus)


async def test_a_second_factor_is_the_end_of_the_identity_or_phone_number(box: Box) -> None:
    dossier = box[0].dossiers[PROCESSING]
    for number in (dossier.identity, dossier.phone):
        assert isinstance(await ask(box[1], PROCESSING, number[-4:]), DossierStatus)
    assert await ask(box[1], PROCESSING, "9999") == NotFound()


async def test_figures_of_units_are_not_offered(box: Box) -> None:
    day = dt.date(2026, 6, 1)
    with pytest.raises(SystemFailure, match="not_offered"):
        await box[1].connector.overdue("H37.12")
    with pytest.raises(SystemFailure, match="not_offered"):
        await box[1].connector.counts("H37.12", day, day)


async def _asked(reply: Any, code: str, **values: Any) -> Any:
    """The answer to ``code`` of an adapter that replies ``reply`` to log-in and service alike."""
    served = JsonSystem({"session": "s", "error_code": 0, **reply})
    async with serving(served.app()) as url, opened(dvcqg_entry(url, **values)) as system:
        answer = await ask(system, code)
    if values.get("dstcode"):
        assert all(seen[3]["dstcode"] == values["dstcode"] for seen in served.seen)
    return answer


@pytest.mark.parametrize("good", [0, "0", "00"])
async def test_success_is_a_number_or_a_text(good: Any) -> None:
    found = await _asked({"error_code": good, "result": [{"MaHoSo": PROCESSING}]}, PROCESSING)
    assert isinstance(found, DossierStatus)


async def test_the_header_that_some_buses_want_goes_with_every_call() -> None:
    assert await _asked({"result": []}, PROCESSING, dstcode="VN:GOV:000") == NotFound()


async def test_an_error_of_the_adapter_is_told_by_its_number() -> None:
    item = {"result": [{"MaHoSo": PROCESSING}]}
    served = JsonSystem({"session": "s", "error_code": 0, **item})
    async with serving(served.app()) as url, opened(dvcqg_entry(url)) as system:
        await ask(system, PROCESSING)
        served.reply = {"error_code": "17"}
        assert failed(await ask(system, SUPPLEMENT)) == "error_17"
        served.reply = {"error_code": -1}
        assert failed(await ask(system, PAYMENT)) == "unauthorised"


@pytest.mark.parametrize(("number", "status"), list(NATIONAL.items()))
@pytest.mark.parametrize("kind", [str, int])
async def test_every_state_is_understood_as_number_and_as_text(
    number: str, status: str, kind: type
) -> None:
    item = {"MaHoSo": PROCESSING, "TrangThaiHoSo": kind(number)}
    found = await _asked({"result": [item]}, PROCESSING)
    assert isinstance(found, DossierStatus) and found.status == status


@pytest.mark.parametrize(
    ("name", "place", "status"),
    [
        ("opencps-dvcqg-DongBoHoSoMC.request.shape.json", 0, "processing"),
        ("hagiang-h22-DongBoHoSoMC.request.shape.json", 0, "returned"),
        ("hagiang-h22-DongBoHoSoMC.request.shape.json", 1, "refused"),
    ],
)
async def test_dossiers_as_recorded(real_data: Path, name: str, place: int, status: str) -> None:
    shape = json.loads((real_data / "dossier" / name).read_text())
    item = (shape["data"] if isinstance(shape, dict) else shape)[place]
    found = await _asked({"result": [item]}, item["MaHoSo"])
    assert isinstance(found, DossierStatus) and found.status == status
    assert (found.procedure_code, found.agency) == (item["MaTTHC"], item["DonViXuLy"])
    assert found.received and f"{found.received:%Y%m%d%H%M%S}" == item["NgayTiepNhan"]
    assert found.received.tzinfo is TIMEZONE
    assert PERSON not in repr(found) and "0900000000" not in repr(found)


async def test_members_of_a_wrong_type_are_left_empty() -> None:
    item = {"MaHoSo": PROCESSING, "TenTTHC": ["x"], "DanhSachLePhi": "x", "NgayHenTra": "sớm"}
    found = await _asked({"result": item}, PROCESSING)
    assert isinstance(found, DossierStatus)
    assert (found.procedure_name, found.fee_due, found.due) == ("", "", None)
