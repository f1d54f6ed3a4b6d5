"""A department's view, in a real PostgreSQL (and in SQLite where dialects matter)."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dossier_systems import PERSON, ask, failed
from pydantic import ValidationError

from bot.supervisor import free_port
from connectors.dossier import TIMEZONE, DossierStatus, NotFound, PublicStatus, SystemFailure
from connectors.registry import System
from connectors.sql import Sql, SqlConfig, read_only

CODE, LATE, TWICE, MISSING = (f"H37.12-260601-000{n}" for n in (1, 2, 3, 9))
COLUMNS = {
    "code": "ma_ho_so",
    "status": "trang_thai",
    "procedure_code": "ma_tthc",
    "procedure_name": "ten_tthc",
    "agency": "don_vi",
    "agency_code": "ma_don_vi",
    "received": "ngay_nhan",
    "due": "ngay_hen",
    "finished": "ngay_xong",
    "supplement": "bo_sung",
    "second_factor": "dinh_danh",
}
TABLE = sa.Table(
    "ho_so",
    sa.MetaData(),
    *(sa.Column(name, sa.Text) for name in ("ma_ho_so", "trang_thai", "ma_tthc", "ten_tthc")),
    *(sa.Column(name, sa.Text) for name in ("don_vi", "ma_don_vi", "bo_sung", "dinh_danh")),
    sa.Column("chu_ho_so", sa.Text),
    *(sa.Column(name, sa.DateTime) for name in ("ngay_nhan", "ngay_hen", "ngay_xong")),
)
RECEIVED = dt.datetime(2026, 6, 1, 8, 15)
NOW = dt.datetime.now(TIMEZONE).replace(tzinfo=None, microsecond=0)


def _row(code: str, **values: Any) -> dict[str, Any]:
    row = {
        "ma_ho_so": code,
        "trang_thai": "Chờ bổ sung",
        "ma_tthc": "1.001193",
        "ten_tthc": "Đăng ký khai sinh",
        "don_vi": "Bộ phận một cửa mẫu",
        "ma_don_vi": "H37.12",
        "bo_sung": "Giấy chứng sinh; Tờ khai ",
        "dinh_danh": "000000004321",
        "chu_ho_so": PERSON,
        "ngay_nhan": RECEIVED,
        "ngay_hen": NOW + dt.timedelta(days=1),
        "ngay_xong": None,
    }
    return row | values


ROWS = [
    _row(CODE),
    _row(LATE, ngay_hen=NOW - dt.timedelta(days=1)),
    _row(TWICE, trang_thai="Đang xử lý"),
    _row(
        TWICE,
        trang_thai="Có kết quả",
        ngay_nhan=RECEIVED + dt.timedelta(days=1),
        ngay_xong=RECEIVED + dt.timedelta(days=2),
    ),
]


def _fill(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql("DROP VIEW IF EXISTS tra_cuu")
        TABLE.drop(db, checkfirst=True)
        TABLE.create(db)
        db.execute(sa.insert(TABLE), ROWS)
        db.exec_driver_sql("CREATE VIEW tra_cuu AS SELECT * FROM ho_so")
    engine.dispose()


@pytest.fixture(scope="module")
def database(postgres: str) -> str:
    """URL of a PostgreSQL that holds the view ``tra_cuu``."""
    _fill(postgres)
    return postgres


def _system(url: str, statement_seconds: float = 4.0, **values: Any) -> System:
    config = {"url": url, "view": "tra_cuu", "columns": COLUMNS} | values
    return System(Sql("so", SqlConfig.model_validate(config), statement_seconds))


@pytest.fixture
async def view(database: str) -> AsyncIterator[System]:
    system = _system(database)
    yield system
    await system.connector.close()


async def _failure(url: str, statement_seconds: float = 4.0, **values: Any) -> str:
    """Why the system of this configuration does not answer."""
    system = _system(url, statement_seconds, **values)
    try:
        return failed(await ask(system, CODE))
    finally:
        await system.connector.close()


def _run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as db:
        for statement in statements:
            db.exec_driver_sql(statement)
    engine.dispose()


async def test_a_dossier_is_found_by_its_code(view: System) -> None:
    found = await ask(view, CODE)
    assert isinstance(found, DossierStatus)
    assert (found.status, found.status_name) == (PublicStatus.SUPPLEMENT, "Chờ bổ sung")
    assert found.received == RECEIVED.replace(tzinfo=TIMEZONE)
    assert found.supplement == ("Giấy chứng sinh", "Tờ khai")
    assert PERSON not in repr(found) and "4321" not in repr(found)


async def test_the_same_view_in_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'so.db'}"
    _fill(url)
    system = _system(url)
    assert isinstance(await ask(system, CODE), DossierStatus)
    assert await ask(system, MISSING) == NotFound()
    await system.connector.close()


async def test_a_view_may_stand_in_a_schema(database: str) -> None:
    system = _system(database, view="public.tra_cuu")
    assert isinstance(await ask(system, CODE), DossierStatus)
    await system.connector.close()


async def test_an_unknown_code_is_not_found_and_a_code_is_only_ever_a_value(view: System) -> None:
    for code in (MISSING, "", "' OR '1'='1", "'; DROP VIEW tra_cuu; --", "%"):
        assert await ask(view, code) == NotFound()
    assert isinstance(await ask(view, CODE), DossierStatus)


async def test_of_several_rows_the_newest_counts(view: System) -> None:
    found = await ask(view, TWICE)
    assert isinstance(found, DossierStatus) and found.status is PublicStatus.FINISHED


async def test_a_second_factor_is_the_end_of_the_mapped_number(view: System) -> None:
    assert isinstance(await ask(view, CODE, "4321"), DossierStatus)
    assert await ask(view, CODE, "9999") == NotFound()


async def test_times_with_a_zone_are_shown_in_vietnam_s(database: str) -> None:
    _run(
        database,
        "DROP VIEW IF EXISTS tra_cuu_tz",
        "CREATE VIEW tra_cuu_tz AS SELECT ma_ho_so, trang_thai,"
        " timestamptz '2026-06-01 01:15:00+00' AS ngay_nhan FROM ho_so",
    )
    columns = {"code": "ma_ho_so", "status": "trang_thai", "received": "ngay_nhan"}
    system = _system(database, view="tra_cuu_tz", columns=columns)
    found = await ask(system, CODE)
    await system.connector.close()
    assert isinstance(found, DossierStatus) and found.received
    assert found.received == RECEIVED.replace(tzinfo=TIMEZONE)


async def test_a_unit_s_figures_are_counted(view: System) -> None:
    counts = await view.connector.counts("H37.12", dt.date(2026, 6, 1), dt.date(2026, 6, 2))
    assert (counts.received, counts.overdue, counts.due_in_3_days) == (4, 1, 2)
    assert counts.on_time == 1
    assert await view.connector.overdue("H37.12") == 1
    assert await view.connector.overdue("H37.99") == 0


async def test_without_the_columns_figures_are_not_offered(database: str) -> None:
    columns = {"code": "ma_ho_so", "status": "trang_thai"}
    system = _system(database, columns=columns)
    with pytest.raises(SystemFailure, match="not_offered"):
        await system.connector.overdue("H37.12")
    await system.connector.close()


async def test_a_server_that_is_down_is_unreachable() -> None:
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    assert await _failure(url) == "unreachable"


async def test_a_connection_that_broke_is_replaced(database: str, view: System) -> None:
    assert isinstance(await ask(view, CODE), DossierStatus)
    _run(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )
    assert isinstance(await ask(view, LATE), DossierStatus)


async def test_a_slow_statement_is_ended_by_the_server(database: str) -> None:
    _run(
        database,
        "CREATE OR REPLACE FUNCTION slowly(text) RETURNS text LANGUAGE plpgsql VOLATILE AS"
        " 'BEGIN PERFORM pg_sleep(30); RETURN $1; END'",
        "DROP VIEW IF EXISTS slow",
        "CREATE VIEW slow AS SELECT ma_ho_so, slowly(trang_thai) AS trang_thai FROM ho_so",
    )
    columns = {"code": "ma_ho_so", "status": "trang_thai"}
    reason = await _failure(database, statement_seconds=0.2, view="slow", columns=columns)
    assert reason in ("unreachable", "sql_QueryCanceled")


async def test_a_slow_view_holds_up_no_other_question(database: str, view: System) -> None:
    slow = _system(database, view="tra_cuu")
    lock = sa.create_engine(database)
    with lock.begin() as db:
        db.exec_driver_sql("LOCK TABLE ho_so IN ACCESS EXCLUSIVE MODE")
        slow._answer_seconds = 0.2
        first, _ = await asyncio.gather(ask(slow, CODE), asyncio.sleep(0))
        assert failed(first) == "timeout"
    lock.dispose()
    assert isinstance(await ask(view, CODE), DossierStatus)
    await slow.connector.close()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"view": "khong_co"}, "sql_UndefinedTable"),
        ({"columns": {"code": "ma_ho_so", "status": "khong_co"}}, "sql_UndefinedColumn"),
    ],
)
async def test_a_view_or_column_that_is_missing_is_named_by_its_kind(
    database: str, values: dict[str, Any], reason: str
) -> None:
    assert await _failure(database, **values) == reason


async def test_writing_is_refused_even_where_the_account_may(database: str) -> None:
    _run(
        database,
        "CREATE TABLE IF NOT EXISTS written (at timestamptz)",
        "CREATE OR REPLACE FUNCTION writing(text) RETURNS text LANGUAGE plpgsql VOLATILE AS"
        " 'BEGIN INSERT INTO written VALUES (now()); RETURN $1; END'",
        "DROP VIEW IF EXISTS writes",
        "CREATE VIEW writes AS SELECT ma_ho_so, writing(trang_thai) AS trang_thai FROM ho_so",
    )
    columns = {"code": "ma_ho_so", "status": "trang_thai"}
    reason = await _failure(database, view="writes", columns=columns)
    assert reason == "sql_ReadOnlySqlTransaction"
    engine = sa.create_engine(database)
    with engine.begin() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM written").scalar() == 0
    engine.dispose()


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "oracle", "sqlite"])
def test_transactions_are_read_only_where_the_dialect_can(dialect: str) -> None:
    assert any(word in " ".join(read_only(dialect, 4)) for word in ("READ ONLY", "query_only"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"view": "ho_so; DROP TABLE x"},
        {"columns": {**COLUMNS, "code": 'ma"ho'}},
        {"columns": {"code": "ma_ho_so"}},
        {"columns": {**COLUMNS, "owner": "chu_ho_so"}},
    ],
)
def test_a_configuration_that_cannot_work_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _system("sqlite://", **wrong)
