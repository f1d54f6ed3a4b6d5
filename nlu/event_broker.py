"""What happens in conversations, without words, for analytics: Rasa's event broker, filtered.

Rasa publishes whole events: what people typed, slots, answers. Here an event keeps the fields of
``wordless`` alone, and its ``sender_id`` becomes a pseudonym of one day, so what is published need
not be erased. The broker may be slow or away: events wait in a bounded queue, turns never do.
"""

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import logging
import os
from typing import Any

from confluent_kafka import KafkaException
from rasa.core.brokers.broker import EventBroker
from rasa.core.brokers.kafka import KafkaEventBroker
from rasa.core.brokers.pika import PikaEventBroker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig, read_endpoint_config

from nlu.errors import BadStore

log = logging.getLogger(__name__)

WAITING = 10_000
"""Events kept while the broker is away; further ones are dropped."""
_RETRY_SECONDS = 5.0
_CLOSE_SECONDS = 3.0


def pseudonym(conversation: str, day: dt.date, secret: bytes) -> str:
    """Tells the conversations of one day apart, and nothing else to who has no ``secret``."""
    told = f"{day.isoformat()} {conversation}".encode()
    return hmac.new(secret, told, hashlib.sha256).hexdigest()[:16]


def wordless(event: dict[str, Any]) -> dict[str, Any] | None:
    """The fields of a Rasa event that say nothing of a person; None for one that is not told."""
    kind = event["event"]
    if kind == "user":
        metadata = event.get("metadata") or {}
        intent = (event.get("parse_data") or {}).get("intent") or {}
        told = {"intent": intent.get("name"), "channel": metadata.get("channel")}
    elif kind == "action":
        told = {"name": event.get("name")}
    elif kind == "bot":
        custom = (event.get("data") or {}).get("custom") or {}
        told = {"outcome": custom.get("outcome")}
    elif kind == "session_started":
        told = {}
    else:
        return None
    return {"event": kind, "timestamp": event.get("timestamp"), **told}


class WordlessEvents(EventBroker):
    """Passes wordless events on to the broker that the file ``broker`` names, as Rasa writes it."""

    def __init__(self, broker: EndpointConfig) -> None:
        self._config = broker
        self._secret = os.environ.get("ASSISTANT_ENGINE_SECRET", "").encode()
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WAITING)
        self._broker: EventBroker | None = None
        self._dropped = 0
        self._work = asyncio.get_running_loop().create_task(self._pass_on_for_ever())

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: Any = None
    ) -> "WordlessEvents | None":
        """None where no file is set. Raises BadStore."""
        if not broker_config.url:
            return None
        try:
            named = read_endpoint_config(broker_config.url, "event_broker")
        except (RasaException, OSError, TypeError) as error:
            raise BadStore(f"ASSISTANT_EVENT_BROKER: {error}") from None
        if named is None:
            raise BadStore(f"ASSISTANT_EVENT_BROKER: {broker_config.url} has no event_broker")
        return cls(named)

    def publish(self, event: dict[str, Any]) -> None:
        """Takes an event of Rasa; returns at once."""
        told = wordless(event)
        if told is None:
            return
        day = dt.datetime.now(dt.UTC).date()
        told["sender_id"] = pseudonym(event["sender_id"], day, self._secret)
        try:
            self._waiting.put_nowait(told)
        except asyncio.QueueFull:
            self._dropped += 1
            if self._dropped == 1:
                log.error("event broker: away for too long, events are dropped")

    async def close(self) -> None:
        """Passes on what waits, for some seconds at most."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._waiting.join(), _CLOSE_SECONDS)
        self._work.cancel()
        if self._broker is not None:
            await self._broker.close()

    async def _pass_on_for_ever(self) -> None:
        while True:
            event = await self._waiting.get()
            try:
                await self._pass_on(await self._connected(), event)
            except Exception as error:
                log.error("event broker: %s; an event is lost", type(error).__name__)
            self._waiting.task_done()
            if self._dropped and self._waiting.empty():
                log.warning("event broker: back after %d dropped events", self._dropped)
                self._dropped = 0

    async def _connected(self) -> EventBroker:
        """The broker, waited for as long as it takes."""
        while self._broker is None:
            try:
                self._broker = await EventBroker.create(self._config)
            except Exception as error:
                log.error("event broker: %s; tried again", type(error).__name__)
            if self._broker is None:
                await asyncio.sleep(_RETRY_SECONDS)
        return self._broker

    async def _pass_on(self, broker: EventBroker, event: dict[str, Any]) -> None:
        if isinstance(broker, PikaEventBroker):
            broker.publish(event)  # hands it to a task of its own
            return
        await asyncio.to_thread(broker.publish, event)
        if isinstance(broker, KafkaEventBroker) and broker.producer is not None:
            # Rasa's own thread for this ends before there is a producer. What it raises is that
            # all brokers are down; the producer keeps the event.
            with contextlib.suppress(KafkaException):
                broker.producer.poll(0)
