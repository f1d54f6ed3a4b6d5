"""A read-only view in the department's own database, by SQLAlchemy URL.

The view's columns are named in the configuration. Every question runs in a read-only transaction
with a time-out where the dialect has them (PostgreSQL, MySQL), and only ever a SELECT with bound
values; give the assistant an account that may read this view and nothing else all the same.
"""

import asyncio
import datetime as dt
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr
from sqlalchemy import (
    ColumnClause,
    Engine,
    Select,
    TableClause,
    and_,
    case,
    column,
    create_engine,
    func,
    make_url,
    select,
    table,
)
from sqlalchemy import text as sql_text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.sql import ColumnElement

from connectors.dossier import (
    NOT_OFFERED,
    SOON,
    TIMEZONE,
    Counts,
    DossierStatus,
    NotFound,
    PublicStatus,
    SystemFailure,
)
from connectors.mapping import FIGURES, known_fields, papers, status_of
from connectors.reading import ends_with
from connectors.statuses import Statuses

STATEMENT_SECONDS = 4.0
CONNECT = {"postgresql": {"connect_timeout": 2}, "mysql": {"connect_timeout": 2}}
"""By dialect: how long a server that does not answer is waited for, in seconds."""


def read_only(dialect: str, seconds: float) -> tuple[str, ...]:
    """The statements that make a transaction read-only and end what takes longer."""
    milliseconds = round(seconds * 1000)
    known = {
        "postgresql": (
            "SET TRANSACTION READ ONLY",
            "SET LOCAL TIME ZONE 'Asia/Ho_Chi_Minh'",
            f"SET LOCAL statement_timeout = {milliseconds}",
        ),
        "mysql": (
            f"SET SESSION MAX_EXECUTION_TIME = {milliseconds}",
            "START TRANSACTION READ ONLY",
        ),
        "oracle": ("SET TRANSACTION READ ONLY",),
        "sqlite": ("PRAGMA query_only = ON",),
    }
    return known.get(dialect, ())


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?", name, re.ASCII):
        raise ValueError(f"{name!r} is no name of a view or column")
    return name


Identifier = Annotated[str, AfterValidator(_identifier)]


class SqlConfig(BaseModel):
    """``url``: a SQLAlchemy URL with its driver installed. ``view``: ``name`` or ``schema.name``.
    ``columns``: field of ``DossierStatus`` -> column; ``code`` and ``status`` are needed."""

    model_config = ConfigDict(extra="forbid")

    url: SecretStr
    view: Identifier
    columns: Annotated[Mapping[str, Identifier], known_fields]
    statuses: Mapping[str, PublicStatus] = {}


