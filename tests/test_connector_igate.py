"""iGate 2 over real HTTP: the sandbox's searches, recorded shapes, and everything going wrong."""

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
    failed,
    igate_entry,
    opened,
    sandbox,
)
from fake_engine import serving

from connectors.dossier import TIMEZONE, DossierStatus, NotFound, PublicStatus
from connectors.igate import IGate
from connectors.registry import System
from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import Fault

PROCESSING, SUPPLEMENT, PAYMENT = (f"H37.12-260601-000{n}" for n in (4, 5, 6))
STATES = [status for status in PublicStatus if status is not PublicStatus.UNKNOWN]


@pytest.fixture
async def box() -> AsyncIterator[tuple[Sandbox, System]]:
    async with sandbox() as (served, url), opened(igate_entry(url)) as system:
        yield served, system


Box = tuple[Sandbox, System]


@pytest.mark.parametrize("variant", ["citizen", "officer"])
async def test_a_dossier_is_found_by_its_code(variant: str) -> None:
    async with sandbox() as (_, url), opened(igate_entry(url, variant=variant)) as system:
        found = await ask(system, PROCESSING)
    assert isinstance(found, DossierStatus)
    assert found.status is PublicStatus.PROCESSING and found.status_name == "Đang xử lý"
    assert found.procedure_code and found.procedure_name and found.agency
    assert found.submitted and found.submitted.date() == dt.date(2026, 6, 1)
    assert found.submitted.utcoffset() == dt.timedelta(hours=7)
    assert found.system == "igate"


@pytest.mark.parametrize(("number", "status"), list(enumerate(STATES, 1)))
async def test_every_state_is_understood(box: Box, number: int, status: PublicStatus) -> None:
    found = await ask(box[1], f"H37.12-260601-{number:04d}")
    assert isinstance(found, DossierStatus) and found.status is status


async def test_papers_fee_and_place_are_read_where_the_configuration_says(box: Box) -> None:
    asked_for = await ask(box[1], SUPPLEMENT)
    assert isinstance(asked_for, DossierStatus) and asked_for.supplement
    assert asked_for.result_place == "Quầy trả kết quả (mẫu)"
    to_pay = await ask(box[1], PAYMENT)
    assert isinstance(to_pay, DossierStatus) and to_pay.fee_due.endswith("đồng")


async def test_only_the_whole_code_counts(box: Box) -> None:
    """The search matches parts of codes."""
    for part in ("H37.12-260601-000", "H37.12", "", "0004"):
        assert await ask(box[1], part) == NotFound()


async def test_a_token_serves_many_look_ups_and_is_renewed_before_it_ends(box: Box) -> None:
    served, system = box
    await ask(system, PROCESSING)
    await ask(system, SUPPLEMENT)
    assert len(served.tokens) == 1
    assert isinstance(system.connector, IGate)
    system.connector._good_until = 0.0
    await ask(system, PAYMENT)
    assert len(served.tokens) == 2


async def test_a_token_that_the_system_no_longer_takes_is_renewed_once(box: Box) -> None:
    served, system = box
    await ask(system, PROCESSING)
    served.tokens.clear()
    assert isinstance(await ask(system, SUPPLEMENT), DossierStatus)
    assert served.calls == 3


async def test_a_refused_client_is_told_as_unauthorised() -> None:
    async with sandbox() as (served, url):
        async with opened(igate_entry(url, client_secret="wrong")) as system:
            assert failed(await ask(system, PROCESSING)) == "unauthorised"
        assert served.calls == 0


async def test_of_two_hits_one_is_taken(box: Box) -> None:
    box[0].fault = Fault.TWO_HITS
    assert isinstance(await ask(box[1], PROCESSING), DossierStatus)


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    async with sandbox() as (_, url):
        pass
    async with opened(igate_entry(url)) as system:
        assert failed(await ask(system, PROCESSING)) == "unreachable"


