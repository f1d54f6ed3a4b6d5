"""The conversations as the gateway keeps them: redacted, bounded in time, erasable.

The store is synchronous and runs on one thread of its own (``ConversationStore.run``), so a slow
database never holds the event loop. Where the database fails, callers get StoreUnavailable and
go on without history.
"""

import asyncio
import datetime as dt
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DataError, SQLAlchemyError

from bot.replies import BLOCKS, COMMANDS, OPTIONS, Command, StoredTurn, TurnReply, from_json
from bot.replies import split_choice_id as split
from knowledge.database import migrate, open_database
from knowledge.errors import OperatorError

log = logging.getLogger(__name__)

T = TypeVar("T")
HISTORY_TURNS = 50
"""How many of the newest turns of a conversation are given back."""

_MIGRATIONS = Path(__file__).with_name("migrations")
_REMEMBERED_TURNS = 2000
_REST_SECONDS = 3.0
"""How long a failing database is left alone before it is tried again."""

metadata = sa.MetaData()
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False, index=True),
    sa.Column("erased_at", sa.DateTime),
    sa.Column("tracker_left", sa.Boolean, nullable=False, default=False, index=True),
    sa.Column("official", sa.String(16)),
)
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(16), nullable=False, unique=True),
    sa.Column("conversation", sa.ForeignKey(conversations.c.id), nullable=False, index=True),
    sa.Column("created_at", sa.DateTime, nullable=False, index=True),
    sa.Column("text", sa.Text),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("blocks", sa.Text),
    sa.Column("suggestions", sa.Text),
    sa.Column("options", sa.Text),
    sa.Column("timings_ms", sa.JSON, nullable=False),
    sa.Column("feedback", sa.String(8)),
)


class StoreUnavailable(Exception):
    """The database cannot be reached or written now."""


@dataclass(frozen=True)
class Purged:
    """What a purge removed: texts of old turns, and whole conversations nobody returned to."""

    turns: int
    conversations: int


