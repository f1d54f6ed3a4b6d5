"""A made-up dossier as iGate 2 and as the national adapter send it, personal fields and all."""

import datetime as dt
from typing import Any

from connectors.dossier import NATIONAL
from connectors.sandbox.dossiers import UNRECEIVED, Dossier, samples, unpaid, wanted

_NATIONAL_NUMBER = {status: number for number, status in NATIONAL.items()}


def igate(dossier: Dossier) -> dict[str, Any]:
    """One element of ``content`` of a search."""
    number, name = samples()["igate"][dossier.status]
    return {
        "id": f"{dossier.number:024x}",
        "code": dossier.code,
        "dossierStatus": {"id": number, "name": name},
        "dossierTaskStatus": {"id": "t", "name": name},
        "statusCurrentTask": name,
        "appliedDate": _igate_time(dossier.submitted),
        "acceptedDate": _igate_time(_received(dossier)),
        "appointmentDate": _igate_time(dossier.due),
        "completedDate": _igate_time(dossier.finished),
        "applyMethod": {"id": 0, "name": "Trực tiếp"},
        "agency": {"id": "a", "code": dossier.unit, "name": _named(dossier.unit_name)},
        "accepter": {"fullname": samples()["officer"]},
        "procedure": {
            "id": "p",
            "code": dossier.procedure["code"],
            "translate": _named(dossier.procedure["name"]),
            "sector": {"id": dossier.sector, "code": dossier.sector},
        },
        "applicant": {"userId": "u", "data": _applicant(dossier)},
        "currentTask": [
            {"assignee": {"fullname": samples()["officer"]}, "dueDate": _igate_time(dossier.due)}
        ],
        "eForm": {"id": "e", "data": {"ghiChu": samples()["request"]}},
        "dossierSupplement": [{"name": paper} for paper in wanted(dossier)],
        "dossierFee": [{"amount": unpaid(dossier), "paid": not unpaid(dossier)}],
        "resultPlace": samples()["result_place"],
    }


def _applicant(dossier: Dossier) -> dict[str, Any]:
    name = f"{samples()['applicant']} {dossier.number}"
    return {
        "fullname": name,
        "ownerFullname": name,
        "birthday": "1990-01-01T00:00:00.000+0700",
        "identityNumber": dossier.identity,
        "phoneNumber": dossier.phone,
        "email": f"mau{dossier.number}@example.vn",
        "address": samples()["address"],
        "noidungyeucaugiaiquyet": samples()["request"],
    }


def _named(name: str) -> list[dict[str, Any]]:
    return [{"languageId": 46, "name": "sample"}, {"languageId": 228, "name": name}]


def _igate_time(time: dt.datetime | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000%z") if time else None


def national(dossier: Dossier) -> dict[str, Any]:
    """One element of ``result`` of TraCuuHoSo."""
    return {
        "MaHoSo": dossier.code,
        "MaTTHC": dossier.procedure["code"],
        "TenTTHC": dossier.procedure["name"],
        "ChuHoSo": f"{samples()['applicant']} {dossier.number}",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": dossier.identity,
        "SoDienThoai": dossier.phone,
        "Email": f"mau{dossier.number}@example.vn",
        "TrichYeuHoSo": samples()["request"],
        "NgayTiepNhan": _national_time(_received(dossier)),
        "NgayHenTra": _national_time(dossier.due),
        "NgayTra": "",
        "NgayKetThucXuLy": _national_time(dossier.finished),
        "TrangThaiHoSo": _NATIONAL_NUMBER[dossier.status],
        "DonViXuLy": dossier.unit_name,
        "GhiChu": samples()["officer"],
        "DanhSachLePhi": [
            {"SoTien": unpaid(dossier), "TrangThaiThanhToan": "0" if unpaid(dossier) else "1"}
        ],
        "DanhSachHoSoBoSung": [{"TenThanhPhanHoSo": paper} for paper in wanted(dossier)],
    }


def _national_time(time: dt.datetime | None) -> str:
    return time.strftime("%Y%m%d%H%M%S") if time else ""


def _received(dossier: Dossier) -> dt.datetime | None:
    if dossier.status in UNRECEIVED:
        return None
    return dossier.submitted + dt.timedelta(hours=1)
