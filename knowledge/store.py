"""The catalogue in the database: what each source said, and the merged procedures.

``source_records`` keeps every source's untouched original beside our reading of it.
``procedures`` keeps every version of a merged record; the one in force has no ``valid_to``.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, select

from knowledge.database import migrate, open_database
from knowledge.records import Procedure, SourceRecord

metadata = sa.MetaData()
MIGRATIONS = Path(__file__).parent / "migrations"

source_records = sa.Table(
    "source_records",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("reading", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
)
procedures = sa.Table(
    "procedures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(64), nullable=False, index=True),
    sa.Column("provincial_code", sa.String(64), index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
    sa.Column("valid_to", sa.DateTime(timezone=True), index=True),
)
aliases_table = sa.Table(
    "aliases",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
)
_CURRENT = procedures.c.valid_to.is_(None)


def migrate_catalogue(engine: Engine, down_to: str | None = None) -> None:
    """Brings the tables up to date, or back to version ``down_to``. Raises OperatorError."""
    migrate(engine, MIGRATIONS, "catalogue_version", down_to=down_to)


@lru_cache(maxsize=256)
def _parsed(record: str) -> Procedure:
    """The record of a JSON text; a turn reads the same one several times, and nobody changes it."""
    return Procedure.model_validate_json(record)


class CatalogueStore:
    """Reads and writes the catalogue; writing happens inside one transaction (``writing``)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> "CatalogueStore":
        """Open ``url`` and bring its tables up to date; raises OperatorError."""
        engine = open_database(url)
        migrate_catalogue(engine)
        return cls(engine)

    def procedure(self, code: str) -> Procedure | None:
        """The record in force with this national or provincial code, or None."""
        if not code.isprintable():  # PostgreSQL takes no zero byte, not even to look for it
            return None
        wanted = sa.or_(procedures.c.code == code, procedures.c.provincial_code == code)
        query = select(procedures.c.record).where(_CURRENT, wanted).limit(1)
        with self.engine.connect() as connection:
            record = connection.scalar(query)
        return None if record is None else _parsed(record)

    def all_procedures(self) -> Iterator[Procedure]:
        """Every record in force, in code order."""
        query = select(procedures.c.record).where(_CURRENT).order_by(procedures.c.code)
        with self.engine.connect() as connection:
            for record in connection.scalars(query):
                yield Procedure.model_validate_json(record)

    def count(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(
                select(sa.func.count()).select_from(procedures).where(_CURRENT)
            ) or 0  # fmt: skip

    def add_alias(self, code: str, name: str) -> None:
        """Keep another name of the procedure ``code``; the same one twice is kept once."""
        key = sa.and_(aliases_table.c.code == code, aliases_table.c.name == name)
        with self.engine.begin() as connection:
            connection.execute(aliases_table.delete().where(key))
            connection.execute(
                aliases_table.insert().values(
                    code=code, name=name, added_at=dt.datetime.now(dt.UTC)
                )
            )

    def remove_alias(self, code: str, name: str) -> bool:
        """Forget a name the operator added; False when there is none such."""
        key = sa.and_(aliases_table.c.code == code, aliases_table.c.name == name)
        with self.engine.begin() as connection:
            return connection.execute(aliases_table.delete().where(key)).rowcount > 0

    def aliases(self) -> list[tuple[str, str]]:
        """``(code, name)`` of every name the operator added, in order."""
        query = select(aliases_table.c.code, aliases_table.c.name).order_by(sa.text("1, 2"))
        with self.engine.connect() as connection:
            return [(code, name) for code, name in connection.execute(query)]

    def changed_since(self, moment: dt.datetime) -> list[tuple[Procedure | None, Procedure]]:
        """(before, now) of every record whose version in force began at ``moment`` or later."""
        with self.engine.connect() as connection:
            now = connection.execute(
                select(procedures.c.code, procedures.c.record)
                .where(_CURRENT, procedures.c.valid_from >= moment)
                .order_by(procedures.c.code)
            ).all()
            return [
                (_version_before(connection, code, moment), Procedure.model_validate_json(record))
                for code, record in now
            ]

    def last_change(self) -> dt.datetime | None:
        """When the newest version began, None for an empty catalogue."""
        with self.engine.connect() as connection:
            moment: dt.datetime | None = connection.scalar(
                select(sa.func.max(procedures.c.valid_from))
            )
        return moment


def _version_before(connection: Connection, code: str, moment: dt.datetime) -> Procedure | None:
    record = connection.scalar(
        select(procedures.c.record)
        .where(procedures.c.code == code, procedures.c.valid_to >= moment)
        .order_by(procedures.c.id.desc())
        .limit(1)
    )
    return None if record is None else Procedure.model_validate_json(record)


def known_digests(connection: Connection) -> dict[tuple[str, str], str]:
    """Digest of every stored source record by (code, source kind)."""
    rows = connection.execute(
        select(source_records.c.code, source_records.c.kind, source_records.c.digest)
    )
    return {(code, kind): digest for code, kind, digest in rows}


def put_source_records(
    connection: Connection, records: Sequence[tuple[SourceRecord, str]], now: dt.datetime
) -> None:
    """Insert or replace ``(record, digest)`` rows."""
    for record, digest in records:
        code, kind = record.procedure.code, record.source.kind
        key = sa.and_(source_records.c.code == code, source_records.c.kind == kind)
        connection.execute(source_records.delete().where(key))
        connection.execute(
            source_records.insert().values(
                code=code, kind=kind, raw=record.raw, digest=digest, imported_at=now,
                reading=record.model_dump_json(exclude={"raw"}),
            )
        )  # fmt: skip


def readings(connection: Connection, code: str) -> list[SourceRecord]:
    """All sources' readings of one procedure; their ``raw`` is left in the database."""
    query = select(source_records.c.reading).where(source_records.c.code == code)
    return [
        SourceRecord.model_validate({**json.loads(text), "raw": ""})
        for text in connection.scalars(query.order_by(source_records.c.kind))
    ]


def current_hash(connection: Connection, code: str) -> str | None:
    """Content hash of the version in force, None when there is none."""
    query = select(procedures.c.content_hash).where(_CURRENT, procedures.c.code == code)
    return connection.scalar(query)


def put_version(connection: Connection, procedure: Procedure, now: dt.datetime) -> None:
    """End the version in force, if any, and begin a new one."""
    connection.execute(
        procedures.update()
        .where(_CURRENT, procedures.c.code == procedure.code)
        .values(valid_to=now)
    )
    connection.execute(
        procedures.insert().values(
            code=procedure.code, provincial_code=procedure.provincial_code, name=procedure.name,
            state=procedure.state, record=procedure.model_dump_json(),
            content_hash=procedure.content_hash(), valid_from=now,
        )
    )  # fmt: skip