def utc_now() -> dt.datetime:
    """The present moment as the tables hold it: UTC, without a zone."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _open(url: str) -> sa.Engine:
    """An engine with the tables up to date; erased text is overwritten in the file."""
    engine = open_database(url)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def overwrite(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA secure_delete=ON").close()

    migrate_conversations(engine)
    return engine


def migrate_conversations(engine: sa.Engine, down_to: str | None = None) -> None:
    """Brings the tables up to date, or back to version ``down_to``. Raises OperatorError."""
    migrate(engine, _MIGRATIONS, "conversations_version", down_to=down_to)


class ConversationStore:
    """Conversations and turns in the database at ``url``, whose tables it brings up to date."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: sa.Engine | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversations")
        self._rest_until = 0.0
        self._failing = False  # whether its last work failed
        self._recent: OrderedDict[str, tuple[str, list[Command]]] = OrderedDict()

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Runs one of the methods below on the store's thread. Raises StoreUnavailable."""
        if time.monotonic() < self._rest_until:
            raise StoreUnavailable
        try:
            done = await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
            self._failing = False
            return done
        except DataError:  # a value it does not take: no outage, nobody else is kept waiting
            log.warning("conversation store refused a value")
            raise StoreUnavailable from None
        except (SQLAlchemyError, OperatorError) as error:
            self._rest_until = time.monotonic() + _REST_SECONDS
            self._failing = True
            log.error("conversation store failed", extra={"error": type(error).__name__})
            raise StoreUnavailable from None

    async def transaction(self, work: Callable[..., T], *args: Any) -> T:
        """Runs ``work(connection, *args)`` in one transaction on the store's thread. Raises
        StoreUnavailable."""

        def within() -> T:
            with self.begin() as db:
                return work(db, *args)

        return await self.run(within)

    def close(self) -> None:
        """Waits for work under way and closes the connections."""
        self._thread.shutdown(wait=True)
        if self._engine is not None:
            self._engine.dispose()

    def begin(self) -> Any:
        """A transaction on the open database; for work that :meth:`run` was given."""
        if self._engine is None:
            self._engine = _open(self._url)
        return self._engine.begin()

    def ping(self) -> None:
        """Asks the database for one row; after a failure, whether it can be written, since a full
        disk is still read."""
        with self.begin() as db:
            if self._failing:
                db.exec_driver_sql("CREATE TABLE ping (number INTEGER)")
                db.exec_driver_sql("DROP TABLE ping")
            db.execute(sa.select(1))

    def create(self, conversation: str, channel: str) -> None:
        """Stores a new conversation."""
        with self.begin() as db:
            insert_conversation(db, conversation, channel)

    def closed(self, conversation: str, official: str | None = None) -> bool:
        """Whether its token opens nothing any more: the person erased it, or it is the talk of an
        official and ``official`` (the id of who is signed in) is not that one."""
        query = sa.select(conversations.c.erased_at, conversations.c.official)
        with self.begin() as db:
            row = db.execute(query.where(conversations.c.id == conversation)).one_or_none()
        return row is not None and (
            row.erased_at is not None or row.official not in (None, official)
        )

    def claim(self, conversation: str, channel: str, official: str) -> bool:
        """Makes the conversation the official's own; False where it is closed to them."""
        own = conversations.c.id == conversation
        free = sa.or_(conversations.c.official.is_(None), conversations.c.official == official)
        change = sa.update(conversations).where(own, free, conversations.c.erased_at.is_(None))
        with self.begin() as db:
            if db.execute(change.values(official=official)).rowcount:
                return True
            if db.execute(sa.select(conversations.c.id).where(own)).scalar() is not None:
                return False
            insert_conversation(db, conversation, channel, official=official)
        return True

    def record(
        self, conversation: str, channel: str, text: str, reply: TurnReply, options: list[Command]
    ) -> None:
        """Stores a turn in one transaction; ``text`` is redacted already."""
        now = utc_now()
        with self.begin() as db:
            seen = sa.update(conversations).where(conversations.c.id == conversation)
            if db.execute(seen.values(seen_at=now)).rowcount == 0:
                insert_conversation(db, conversation, channel)
            db.execute(
                sa.insert(turns).values(
                    id=reply.turn_id,
                    conversation=conversation,
                    created_at=now,
                    text=text,
                    outcome=reply.outcome,
                    blocks=BLOCKS.dump_json(reply.blocks).decode(),
                    suggestions=OPTIONS.dump_json(reply.suggestions).decode(),
                    options=COMMANDS.dump_json(options).decode() if options else None,
                    timings_ms=reply.timings_ms,
                )
            )

    def remember(self, conversation: str, turn: str, options: list[Command]) -> None:
        """Keeps the options of a turn in memory, so that buttons work without a database."""
        self._recent[turn] = (conversation, options)
        while len(self._recent) > _REMEMBERED_TURNS:
            self._recent.popitem(last=False)

    def recent_command(self, conversation: str, choice: str) -> Command | None:
        """``command`` from memory alone."""
        place = split(choice)
        owner, options = self._recent.get(place[0], ("", [])) if place else ("", [])
        found = place is not None and owner == conversation and place[1] < len(options)
        return options[place[1]] if found and place else None

    def command(self, conversation: str, choice: str) -> Command | None:
        """What the option id stands for; None unless it was issued in this conversation."""
        place = split(choice)
        if place is None:
            return None
        query = sa.select(turns.c.options).where(
            turns.c.id == place[0], turns.c.conversation == conversation
        )
        with self.begin() as db:
            stored = db.execute(query).scalar()
        options = COMMANDS.validate_json(stored) if stored else []
        return options[place[1]] if place[1] < len(options) else None

    def history(self, conversation: str, most: int = HISTORY_TURNS) -> list[StoredTurn]:
        """The newest turns, oldest first."""
        query = (
            sa.select(turns)
            .where(turns.c.conversation == conversation)
            .order_by(turns.c.number.desc())
            .limit(most)
        )
        with self.begin() as db:
            rows = db.execute(query).all()
        return [
            StoredTurn(
                turn_id=row.id,
                created_at=row.created_at.replace(tzinfo=dt.UTC).isoformat(),
                text=row.text,
                outcome=row.outcome,
                blocks=from_json(row.blocks),
                suggestions=from_json(row.suggestions),
                feedback=row.feedback,
            )
            for row in reversed(rows)
        ]

    def reply(self, conversation: str, turn: str) -> TurnReply | None:
        """What ``turn`` was answered; None when it was not taken, or its text is gone."""
        query = sa.select(turns).where(turns.c.id == turn, turns.c.conversation == conversation)
        with self.begin() as db:
            row = db.execute(query.where(turns.c.blocks.is_not(None))).first()
        if row is None:
            return None
        return TurnReply(
            turn_id=row.id,
            outcome=row.outcome,
            blocks=from_json(row.blocks),
            suggestions=from_json(row.suggestions),
            timings_ms=row.timings_ms,
        )

    def feedback(self, conversation: str, turn: str, value: str) -> bool:
        """Notes what the person thought of an answer; False when the turn is not theirs."""
        change = sa.update(turns).where(turns.c.id == turn, turns.c.conversation == conversation)
        with self.begin() as db:
            return bool(db.execute(change.values(feedback=value)).rowcount)

    def erase(self, conversation: str, closed: bool) -> None:
        """Deletes every turn; ``closed``: the conversation's token opens nothing any more.

        What the engine remembers is marked as left until ``tracker_gone``.
        """
        self.forget(conversation)
        with self.begin() as db:
            db.execute(sa.delete(turns).where(turns.c.conversation == conversation))
            change = sa.update(conversations).where(conversations.c.id == conversation)
            values = {"tracker_left": True} | ({"erased_at": utc_now()} if closed else {})
            if db.execute(change.values(values)).rowcount == 0:
                insert_conversation(db, conversation, "web", **values)
        self._shrink()

    def forget(self, conversation: str) -> None:
        """Drops the conversation's options from memory."""
        for turn, (owner, _) in list(self._recent.items()):
            if owner == conversation:
                self._recent.pop(turn, None)

    def tracker_gone(self, conversation: str) -> None:
        """Notes that the engine has erased the conversation too."""
        change = sa.update(conversations).where(conversations.c.id == conversation)
        with self.begin() as db:
            db.execute(change.values(tracker_left=False))

    def trackers_left(self, limit: int = 200) -> list[str]:
        """Conversations that the engine has still to erase."""
        query = sa.select(conversations.c.id).where(conversations.c.tracker_left).limit(limit)
        with self.begin() as db:
            return list(db.execute(query).scalars())

    def purge(self, days: int) -> Purged:
        """Removes what people wrote and read more than ``days`` days ago; outcomes stay."""
        before = utc_now() - dt.timedelta(days=days)
        nothing = {"text": None, "blocks": None, "suggestions": None, "options": None}
        old = sa.update(turns).where(turns.c.created_at < before, turns.c.blocks.is_not(None))
        left = sa.update(conversations).where(
            conversations.c.seen_at < before, conversations.c.erased_at.is_(None)
        )
        with self.begin() as db:
            purged = db.execute(old.values(nothing)).rowcount
            closed = db.execute(left.values(erased_at=utc_now(), tracker_left=True)).rowcount
        if purged:
            self._shrink()
        return Purged(turns=purged, conversations=closed)

    def _shrink(self) -> None:
        """Takes erased pages out of SQLite's write-ahead log."""
        if self._engine is not None and self._engine.dialect.name == "sqlite":
            with self._engine.connect() as db:
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def insert_conversation(db: sa.Connection, conversation: str, channel: str, **values: Any) -> None:
    now = utc_now()
    row = {"id": conversation, "channel": channel, "created_at": now, "seen_at": now}
    db.execute(sa.insert(conversations).values(row | {"tracker_left": False} | values))
