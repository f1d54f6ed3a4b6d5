"""Any order, any repeats, any faults in between: one answer an update."""

import asyncio
from collections import Counter

import pytest
from channels_gateway import Channels, connected
from fake_channels import Fault
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from messengers import PEOPLE, Delivery, heard

ORDERS = st.lists(st.integers(0, 5), min_size=1, max_size=14)


async def _answered_once(channels: Channels, order: list[int], faults: list[Fault]) -> None:
    """Delivers six people's updates in ``order``, repeats at the same time, and counts answers."""
    makers = list(PEOPLE.values())
    people = [makers[number % 3](channels.values) for number in range(6)]
    deliveries: list[Delivery] = [person.text(f"câu của {person.chat}") for person in people]
    channels.platforms.faults = list(faults)
    replies = await asyncio.gather(*(channels.deliver(deliveries[number]) for number in order))
    assert {reply.status_code for reply in replies} == {200}
    await channels.settle()
    asked = Counter(row["text"] for row in channels.engine.seen)
    for number, person in enumerate(people):
        wanted = int(number in order)
        assert asked[f"câu của {person.chat}"] == wanted
        assert heard(channels.platforms, person.chat).count("Trả lời") == wanted


def test_any_order_and_any_repeats_lead_to_one_answer(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    loop = asyncio.new_event_loop()
    folder = tmp_path_factory.mktemp("once")
    opened = connected(folder)
    channels = loop.run_until_complete(opened.__aenter__())

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ORDERS, st.lists(st.just(Fault(429, code=-1)), max_size=1))
    def check(order: list[int], faults: list[Fault]) -> None:
        loop.run_until_complete(_answered_once(channels, order, faults))

    try:
        check()
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()
