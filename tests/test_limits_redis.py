"""Limits over a real Redis: one count for all replicas, never open when Redis is gone."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from gateway import running
from redis_fixture import RedisServer

from bot import counting
from bot.counting import Counts
from bot.limits import Limits, Lookups
from bot.metrics import Metrics
from bot.problems import Problem
from knowledge.blocks import Answer
from knowledge.errors import OperatorError

pytestmark = pytest.mark.asyncio
CODE = "H37.12-250601-0003"


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is asked again at once."""
    monkeypatch.setattr(counting, "REST_SECONDS", 0.0)


class Replica:
    """The limits of one app: 4 messages a minute and 20 points."""

    def __init__(self, url: str) -> None:
        self.counts = Counts(url)
        self.metrics = Metrics()
        self.limits = Limits(4, 20, self.counts, self.metrics)
        self.lookups = Lookups(self.counts, second_factor=False)

    async def says(self, times: int, conversation: str = "a") -> list[bool]:
        """Which of so many messages were let through."""
        return [await self._let(conversation) for _ in range(times)]

    async def _let(self, conversation: str) -> bool:
        try:
            await self.limits.check_conversation(conversation)
        except Problem as problem:
            return int(problem.headers["Retry-After"]) < 1
        return True


@pytest.fixture
async def replicas(redis_server: RedisServer) -> AsyncIterator[list[Replica]]:
    made = [Replica(redis_server.url), Replica(redis_server.url)]
    yield made
    for replica in made:
        await replica.counts.close()


async def test_replicas_share_one_count(replicas: list[Replica]) -> None:
    one, two = replicas
    assert await one.says(3) == [True] * 3
    assert await two.says(3) == [True, False, False]
    assert await one.says(1) == [False]
    assert await two.says(1, "another") == [True]


async def test_many_at_once_are_no_more_than_the_limit(replicas: list[Replica]) -> None:
    told = await asyncio.gather(*(replica.says(5) for replica in replicas * 4))
    assert sum(map(sum, told)) == 4


async def test_without_redis_each_replica_goes_on_from_what_it_counted(
    replicas: list[Replica], redis_server: RedisServer
) -> None:
    one, two = replicas
    await one.says(3)
    redis_server.kill()
    assert await one.says(3) == [True, False, False]
    assert await two.says(6) == [True] * 4 + [False] * 2
    assert await one.counts.up() is False
    redis_server.start()


@pytest.mark.usefixtures("no_rest")
async def test_redis_counts_again_when_it_is_back(
    replicas: list[Replica], redis_server: RedisServer
) -> None:
    one, two = replicas
    await one.says(4)
    redis_server.kill()
    assert await one.says(1) == [False]
    redis_server.start()
    assert await one.says(1) == [False], "what one counted itself still holds"
    assert await two.says(5) == [True] * 4 + [False]
    assert await one.counts.up() is True


async def test_a_redis_that_hangs_is_left_alone(
    replicas: list[Replica], redis_server: RedisServer
) -> None:
    one, _ = replicas
    assert redis_server.process is not None
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    assert await one.says(6) == [True] * 4 + [False] * 2
    os.kill(redis_server.process.pid, signal.SIGCONT)


async def test_missed_codes_are_counted_for_all_replicas(replicas: list[Replica]) -> None:
    one, two = replicas
    for _ in range(5):
        lookup = one.lookups.read("a", "203.0.113.1", CODE)
        assert lookup is not None
        await one.lookups.count(lookup, Answer(outcome="dossier_not_found", blocks=[]), most=3)
    heard = two.lookups.read("a", "203.0.113.9", CODE)
    assert heard is not None and 0 < await two.lookups.wait(heard) <= 600


async def test_every_key_ends_by_itself(replicas: list[Replica], redis_server: RedisServer) -> None:
    one, _ = replicas
    await one.says(2)
    await one.limits.check_address("203.0.113.1", 5)
    client = one.counts.shared
    assert client is not None
    redis = client.bridge.get_connection()
    keys = [key async for key in redis.scan_iter()]
    assert keys and all(key.startswith(counting.PREFIX.encode()) for key in keys)
    assert all([0 < await redis.ttl(key) <= 3600 for key in keys])


async def test_the_apps_of_two_replicas_limit_as_one(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    async with AsyncExitStack() as stack:
        shared = {"redis_url": redis_server.url, "limit_address": 20, "token_secret": "shared"}
        one, two = [
            await stack.enter_async_context(running(tmp_path / name, **shared)) for name in "ab"
        ]
        ready = (await one.client.get("/readyz")).json()
        talk = await one.begin()  # 1 point
        answers = [await talk.send(text="câu") for _ in range(3)]  # 5 points each
        refused = await (await two.begin()).send(text="câu")  # 1 point, then 5 with 3 left
        cheap = await two.client.get("/api/v1/procedures/1.001193")
        redis_server.kill()
        degraded = (await one.client.get("/readyz")).json()
        figures = (await one.client.get("/metrics")).text
        still = await talk.send(text="câu")
        redis_server.start()
    assert ready["parts"]["redis"]["state"] == "up"
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[2].headers["ratelimit-policy"] == (
        '"address";q=20;w=60, "conversation";q=1000;w=60'
    )
    assert answers[2].headers["ratelimit"].startswith('"address";r=4;t=')
    assert refused.status_code == 429 and cheap.status_code == 200
    assert refused.headers["ratelimit"].startswith('"address";r=3;t=')
    assert degraded["status"] == "degraded" and degraded["parts"]["redis"]["state"] == "down"
    assert "assistant_redis_up 0.0" in figures
    assert still.status_code == 429


async def test_metrics_tell_from_three_quarters_of_a_limit() -> None:
    replica = Replica("")
    await replica.says(5)
    told = replica.metrics.text().decode()
    for state, count in [("within", 2), ("near", 2), ("refused", 1)]:
        line = f'assistant_limit_checks_total{{limit="conversation",state="{state}"}} {count}.0'
        assert line in told


async def test_a_wrong_url_is_one_line_without_its_password() -> None:
    with pytest.raises(OperatorError, match="ASSISTANT_REDIS_URL is no Redis URL") as error:
        Counts("localhost:secret@6379")
    assert "secret" not in str(error.value)