async def test_a_second_factor_is_the_end_of_the_identity_or_phone_number(box: Box) -> None:
    served, system = box
    dossier = served.dossiers[PROCESSING]
    for number in (dossier.identity, dossier.phone):
        assert isinstance(await ask(system, PROCESSING, number[-4:]), DossierStatus)
    assert await ask(system, PROCESSING, "9999") == NotFound()


async def test_a_unit_s_figures_are_counted(box: Box) -> None:
    served, system = box
    day = served.today
    counts = await system.connector.counts("H37.12", day - dt.timedelta(days=90), day)
    assert counts.received > 0 and counts.on_time is None
    assert counts.due_in_3_days >= 0
    assert counts.overdue == await system.connector.overdue("H37.12")


async def _found(shape: Any, code: str, **values: Any) -> DossierStatus:
    """What a system that answers ``shape`` to a search is read as."""
    token = {"access_token": "t", "expires_in": 300}
    app = JsonSystem({**token, **shape}).app()
    async with serving(app) as url, opened(igate_entry(url, **values)) as system:
        found = await ask(system, code)
    assert isinstance(found, DossierStatus), found
    assert PERSON not in repr(found)
    return found


async def test_the_citizens_search_as_recorded(real_data: Path) -> None:
    shape = json.loads(
        (real_data / "dossier/vnpt-igate2-hcmc-dossier-search.response.shape.json").read_text()
    )
    found = await _found(shape, shape["content"][0]["code"])
    assert found.status is PublicStatus.PROCESSING
    assert found.procedure_name == "Đăng ký thành lập hộ kinh doanh"
    assert found.due == dt.datetime(2026, 6, 4, 17, tzinfo=TIMEZONE)
    assert found.finished is None


async def test_the_officers_search_as_recorded(real_data: Path) -> None:
    shape = json.loads(
        (real_data / "dossier/vnpt-igate2-staff-search.response.shape.json").read_text()
    )
    found = await _found(shape, shape["content"][0]["code"], variant="officer")
    assert (found.procedure_code, found.status) == ("1.013225", PublicStatus.PROCESSING)
    assert found.procedure_name == "Cấp giấy phép xây dựng mới"
    assert found.due == dt.datetime(2026, 1, 23, 9, 46, 47, tzinfo=TIMEZONE)


@pytest.mark.parametrize("task", [{"dueDate": "2026-06-04T17:00:00.000+0700"}, []])
async def test_the_current_task_is_an_object_or_a_list(task: Any) -> None:
    shape = {"content": [{"code": PROCESSING, "currentTask": task, "procedure": "?"}]}
    found = await _found(shape, PROCESSING)
    assert (found.due is None) == (task == [])


async def test_a_state_the_table_does_not_know_is_said_in_the_system_s_words() -> None:
    item = {"code": PROCESSING, "dossierStatus": {"id": 77, "name": "Chờ họp hội đồng"}}
    found = await _found({"content": [item]}, PROCESSING)
    assert (found.status, found.status_name) == (PublicStatus.UNKNOWN, "Chờ họp hội đồng")
    configured = await _found({"content": [item]}, PROCESSING, statuses={"77": "processing"})
    assert configured.status is PublicStatus.PROCESSING


@pytest.mark.parametrize(
    "members",
    [
        {"procedure": 7, "agency": [], "dossierStatus": "x", "appointmentDate": {}},
        {"procedure": {"translate": {"name": ["x"]}}, "appliedDate": 20260601, "applicant": "x"},
        {"currentTask": "x", "dossierStatus": {"id": [], "name": None}, "completedDate": True},
    ],
)
async def test_members_of_a_wrong_type_are_left_empty(members: dict[str, Any]) -> None:
    found = await _found({"content": [{"code": PROCESSING, **members}]}, PROCESSING)
    assert found.due is None and found.procedure_name == ""


@pytest.mark.parametrize("token", [{}, {"access_token": 7, "expires_in": 300}, [], {"x": None}])
async def test_a_token_of_a_wrong_type_is_garbage(token: Any) -> None:
    async with serving(JsonSystem(token).app()) as url, opened(igate_entry(url)) as system:
        assert failed(await ask(system, PROCESSING)) == "garbage"
