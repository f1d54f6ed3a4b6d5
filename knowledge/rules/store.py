"""Where rule documents are kept: beside the catalogue, one row for each version of a document.

A document imported again with the same date of force replaces its row; one with another date is a
new version. A document that tells no date counts as in force since ever.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine, select

from knowledge.records import Rejection
from knowledge.rules.importers import open_rules
from knowledge.rules.records import RuleDocument
from knowledge.store import CatalogueStore, metadata

SHIPPED = Path(__file__).parent / "shipped"
SINCE_EVER = dt.date.min

rule_documents = sa.Table(
    "rule_documents",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("in_force_from", sa.Date, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
)


@dataclass
class RuleImport:
    """What an import did: documents new, changed and same, and what was not read."""

    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: list[Rejection] = field(default_factory=list)


class RuleStore:
    """Reads and writes rule documents; an import is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> "RuleStore":
        """Open ``url`` and bring its tables up to date; raises OperatorError."""
        return cls(CatalogueStore.open(url).engine)

    def documents(self) -> Iterator[RuleDocument]:
        """Every version of every document, in order of key and date."""
        query = select(rule_documents.c.record).order_by(
            rule_documents.c.key, rule_documents.c.in_force_from
        )
        with self.engine.connect() as connection:
            for record in connection.scalars(query):
                yield RuleDocument.model_validate_json(record)

    def serving(self) -> list[RuleDocument]:
        """The documents to search: the samples step back once a numbered document of the
        operator's own is there."""
        documents = list(self.documents())
        own = any(document.number and not document.sample for document in documents)
        return [document for document in documents if not (own and document.sample)]

    def import_paths(self, paths: Iterable[Path]) -> RuleImport:
        """Read every path and keep what is new; raises OperatorError for a path that is not."""
        report = RuleImport()
        now = dt.datetime.now(dt.UTC)
        with self.engine.begin() as connection:
            for path in paths:
                for item in open_rules(path):
                    if isinstance(item, Rejection):
                        report.rejected.append(item)
                    else:
                        self._keep(connection, item, now, report)
        return report

    def _keep(
        self,
        connection: sa.Connection,
        document: RuleDocument,
        now: dt.datetime,
        report: RuleImport,
    ) -> None:
        since = document.in_force_from or SINCE_EVER
        key = sa.and_(rule_documents.c.key == document.key, rule_documents.c.in_force_from == since)
        digest = document.content_hash()
        known = connection.scalar(select(rule_documents.c.content_hash).where(key))
        if known == digest:
            report.same += 1
            return
        connection.execute(rule_documents.delete().where(key))
        connection.execute(
            rule_documents.insert().values(
                key=document.key, in_force_from=since, title=document.title,
                record=document.model_dump_json(), content_hash=digest, imported_at=now,
            )
        )  # fmt: skip
        if known is None:
            report.new += 1
        else:
            report.changed += 1
