"""The sandbox: 500 made-up dossiers, the same every day, behind two systems' HTTP."""

import datetime as dt
import os
from collections import Counter
from pathlib import Path

import httpx
import pytest
from dossier_systems import CLIENT, SECRET, sandbox

from bot.processes import sandbox_part, sandbox_settings
from bot.supervisor import free_port
from connectors.codes import ReadCode, read_codes
from connectors.configuration import open_dossiers
from connectors.dossier import TIMEZONE, DossierStatus, PublicStatus
from connectors.igate import SEARCH_PATHS, TOKEN_PATH
from connectors.sandbox.dossiers import COUNT, made_dossiers
from connectors.sandbox.faults import Fault

TODAY = dt.date(2026, 11, 24)


def test_there_are_500_dossiers_in_all_ten_states() -> None:
    dossiers = made_dossiers(TODAY)
    assert len(dossiers) == COUNT == 500
    states = Counter(dossier.status for dossier in dossiers.values())
    assert set(states) == set(PublicStatus) - {PublicStatus.UNKNOWN}
    assert set(states.values()) == {50}


def test_every_code_is_a_right_one() -> None:
    for code in made_dossiers(TODAY):
        assert read_codes(code, TODAY) == [ReadCode(code)]


def test_ten_codes_never_change() -> None:
    for day in (TODAY, TODAY + dt.timedelta(days=400)):
        states = [made_dossiers(day)[f"H37.12-260601-{n:04d}"].status for n in range(1, 11)]
        assert [str(state) for state in states] == [str(state) for state in PublicStatus][:10]


def test_some_are_late_and_some_are_not() -> None:
    now = dt.datetime.combine(TODAY, dt.time(12)).astimezone()
    waiting = [d.due for d in made_dossiers(TODAY).values() if d.due and not d.finished]
    assert 0 < sum(due < now for due in waiting) < len(waiting)


async def test_nothing_is_told_without_a_token() -> None:
    async with sandbox() as (_, url), httpx.AsyncClient(base_url=url) as http:
        for path in SEARCH_PATHS.values():
            assert (await http.get(path)).status_code == 401
            headers = {"Authorization": "Bearer guessed"}
            assert (await http.get(path, headers=headers)).status_code == 401
        wrong = {"client_id": CLIENT, "client_secret": "wrong"}
        assert (await http.post(TOKEN_PATH, data=wrong)).status_code == 401
        reply = await http.post("/integration", json={"session": "guessed", "service": "x"})
        assert reply.json() == {"error_code": "-1"}


async def test_a_token_ends() -> None:
    async with sandbox(token_seconds=-1.0) as (_, url), httpx.AsyncClient(base_url=url) as http:
        right = {"client_id": CLIENT, "client_secret": SECRET}
        token = (await http.post(TOKEN_PATH, data=right)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert (await http.get(SEARCH_PATHS["citizen"], headers=headers)).status_code == 401


async def test_no_fault_can_be_set_over_http() -> None:
    async with sandbox() as (served, url), httpx.AsyncClient(base_url=url) as http:
        for fault in Fault:
            for path in ("/", "/health", "/fault", SEARCH_PATHS["citizen"]):
                await http.get(path, params={"fault": fault})
        assert served.fault is None


async def test_the_sandbox_as_a_process_is_asked_by_its_own_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of its faces: iGate for the province, the national adapter for a ministry."""
    port = free_port()
    part = sandbox_part(port, SECRET, tmp_path / "sandbox.log")
    for name, value in sandbox_settings(port, SECRET).items():
        monkeypatch.setenv(name, value)
    today = dt.datetime.now(TIMEZONE).date()
    ministry = next(d.code for d in made_dossiers(today).values() if d.is_national)
    part.start()
    try:
        assert part.wait_until_it_answers(30), part.last_words()
        dossiers = open_dossiers(Path(os.environ["ASSISTANT_DOSSIER_SYSTEMS"]))
        found = [await dossiers.find(ReadCode(c)) for c in ("H37.12-260601-0004", ministry)]
        await dossiers.close()
    finally:
        part.stop()
    assert [type(one) for one in found] == [DossierStatus, DossierStatus], found
