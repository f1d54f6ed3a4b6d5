"""What systems tell of people never comes further than the connector: no status, answer, log line
or stored turn holds it, whatever stands in the documented personal fields."""

import contextlib
import itertools
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dossier_engine import DossierEngine
from dossier_systems import JsonSystem, ask, dvcqg_entry, failed, igate_entry, opened
from fake_engine import serving
from gateway import running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.dossier import DossierStatus
from connectors.registry import Dossiers, System
from connectors.sandbox.faults import Fault

CODE = "H37.12-260601-0004"
IGATE_APPLICANT = (
    "fullname", "ownerFullname", "birthday", "gender", "identityNumber", "identityDate",
    "phoneNumber", "email", "fax", "address", "organization", "noidungyeucaugiaiquyet", "note",
    "diaChiThuaDat",
)  # fmt: skip
NATIONAL = (
    "ChuHoSo", "MaDoiTuong", "SoDienThoai", "Email", "Fax", "TrichYeuHoSo", "GhiChu",
    "ThongTinKhac", "ThongTinTra", "SoBienNhan", "NguoiXuLy", "ChucDanh", "NoiDungXuLy",
)  # fmt: skip
OPENCPS = (
    "applicantName", "applicantIdNo", "applicantNote", "address", "contactName", "contactTelNo",
    "contactEmail", "delegateName", "delegateIdNo", "lastActionUser", "lastActionNote",
    "briefNote", "dossierNote", "cityName", "districtName", "wardName",
)  # fmt: skip


class Markers:
    """Values that stand nowhere else; each is drawn once and remembered."""

    def __init__(self, drawn: list[str]) -> None:
        self._drawn = itertools.cycle(drawn)
        self.used: set[str] = set()

    def __call__(self) -> str:
        value = next(self._drawn)
        self.used.add(value)
        return value

    def fields(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: self() for name in names}


MARKERS = st.lists(
    st.from_regex(r"[A-Z]{4}QZ[A-Z]{6}", fullmatch=True)
    | st.from_regex(r"[1-9]7[0-9]{10}", fullmatch=True)
    | st.from_regex(r"nguoi-[a-z]{6}@example\.vn", fullmatch=True),
    min_size=5,
    max_size=40,
    unique=True,
)
"""Names, numbers and addresses that nobody has."""


def igate_reply(mark: Markers) -> dict[str, Any]:
    places = ("nation", "province", "district", "village")
    data = mark.fields(IGATE_APPLICANT) | {p: {"label": mark(), "value": mark()} for p in places}
    data["identityAgency"] = {"id": mark(), "name": mark()}
    officer = {"id": mark(), "fullname": mark(), "account": [{"username": mark()}]}
    task = {"assignee": officer, "candidateGroup": [{"name": mark()}], "agency": {"name": mark()}}
    item = {
        "id": mark(),
        "code": CODE,
        "nationCode": mark(),
        "dossierStatus": {"id": 2, "name": "Đang xử lý"},
        "procedure": {"code": "1.001193", "translate": {"name": "Khai sinh"}},
        "agency": {"name": "Một cửa mẫu"},
        "applicant": {"userId": mark(), "eformId": mark(), "data": data},
        "accepter": {"id": mark(), "fullname": mark()},
        "currentTask": task,
        "task": [task, {"activitiTask": {"id": mark()}, **task}],
        "eForm": {"id": mark(), "data": {mark(): mark(), "ghiChu": [mark()]}},
        "dossierFormFile": [{"file": [{"filename": mark(), "id": mark()}]}],
        "comment": mark(),
    }
    return {"access_token": "t", "expires_in": 300, "content": [item]}


