"""One made-up record of each catalogue format, and how tests write and read them."""

import datetime as dt
import json
import lzma
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from knowledge.importers import open_source
from knowledge.records import (
    Rejection,
    SourceRecord,
)

PAGE = {
    "ma_thu_tuc": "1.001193",
    "detail_url": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/1",
    "ten_thu_tuc": "Đăng ký  khai sinh",
    "so_quyet_dinh": "1/QĐ-BTP",
    "cap_thuc_hien": "Cấp tỉnh, Cấp huyện, Cấp xã",
    "doi_tuong_thuc_hien": "Công dân Việt Nam, Tổ chức (không bao gồm doanh nghiệp, HTX)",
    "linh_vuc": "Hộ tịch",
    "trinh_tu_thuc_hien": "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.",
    "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp1 Ngày làm việcMiễn phí",
    "thanh_phan_ho_so": "--Tên giấy tờMẫu đơn, tờ khaiSố lượngTờ khai1 bản chính",
    "can_cu_phap_ly": "Không có thông tin",
    "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
    "yeu_cau_dieu_kien": "Không có thông tin",
    "ket_qua_xu_ly": "Giấy khai sinhMã: KQ.G15.000001",
    "raw_text": "",
    "_ministry": "bo-tu-phap",
}
DETAIL: dict[str, Any] = {
    "code": "1.000656",
    "source_id": "019d",
    "name": "Đăng ký khai tử",
    "category": {"code": "G15", "name": "Hộ tịch"},
    "promulgating_agency": "Bộ Tư pháp",
    "executing_agency": "Ủy ban nhân dân cấp xã",
    "subject_types": ["Công dân Việt Nam"],
    "results": ["Trích lục khai tử"],
    "requirements": "",
    "channels": [
        {
            "method": "DIRECT",
            "fees": [
                {"type": "FEE", "value_vnd": 8000, "text": "Bản sao"},
                {
                    "type": "SERVICE_FEE",
                    "value_vnd": 0,
                    "text": "Do HĐND tỉnh quyết định",
                },
            ],
            "processing": {"qty": 1, "unit": "WORKING_DAY"},
            "note": "",
        },
        {
            "method": "ONLINE",
            "fees": [],
            "processing": {"qty": 0, "unit": "OTHER"},
            "note": "x",
        },
    ],
    "processing_cases": [
        {"case_code": "1.000656.01", "qty": 1, "unit": "WORKING_DAY"},
        {"case_code": "1.000656.02", "qty": 3, "unit": "WORKING_DAY"},
    ],
    "legal_basis": [{"code": "60/2014/QH13", "name": "Luật Hộ tịch"}],
    "steps_raw": [{"name": "Bước 1", "text": "Nộp hồ sơ"}],
    "checklist_raw": [
        {
            "group": "* Giấy tờ phải nộp:",
            "items": [
                {
                    "name": "Tờ khai",
                    "original_qty": 1,
                    "copy_qty": 0,
                    "attachments": [{"id": "f", "fileName": "TK.doc"}],
                }
            ],
        }
    ],
    "state": "UPDATED",
    "source": {
        "url": "https://dichvucong.gov.vn/x",
        "updated_at": "2026-04-16T03:27:23.145Z",
    },
}
ITEM = {
    "id": "019f",
    "name": "Tách thửa đất",
    "code": "1.115343",
    "categories": ["Đất đai"],
    "departments": ["Sở Nông nghiệp và Môi trường", ""],
    "departmentPromulgate": "UBND tỉnh Gia Lai",
    "formalityTargetType": ["Doanh nghiệp"],
    "state": "ACTIVE",
    "type": "SPECIFIC",
}
PORTAL = {
    "id": "019a",
    "code": "1.003583",
    "name": "Đăng ký khai sinh lưu động",
    "state": "ACTIVE",
    "decisionNo": "2/QĐ-BTP",
    "departmentPromulgateName": "Bộ Tư pháp",
    "departmentsExecuting": [{"name": "Ủy ban nhân dân cấp xã"}],
    "categoriesDetails": [{"name": "Hộ tịch"}],
    "formalityTargetType": ["Công dân Việt Nam"],
    "isWard": True,
    "isFullProcess": True,
    "executionSteps": [{"name": "Bước 1", "description": "Nộp"}],
    "executionMethods": [
        {
            "submissionMethod": "POSTAL",
            "processingTime": 5,
            "processingTimeUnit": "DAY",
            "description": "Ghi chú",
            "fees": [{"type": "FEE", "value": 20000, "description": "Lần đầu"}],
        }
    ],
    "cases": [
        {
            "name": "Cấp mới",
            "profileComponents": [
                {"name": "Đơn", "originalQty": 2, "copyQty": 1, "attachments": []}
            ],
        }
    ],
    "legalBasisesDetails": [{"code": "60/2014/QH13", "name": "Luật Hộ tịch"}],
    "resultsDetails": [{"code": "KQ.1", "name": "Giấy khai sinh"}],
}
ROW = {
    "stt": 3,
    "ma_tthc": "1.001193.000.00.00.H37",
    "muc_do_dvc": "Toàn trình",
    "ten_tthc": "Đăng ký khai sinh",
    "linh_vuc": "[STP] - Hộ tịch",
    "quyet_dinh": "335 /QĐ- UBND",
    "ma_goc": "1.001193",
    "portal_link": "http://dichvucong.langson.gov.vn/1",
}


def write_lines(path: Path, records: Iterable[object]) -> Path:
    text = "\n".join(
        r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records
    )
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def read(path: Path) -> tuple[list[SourceRecord], list[Rejection]]:
    items = list(open_source(path))
    return (
        [item for item in items if isinstance(item, SourceRecord)],
        [item for item in items if isinstance(item, Rejection)],
    )


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.properties.created = dt.datetime(2025, 4, 24, 8)
    book.save(path)
    return path


SHIPPED = """
# Đăng ký khai sinh
code: {code}
name: Đăng ký khai sinh
levels: [commune]
methods:
  - {{kind: direct, name: Trực tiếp, time: 1 ngày, fees: [{{amount: 0, verbatim: Miễn phí}}]}}
source: {{url: https://dichvucong.gov.vn/1, date: 2026-07-18}}
"""
