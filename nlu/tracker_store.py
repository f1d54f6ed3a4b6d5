"""The engine's memory of its conversations: one bounded row each, for one session only.

Rasa's own SQL store reads back every event of a session in every turn, so a long conversation
slows down. Here a row keeps the slots and the last turns, and is gone when its session is over:
nothing would carry over, and no message text stays behind.
"""

import json
import re
import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

TURNS_KEPT = 1
SECONDS_BETWEEN_PURGES = 600

_POSTGRESQL_WAITS = {"connect_timeout": 3, "tcp_user_timeout": 3000}
_CREATING = 0x4C53_5452
"""Key of the lock under which one of several engines makes the table."""
_DIGIT = re.compile(r"\d")
_LONE_DIGITS = re.compile(r"(?<!\S)\d{4}(?!\S)")
_metadata = sa.MetaData()
_trackers = sa.Table(
    "trackers",
    _metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("updated", sa.Float, nullable=False, index=True),
    sa.Column("events", sa.Text, nullable=False),
)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")


def _connected(url: str) -> Any:
    """SQLite keeps its one connection open: opening and closing cost more than the turn's query.

    A URL of PostgreSQL may name the app's driver or none; this environment has psycopg2.
    """
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg2")
        return sa.create_engine(
            parsed, future=True, pool_pre_ping=True, connect_args=_POSTGRESQL_WAITS
        )
    engine = sa.create_engine(
        url, future=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def recent_events(tracker: DialogueStateTracker, turns: int = TURNS_KEPT) -> list[Event]:
    """A short history that leads to the same state: slots first, then the last ``turns`` turns.

    What the assistant said is left out; the gateway keeps that, and no rule looks at it.
    """
    events = list(tracker.events)
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= turns:
        return [event for event in events if not isinstance(event, BotUttered)]
    head: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    head += [
        SlotSet(slot.name, slot.value)
        for slot in tracker.slots.values()
        if slot.value != slot.initial_value
    ]
    if tracker.active_loop_name:
        head.append(ActiveLoop(tracker.active_loop_name))
    head.append(ActionExecuted(ACTION_LISTEN_NAME))
    tail = events[starts[-turns] :]
    return head + [event for event in tail if not isinstance(event, BotUttered)]


def without_digits(event: dict[str, Any]) -> dict[str, Any]:
    """An event as it is stored: what a person typed has # for every digit, as it may end an
    identity number; codes stay where the entities and slots hold them."""
    if event["event"] == "user":
        event["text"] = _DIGIT.sub("#", event["text"] or "")
        event["parse_data"] = {**event["parse_data"], "text": event["text"]}
    if event["event"] == "slot" and isinstance(event["value"], str):
        event["value"] = _LONE_DIGITS.sub("#", event["value"])
    return event


class BoundedTrackerStore(TrackerStore):
    """Trackers in one SQL table. ``endpoints.yml`` gives its ``url`` (SQLAlchemy's form)."""

    def __init__(
        self, domain: Any = None, host: str | None = None, event_broker: Any = None, **_: Any
    ) -> None:
        """``host`` is what ``endpoints.yml`` calls ``url``: Rasa names the argument so."""
        super().__init__(domain, event_broker)
        self._engine = _connected(str(host))
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATING)))
            _metadata.create_all(connection)
        self._purged = 0.0

    def _oldest(self) -> float:
        minutes: float = self.domain.session_config.session_expiration_time
        return time.time() - 60 * minutes

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a running session, else None."""
        query = sa.select(_trackers.c.events).where(
            _trackers.c.conversation == sender_id, _trackers.c.updated >= self._oldest()
        )
        with self._engine.connect() as connection:
            events = connection.execute(query).scalar_one_or_none()
        if events is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(events), self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Replace the row of this conversation."""
        await self.stream_events(tracker)
        row = {
            "updated": time.time(),
            "events": json.dumps([without_digits(e.as_dict()) for e in recent_events(tracker)]),
        }
        with self._engine.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            kept = dialect.insert(_trackers).values(conversation=tracker.sender_id, **row)
            connection.execute(
                kept.on_conflict_do_update(index_elements=["conversation"], set_=row)
            )
            if time.time() - self._purged > SECONDS_BETWEEN_PURGES:
                self._purged = time.time()
                connection.execute(_trackers.delete().where(_trackers.c.updated < self._oldest()))

    async def keys(self) -> Iterable[str]:
        """Ids of all conversations kept."""
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(_trackers.c.conversation)).scalars())

    def erase(self, conversation: str) -> bool:
        """Forget one conversation; False when there was none."""
        mine = _trackers.c.conversation == conversation
        with self._engine.begin() as connection:
            known = bool(connection.execute(_trackers.delete().where(mine)).rowcount)
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:  # erased pages leave the log too
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return known
