"""The durable queue of accepted updates, and who writes in which conversation.

An update is unique by channel and id and stands in the database before anything is done for it.
It is open until every message of its answer was sent; its words are kept that long and no longer.
Whoever works on it holds it by ``not_before``, a lease that is renewed while the work lasts: after
a crash it runs out and another worker, or the same after a restart, takes the update up again.
The methods run on the conversation store's thread (``ConversationStore.run``).
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.channels.incoming import Incoming
from bot.conversations import ConversationStore, insert_conversation, metadata, utc_now
from bot.tokens import new_conversation_id

LEASE = dt.timedelta(seconds=10)
"""How long an update is held without a sign of life of who works on it."""
REMEMBERED = dt.timedelta(days=7)
"""How long the id of an update is known; platforms repeat for a day at most."""

updates = sa.Table(
    "channel_updates",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("update_id", sa.String(128), nullable=False),
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("accepted_at", sa.DateTime, nullable=False, index=True),
    sa.Column("payload", sa.Text),
    sa.Column("messages", sa.Text),
    sa.Column("sent", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("not_before", sa.DateTime, nullable=False),
    sa.Column("done_at", sa.DateTime),
    sa.UniqueConstraint("channel", "update_id"),
    sa.Index("ix_channel_updates_open", "done_at", "not_before", "number"),
    sa.Index("ix_channel_updates_person", "person", "done_at"),
)
people = sa.Table(
    "channel_people",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("conversation", sa.String(32), nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False, index=True),
    sa.Column("greeted", sa.Boolean, nullable=False),
)

Message = dict[str, Any]
"""One message as its channel sends it; plain JSON."""


@dataclass(frozen=True)
class Held:
    """An update in hand. ``messages``: its answer where one was made before, ``sent`` of them went
    out; ``attempts`` before this one; ``person``: the keyed hash of who wrote."""

    number: int
    channel: str
    person: str
    incoming: Incoming
    messages: list[Message] | None
    sent: int
    attempts: int
    accepted_at: dt.datetime


@dataclass(frozen=True)
class Person:
    """Somebody's conversation; ``greeted``: they have read the first notice."""

    conversation: str
    greeted: bool


class Updates:
    """The queue in the database of ``store``."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store

    def accept(self, channel: str, person: str, incoming: Incoming) -> bool:
        """Puts an update into the queue; False when it is there, or was answered, already."""
        moment = utc_now()
        row = {
            "channel": channel,
            "update_id": incoming.update_id,
            "person": person,
            "accepted_at": moment,
            "payload": incoming.model_dump_json(exclude_defaults=True),
            "sent": 0,
            "attempts": 0,
            "not_before": moment,
        }
        try:
            with self._store.begin() as db:
                db.execute(sa.insert(updates).values(row))
        except IntegrityError:
            return False
        return True

    def claim(self, most: int) -> list[Held]:
        """Takes up to ``most`` open updates, oldest first, of each person the oldest alone."""
        moment = utc_now()
        earlier = updates.alias()
        waiting = sa.exists().where(
            earlier.c.person == updates.c.person,
            earlier.c.done_at.is_(None),
            earlier.c.number < updates.c.number,
        )
        query = (
            sa.select(updates)
            .where(updates.c.done_at.is_(None), updates.c.not_before <= moment, ~waiting)
            .order_by(updates.c.number)
            .limit(most)
        )
        with self._store.begin() as db:
            rows = db.execute(query).all()
            return [_held(row) for row in rows if self._take(db, row, moment)]

    def _take(self, db: sa.Connection, row: Any, moment: dt.datetime) -> bool:
        """Compare and set: of two replicas that saw the row, one gets it."""
        mine = sa.update(updates).where(
            updates.c.number == row.number, updates.c.not_before == row.not_before
        )
        values = {"not_before": moment + LEASE, "attempts": row.attempts + 1}
        return bool(db.execute(mine.values(values)).rowcount)

    def hold(self, numbers: Sequence[int]) -> None:
        """Renews the lease on updates that are worked on."""
        mine = sa.update(updates).where(updates.c.number.in_(numbers))
        with self._store.begin() as db:
            db.execute(mine.values(not_before=utc_now() + LEASE))

    def put_off(self, number: int, seconds: float) -> None:
        """Gives an update back, to be taken up again after ``seconds``."""
        until = utc_now() + dt.timedelta(seconds=seconds)
        with self._store.begin() as db:
            mine = sa.update(updates).where(updates.c.number == number)
            db.execute(mine.values(not_before=until))

    def answered(self, number: int, messages: list[Message]) -> None:
        """Keeps the answer, so that after a crash the rest of it is sent and nothing is asked
        again; the words of the person are needed no more but for where to send it."""
        with self._store.begin() as db:
            mine = sa.update(updates).where(updates.c.number == number)
            db.execute(mine.values(messages=json.dumps(messages, ensure_ascii=False)))

    def sent(self, number: int, count: int) -> None:
        """Notes that ``count`` messages of the answer went out."""
        with self._store.begin() as db:
            db.execute(sa.update(updates).where(updates.c.number == number).values(sent=count))

    def done(self, number: int) -> None:
        """Closes an update: nothing stays of it but its id."""
        nothing = {"payload": None, "messages": None, "person": "", "done_at": utc_now()}
        with self._store.begin() as db:
            db.execute(sa.update(updates).where(updates.c.number == number).values(nothing))

    def open(self) -> int:
        """How many updates are not answered yet."""
        query = sa.select(sa.func.count()).where(updates.c.done_at.is_(None))
        with self._store.begin() as db:
            return int(db.execute(query).scalar_one())

    def person(self, channel: str, person: str) -> Person:
        """Whose conversation it is; a new one for somebody unknown, or whose old one was closed."""
        with self._store.begin() as db:
            row = db.execute(sa.select(people).where(people.c.person == person)).first()
            if row is not None:
                db.execute(_of(sa.update(people), person).values(seen_at=utc_now()))
                return Person(row.conversation, row.greeted)
            conversation = new_conversation_id()
            insert_conversation(db, conversation, channel)
            new = {"person": person, "conversation": conversation, "seen_at": utc_now()}
            db.execute(sa.insert(people).values(new | {"greeted": False}))
        return Person(conversation, greeted=False)

    def greeted(self, person: str) -> None:
        """Notes that the first notice was shown."""
        with self._store.begin() as db:
            db.execute(_of(sa.update(people), person).values(greeted=True))

    def forget(self, person: str) -> None:
        """Forgets whose conversation it was: their next message is a first contact."""
        with self._store.begin() as db:
            db.execute(_of(sa.delete(people), person))

    def purge(self, days: int) -> None:
        """Drops people who have not written for ``days`` days, and updates so old that nobody
        repeats or answers them."""
        with self._store.begin() as db:
            before = utc_now() - dt.timedelta(days=days)
            db.execute(sa.delete(people).where(people.c.seen_at < before))
            db.execute(sa.delete(updates).where(updates.c.accepted_at < utc_now() - REMEMBERED))


def _of(statement: Any, person: str) -> Any:
    return statement.where(people.c.person == person)


def _held(row: Any) -> Held:
    return Held(
        number=row.number,
        channel=row.channel,
        person=row.person,
        incoming=Incoming.model_validate_json(row.payload),
        messages=json.loads(row.messages) if row.messages else None,
        sent=row.sent,
        attempts=row.attempts,
        accepted_at=row.accepted_at,
    )
