"""Turns as traces: what a collector is sent, and what it is never sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_engine import serving
from gateway import running
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

pytestmark = pytest.mark.asyncio
WORDS = "tôi tên Lan, hồ sơ H37.12-260601-0004"


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A collector that keeps what it is sent: its address, and the bodies."""
    bodies: list[bytes] = []

    async def traces(request: Request) -> Response:
        assert request.headers.get("content-encoding") is None
        bodies.append(await request.body())
        return Response(status_code=200)

    async with serving(Starlette(routes=[Route("/v1/traces", traces, methods=["POST"])])) as url:
        yield f"{url}/v1/traces", bodies


async def test_a_turn_is_one_span_with_a_span_for_each_step(tmp_path: Path) -> None:
    async with collecting() as (url, bodies):
        async with running(tmp_path, trace_url=url) as gateway:
            reply = await (await gateway.begin()).send(text="đăng ký khai sinh")
        sent = ExportTraceServiceRequest.FromString(b"".join(bodies))
    spans = [span for all_ in sent.resource_spans for one in all_.scope_spans for span in one.spans]
    (turn,) = [span for span in spans if span.name == "turn"]
    steps = {span.name for span in spans if span.parent_span_id == turn.span_id}
    assert {"edge", "conversation", "engine", "store"} <= steps
    assert {each.key: each.value.string_value for each in turn.attributes} == {
        "assistant.channel": "web",
        "assistant.outcome": reply.json()["outcome"],
    }


async def test_no_word_code_or_id_reaches_the_collector(tmp_path: Path) -> None:
    async with collecting() as (url, bodies), running(tmp_path, trace_url=url) as gateway:
        talk = await gateway.begin()
        await talk.send(text=WORDS)
        await talk.send(text="x" * 5000)
    sent = b"".join(bodies)
    for secret in ("Lan", "H37.12", "xxxx", talk.id, talk.token):
        assert secret.encode() not in sent


async def test_a_collector_that_is_gone_costs_nobody_an_answer(tmp_path: Path) -> None:
    async with running(tmp_path, trace_url="http://127.0.0.1:9/v1/traces") as gateway:
        reply = await (await gateway.begin()).send(text="đăng ký khai sinh")
    assert reply.json()["blocks"]
