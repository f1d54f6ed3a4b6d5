"""OpenCPS v2 over real HTTP: the public search, recorded shapes, and everything going wrong."""

import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dossier_systems import OPENCPS_CODE as CODE
from dossier_systems import OPENCPS_DOSSIER as DOSSIER
from dossier_systems import PERSON, JsonSystem, ask, opened
from dossier_systems import opencps_entry as entry
from fake_engine import serving

from connectors.dossier import TIMEZONE, DossierStatus, NotFound, PublicStatus, SystemFailure
from connectors.registry import System
from connectors.sandbox.faults import Fault

Box = tuple[JsonSystem, System]


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    served = JsonSystem({"total": 1, "data": [DOSSIER]})
    async with serving(served.app()) as url, opened(entry(url)) as system:
        yield served, system


async def test_a_dossier_is_found_by_its_number(box: Box) -> None:
    found = await ask(box[1], CODE)
    assert isinstance(found, DossierStatus)
    assert (found.status, found.procedure_code) == (PublicStatus.PROCESSING, "1.001193")
    assert found.received == dt.datetime(2026, 6, 1, 8, 15, tzinfo=TIMEZONE)
    assert found.submitted and found.due and found.finished is None
    assert PERSON not in repr(found) and "4321" not in repr(found)


async def test_the_search_goes_to_the_public_address_with_the_shared_secret(box: Box) -> None:
    await ask(box[1], CODE)
    method, path, query, headers, _ = box[0].seen[0]
    assert (method, path) == ("GET", "/o/rest/v2/dossiers/publish/searchDossiers")
    assert query["dossierNo"] == CODE and query["secetKey"] == "shared"
    assert headers["groupid"] == "35301"


async def test_of_two_hits_one_is_taken_and_another_number_is_no_hit(box: Box) -> None:
    box[0].fault = Fault.TWO_HITS
    assert isinstance(await ask(box[1], CODE), DossierStatus)
    assert await ask(box[1], CODE[:-1]) == NotFound()


async def test_a_second_factor_is_the_end_of_the_identity_number(box: Box) -> None:
    assert isinstance(await ask(box[1], CODE, "4321"), DossierStatus)
    assert await ask(box[1], CODE, "9999") == NotFound()


async def test_dates_of_result_and_end_are_both_read_and_wrong_types_left_empty(box: Box) -> None:
    box[0].reply = {"data": [{**DOSSIER, "finishDate": "02/06/2026 09:00:00", "serviceName": [1]}]}
    found = await ask(box[1], CODE)
    assert isinstance(found, DossierStatus)
    assert found.finished == dt.datetime(2026, 6, 2, 9, tzinfo=TIMEZONE)
    assert found.procedure_name == ""


@pytest.mark.parametrize(
    ("word", "status"),
    [("new", "registered"), ("waiting", "supplement"), ("done", "returned"), ("?", "unknown")],
)
async def test_states_without_a_text_are_read_by_their_word(
    box: Box, word: str, status: str
) -> None:
    box[0].reply = {"data": [{"dossierNo": CODE, "dossierStatus": word}]}
    found = await ask(box[1], CODE)
    assert isinstance(found, DossierStatus) and found.status == status


async def test_figures_are_not_offered(box: Box) -> None:
    with pytest.raises(SystemFailure, match="not_offered"):
        await box[1].connector.overdue("000.00.04.H37")
    day = dt.date(2026, 6, 1)
    with pytest.raises(SystemFailure, match="not_offered"):
        await box[1].connector.counts("000.00.04.H37", day, day)


async def test_a_dossier_as_recorded(real_data: Path) -> None:
    item = json.loads((real_data / "dossier/opencps-rest-dossier.shape.json").read_text())
    served = JsonSystem({"total": 1, "data": [item]})
    async with serving(served.app()) as url, opened(entry(url)) as system:
        found = await ask(system, item["dossierNo"])
    assert isinstance(found, DossierStatus) and found.status is PublicStatus.PROCESSING
    assert found.due == dt.datetime(2020, 2, 25, 17, tzinfo=TIMEZONE)
    assert PERSON not in repr(found) and item["lastActionUser"] not in repr(found)