class Sql:
    """One view. Drivers block, so questions run in threads of their own."""

    def __init__(
        self, name: str, config: SqlConfig, statement_seconds: float = STATEMENT_SECONDS
    ) -> None:
        self.name = name
        self._statement_seconds = statement_seconds
        self._columns = config.columns
        self._statuses = Statuses(config.statuses, {})
        self._view = _view(config)
        url = make_url(config.url.get_secret_value())
        self._engine: Engine = create_engine(
            url,
            pool_size=4,
            pool_pre_ping=True,
            pool_recycle=300,
            connect_args=CONNECT.get(url.get_backend_name(), {}),
        )
        self._threads = ThreadPoolExecutor(4, thread_name_prefix=f"dossiers-{name}")

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        """See ``Connector.find``. Of several rows with the code the newest counts."""
        rows = await self._run(self._rows_of, code)
        if not rows or not ends_with(second_factor, [rows[0].get("second_factor")]):
            return NotFound()
        return self._read(code, rows[0])

    async def overdue(self, agency: str) -> int:
        """See ``Connector.overdue``."""
        return (await self._figures(agency, None, None)).overdue

    async def counts(self, agency: str, since: dt.date, until: dt.date) -> Counts:
        """See ``Connector.counts``."""
        return await self._figures(agency, since, until)

    async def _figures(self, agency: str, since: dt.date | None, until: dt.date | None) -> Counts:
        if not set(self._columns) >= FIGURES:
            raise SystemFailure(NOT_OFFERED)
        rows = await self._run(self._figures_of, agency, since, until)
        total, by_field = Counts(0, 0, 0, 0), dict[str, Counts]()
        for row in rows:
            name = row.pop("field", None)
            counts = _counted(row)
            total += counts
            if name:
                by_field[str(name)] = counts
        return replace(total, by_field=by_field)

    async def _run(self, question: Any, *values: Any) -> list[dict[str, Any]]:
        loop = asyncio.get_running_loop()
        try:
            rows: list[dict[str, Any]] = await loop.run_in_executor(
                self._threads, question, *values
            )
        except OperationalError as error:
            raise SystemFailure("unreachable", again=not _timed_out(error)) from None
        except DBAPIError as error:
            raise SystemFailure(f"sql_{type(error.orig).__name__}") from None
        except SQLAlchemyError as error:
            raise SystemFailure(f"sql_{type(error).__name__}") from None
        return rows

    def _rows_of(self, code: str) -> list[dict[str, Any]]:
        wanted = [self._view.c[name].label(field) for field, name in self._columns.items()]
        question = select(*wanted).where(self._column("code") == code)
        if "received" in self._columns:
            question = question.order_by(self._column("received").desc())
        return self._fetch(question)

    def _figures_of(
        self, agency: str, since: dt.date | None, until: dt.date | None
    ) -> list[dict[str, Any]]:
        received, due, finished = (self._column(name) for name in ("received", "due", "finished"))
        now = dt.datetime.now(TIMEZONE).replace(tzinfo=None)
        begin = dt.datetime.combine(since or dt.date(1970, 1, 1), dt.time())
        end = dt.datetime.combine(until or now.date(), dt.time()) + dt.timedelta(days=1)
        inside = and_(received >= begin, received < end)
        soon = now + SOON
        conditions = {
            "received": inside,
            "on_time": and_(inside, finished.is_not(None), finished <= due),
            "overdue": and_(finished.is_(None), due < now),
            "due_in_3_days": and_(finished.is_(None), due >= now, due <= soon),
        }
        sums = [func.sum(case((test, 1), else_=0)).label(n) for n, test in conditions.items()]
        question = select(*sums).where(self._column("agency_code") == agency)
        if "field" in self._columns:
            name = self._column("field")
            question = question.add_columns(name.label("field")).group_by(name)
        return self._fetch(question)

    def _column(self, field: str) -> ColumnElement[Any]:
        return self._view.c[self._columns[field]]

    def _fetch(self, question: Select[Any]) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            for statement in read_only(connection.dialect.name, self._statement_seconds):
                connection.execute(sql_text(statement))
            return [dict(row) for row in connection.execute(question).mappings()]

    def _read(self, code: str, row: Mapping[str, Any]) -> DossierStatus:
        supplement = papers(str(row.get("supplement") or ""))
        return status_of(code, row.get, supplement, self._statuses, self.name)


def _counted(row: Mapping[str, Any]) -> Counts:
    """The sums of one row; a sum over nothing is NULL."""
    received, on_time = int(row["received"] or 0), int(row["on_time"] or 0)
    return Counts(received, on_time, int(row["overdue"] or 0), int(row["due_in_3_days"] or 0))


def _view(config: SqlConfig) -> TableClause:
    schema, _, name = config.view.rpartition(".")
    columns: list[ColumnClause[Any]] = [column(n) for n in dict.fromkeys(config.columns.values())]
    return table(name, *columns, schema=schema or None)


def _timed_out(error: OperationalError) -> bool:
    return "statement timeout" in str(error.orig)


def open_connector(name: str, config: dict[str, Any]) -> Sql:
    """See ``configuration``."""
    return Sql(name, SqlConfig.model_validate(config))
