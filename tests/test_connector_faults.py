"""Every fault a dossier system can have, over real HTTP, and what each connector makes of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from dossier_systems import (
    ABSENT,
    AGAIN,
    HTTP_CODE,
    HTTP_REPLY,
    OPENCPS_CODE,
    OPENCPS_DOSSIER,
    REASONS,
    JsonSystem,
    ask,
    dvcqg_entry,
    failed,
    http_entry,
    igate_entry,
    opencps_entry,
    opened,
    sandbox,
)
from fake_engine import serving

from connectors.dossier import NotFound
from connectors.registry import System
from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import Fault

SANDBOX_CODE = "H37.12-260601-0004"
RENEWING = ("dvcqg", "igate")
"""Connectors that log in anew and ask once more when a token is refused."""
Box = tuple[str, Sandbox | JsonSystem, System, str]
"""Kind, what is served, the system that asks it, and a code it knows."""


@pytest.fixture(params=["dvcqg", "http", "igate", "opencps"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[Box]:
    kind = request.param
    async with AsyncExitStack() as stack:
        served: Sandbox | JsonSystem
        if kind in RENEWING:
            entry = {"dvcqg": dvcqg_entry, "igate": igate_entry}[kind]
            served, url = await stack.enter_async_context(sandbox())
            code = SANDBOX_CODE
        else:
            entry = {"http": http_entry, "opencps": opencps_entry}[kind]
            reply = {"http": HTTP_REPLY, "opencps": {"total": 1, "data": [OPENCPS_DOSSIER]}}[kind]
            served = JsonSystem(reply)
            url = await stack.enter_async_context(serving(served.app()))
            code = {"http": HTTP_CODE, "opencps": OPENCPS_CODE}[kind]
        system = await stack.enter_async_context(opened(entry(url)))
        yield kind, served, system, code


@pytest.mark.parametrize("fault", REASONS)
async def test_a_fault_is_one_word_and_asks_again_only_where_that_helps(
    box: Box, fault: Fault
) -> None:
    kind, served, system, code = box
    served.fault = fault
    assert failed(await ask(system, code)) == REASONS[fault]
    renews = kind in RENEWING and fault is Fault.STATUS_401
    assert served.calls == (2 if fault in AGAIN or renews else 1)


@pytest.mark.parametrize("fault", ABSENT)
async def test_absent_and_forbidden_are_the_same(box: Box, fault: Fault) -> None:
    _, served, system, code = box
    served.fault = fault
    assert await ask(system, code) == NotFound()
