"""One turn at a time in each conversation, over all engines that share a Redis.

Rasa's own Redis store asks every second and holds the lock of an engine that died for a minute.
Here a waiting turn asks every 20 ms and a lock ends after 10 s, longer than any turn. While Redis
does not answer, each engine locks alone: a person gets their answer.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis.asyncio as redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nlu.errors import BadStore

log = logging.getLogger(__name__)

PREFIX = "assistant-lock:"
LIFETIME = 10.0
"""Seconds after which the lock of an engine that died is free."""
_LONGEST_WAIT = 8.0
_ASK_AGAIN = 0.02
_ANSWER_SECONDS = 0.25
REST_SECONDS = 3.0
"""How long a failing Redis is left alone before it is asked again."""


class ConversationLocks(InMemoryLockStore):
    """Rasa's locks of this process, and one in Redis around them where ``endpoints.yml`` gives a
    ``url``. Raises BadStore."""

    def __init__(self, endpoint_config: Any) -> None:
        super().__init__()
        self._rest_until = 0.0
        self._redis = _client(endpoint_config.url) if endpoint_config.url else None

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = _ASK_AGAIN,
    ) -> AsyncIterator[TicketLock]:
        """Held by one turn. Raises Rasa's LockError when another's does not end."""
        own = super().lock(conversation_id, lock_lifetime, wait_time_in_seconds)
        async with own as ticket, self._shared(conversation_id):
            yield ticket

    @asynccontextmanager
    async def _shared(self, conversation_id: str) -> AsyncIterator[None]:
        held = await self._take(conversation_id)
        try:
            yield
        finally:
            if held is not None:
                with suppress(RedisError, OSError):  # it ends by itself
                    await held.release()

    async def _take(self, conversation_id: str) -> Lock | None:
        if self._redis is None or time.monotonic() < self._rest_until:
            return None
        lock: Lock = self._redis.lock(
            PREFIX + conversation_id,
            timeout=LIFETIME,
            sleep=_ASK_AGAIN,
            blocking_timeout=_LONGEST_WAIT,
        )
        try:
            taken = await lock.acquire()
        except (RedisError, OSError) as error:
            self._rest_until = time.monotonic() + REST_SECONDS
            log.error("redis failed, locking alone: %s", type(error).__name__)
            return None
        if not taken:
            raise LockError("another turn of this conversation does not end")
        return lock


def _client(url: str) -> Any:
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
        )
    except ValueError:
        raise BadStore(
            "ASSISTANT_REDIS_URL is no Redis URL; write it as redis://host:6379/0"
        ) from None
