"""Which words of the first notice a conversation was told, and when: kept and provable.

The assistant asks for no consent, since it does nothing optional with what people write; what the
law wants shown later (Luật 91/2025/QH15 art. 9, NĐ 356/2025/NĐ-CP art. 6: who, when, which text)
is what they were told. Who is named by a hash that only the conversation's own id leads to.
"""

import contextlib
import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.conversations import ConversationStore, metadata, utc_now

KEPT = dt.timedelta(days=3 * 366)
"""After a conversation's own retention: the limitation period of Bộ luật Dân sự 588."""

notice_texts = sa.Table(
    "notice_texts",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)
notices_told = sa.Table(
    "notices_told",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("notice", sa.ForeignKey(notice_texts.c.id), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
)


class NoticeLog:
    """The log in ``store`` of conversations that were told ``text``."""

    def __init__(self, store: ConversationStore, text: str) -> None:
        self._store = store
        self._text = text
        self._notice = hashlib.sha256(text.encode()).hexdigest()[:16]

    async def note(self, conversation: str, channel: str) -> None:
        """Notes that ``conversation`` was told the notice now. Raises StoreUnavailable."""
        await self._store.run(self._note, conversation, channel)

    def _note(self, conversation: str, channel: str) -> None:
        self._keep_text()
        row = {
            "conversation": hashlib.sha256(conversation.encode()).hexdigest(),
            "channel": channel,
            "notice": self._notice,
            "at": utc_now(),
        }
        with self._store.begin() as db:
            db.execute(sa.insert(notices_told).values(row))

    def _keep_text(self) -> None:
        known = sa.select(notice_texts.c.id).where(notice_texts.c.id == self._notice)
        with self._store.begin() as db:
            if db.scalar(known) is not None:
                return
        with contextlib.suppress(IntegrityError), self._store.begin() as db:  # another replica's
            db.execute(sa.insert(notice_texts).values(id=self._notice, text=self._text))


def purge(db: sa.Connection, days: int) -> int:
    """Removes what was told longer than KEPT and a conversation's ``days`` ago; how many lines."""
    before = utc_now() - KEPT - dt.timedelta(days=days)
    old = sa.delete(notices_told).where(notices_told.c.at < before)
    return db.execute(old).rowcount