def national_reply(mark: Markers) -> dict[str, Any]:
    files = [{"TenTepDinhKem": mark(), "DuongDanTaiTepTin": mark(), "TepDinhKemId": mark()}]
    item = mark.fields(NATIONAL) | {
        "MaHoSo": CODE,
        "TenTTHC": "Khai sinh",
        "TrangThaiHoSo": "4",
        "DonViXuLy": "Một cửa mẫu",
        "TaiLieuNop": files,
        "DanhSachTepDinhKemKhac": files,
        "DanhSachGiayToKetQua": [{"TenGiayTo": mark(), "DuongDanTepTinKetQua": mark()}],
        "DanhSachLePhi": [{"TenPhiLePhi": mark(), "NguoiNop": mark(), "TrangThaiThanhToan": "1"}],
        "DanhSachHoSoBoSung": [{"NguoiYeuCauBoSung": mark(), "NoiDungBoSung": mark()}],
    }
    return {"session": "s", "error_code": 0, "result": [item]}


def opencps_reply(mark: Markers) -> dict[str, Any]:
    item = mark.fields(OPENCPS) | {
        "dossierNo": CODE,
        "referenceUid": mark(),
        "serviceName": "Khai sinh",
        "dossierStatus": "processing",
        "metaData": {mark(): mark()},
        "dossierActions": [{"user": mark()}],
    }
    return {"total": 1, "data": [item]}


def any_reply(mark: Markers) -> dict[str, Any]:
    item = {"ma": CODE, "tt": "Đang xử lý", "chu": mark(), "so": mark(), "them": {mark(): mark()}}
    return {"data": item}


def opencps_entry(url: str) -> dict[str, Any]:
    return {"name": "opencps", "kind": "opencps", "url": url, "secret": "s"}


def http_entry(url: str) -> dict[str, Any]:
    fields = {"code": "ma", "status": "tt", "second_factor": "so"}
    return {"name": "api", "kind": "http", "url": url, "dossier": "data", "fields": fields}


SYSTEMS = [
    (igate_entry, igate_reply),
    (dvcqg_entry, national_reply),
    (opencps_entry, opencps_reply),
    (http_entry, any_reply),
]
KINDS = ["igate", "dvcqg", "opencps", "http"]


@contextlib.asynccontextmanager
async def served(entry: Any, reply: Any) -> AsyncIterator[tuple[System, JsonSystem]]:
    answering = JsonSystem(reply)
    async with serving(answering.app()) as url, opened(entry(url)) as system:
        yield system, answering


@pytest.mark.parametrize(("entry", "reply"), SYSTEMS, ids=KINDS)
@given(MARKERS)
@settings(max_examples=20, deadline=None)
async def test_no_personal_field_reaches_a_status(entry: Any, reply: Any, drawn: list[str]) -> None:
    mark = Markers(drawn)
    async with served(entry, reply(mark)) as (system, _):
        found = await ask(system, CODE)
    assert isinstance(found, DossierStatus) and mark.used
    assert [value for value in mark.used if value in repr(found)] == []


def _stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("conversations.db*"))


@pytest.mark.parametrize(("entry", "reply"), SYSTEMS, ids=KINDS)
@given(MARKERS)
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_no_personal_field_reaches_an_answer_a_log_or_the_database(
    entry: Any,
    reply: Any,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    drawn: list[str],
) -> None:
    """In answers that are found and in every way that fails."""
    mark = Markers(drawn)
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    shown = []
    async with served(entry, reply(mark)) as (system, answering):
        engine = DossierEngine(dossiers=Dossiers([system]))
        async with running(tmp_path, engine=engine) as gateway:
            talk = await gateway.begin()
            shown.append((await talk.send(text=f"hồ sơ {CODE}")).text)
            for number, fault in enumerate((Fault.TWO_HITS, Fault.TRUNCATED, Fault.WRONG_TYPES)):
                answering.fault = fault
                shown.append((await talk.send(text=f"H37.12-260601-100{number}")).text)
            shown.append(str(await talk.history()))
    assert "dossier_found" in shown[0]
    stored = _stored(tmp_path)
    for value in mark.used:
        assert value not in "".join(shown)
        assert value.encode() not in stored
        assert value not in caplog.text


async def test_a_failure_s_log_line_holds_neither_code_nor_reply(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(igate_entry, igate_reply(Markers(["AAAAQZAAAAAA"]))) as (system, answering):
        answering.fault = Fault.HTML
        assert failed(await ask(system, CODE)) == "garbage"
    assert CODE not in caplog.text and "QZ" not in caplog.text
