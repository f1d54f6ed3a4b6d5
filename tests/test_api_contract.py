"""Every operation of ``/openapi.json`` under made-up requests: no failure, and no answer that the
description does not have."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fake_engine import serving
from gateway import Talk, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
A_FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Served:
    """The app on a port, and a conversation in it."""

    url: str
    talk: Talk


async def _serve(folder: Path, ready: Future[Served], stop: asyncio.Event) -> None:
    many = {"limit_address": 10**6, "limit_conversation": 10**6}
    async with running(folder, **many) as gateway, serving(gateway.app) as url:
        ready.set_result(Served(url, await gateway.begin()))
        await stop.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    ready: Future[Served] = Future()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def work() -> None:
        loop.run_until_complete(_serve(tmp_path_factory.mktemp("app"), ready, stop))

    thread = threading.Thread(target=work)
    thread.start()
    yield ready.result(30)
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


def _try(served: Served, requests: Any, seen: Counter[int]) -> None:
    @A_FEW
    @given(case=requests, begun=st.booleans())
    def answered(case: Any, begun: bool) -> None:
        if begun and case.method != "DELETE" and "conversation_id" in case.path_parameters:
            case.path_parameters["conversation_id"] = served.talk.id
        response = case.call(headers=served.talk.headers)
        case.validate_response(response, checks=CHECKS)
        seen[response.status_code] += 1

    answered()


def test_made_up_requests_get_described_answers(served: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    seen: Counter[int] = Counter()
    for result in schema.get_all_operations():
        for mode in GenerationMode:
            with contextlib.suppress(Unsatisfiable):  # nothing can be wrong with no parameters
                _try(served, result.ok().as_strategy(generation_mode=mode), seen)
    assert seen[200] > 30 and seen[422] > 50 and seen[404] > 10, seen
