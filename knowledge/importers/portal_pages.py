"""Pages of the national portal as crawled: flat text fields, tables run together.

One JSON object a line: ma_thu_tuc, detail_url, formality_id, ten_thu_tuc, so_quyet_dinh,
cap_thuc_hien, loai_thu_tuc, linh_vuc, doi_tuong_thuc_hien, the agency fields, and one text field
for each table (``knowledge.importers.flat_tables`` reads those), raw_text, _ministry.
"""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.importers.flat_components import NO_CASE
from knowledge.importers.flat_tables import PARSERS, Table, read_table
from knowledge.importers.naming import date_in_name
from knowledge.importers.page_sections import sections_of_page, without_chrome
from knowledge.importers.portal_terms import FILLER, PORTAL_PAGES, levels_named, tidy
from knowledge.importers.reading import Document, documents
from knowledge.records import (
    ParseState,
    Procedure,
    Rejection,
    Section,
    SectionKey,
    Source,
    SourceRecord,
)

MINISTRIES = {
    "bo-cong-an": "Bộ Công an",
    "bo-nong-nghiep-mt": "Bộ Nông nghiệp và Môi trường",
    "bo-tai-chinh": "Bộ Tài chính",
    "bo-tu-phap": "Bộ Tư pháp",
    "bo-xay-dung": "Bộ Xây dựng",
    "ngan-hang-nha-nuoc": "Ngân hàng Nhà nước Việt Nam",
}
SECTION_FIELDS = {
    SectionKey.COMPONENTS: "thanh_phan_ho_so",
    SectionKey.CHANNELS: "cach_thuc_thuc_hien",
    SectionKey.STEPS: "trinh_tu_thuc_hien",
    SectionKey.LEGAL_BASIS: "can_cu_phap_ly",
    SectionKey.RESULTS: "ket_qua_xu_ly",
    SectionKey.CONDITIONS: "yeu_cau_dieu_kien",
    SectionKey.AGENCY: "co_quan_thuc_hien",
    SectionKey.AUDIENCE: "doi_tuong_thuc_hien",
}
SAME_TEXT = {
    SectionKey.TIME: SectionKey.CHANNELS,
    SectionKey.FEES: SectionKey.CHANNELS,
    SectionKey.FORMS: SectionKey.COMPONENTS,
}
"""Sections that stand in another one's table: they share its text and how far it was parsed."""

_AUDIENCES = re.compile(r",(?![^(]*\))")
_PAGE_CODE = re.compile(r"Mã thủ tục\s*(.{1,40}?)\s*Số quyết định")


def recognises(data: dict[str, Any]) -> bool:
    """Whether an object is of this format."""
    return "ma_thu_tuc" in data


def read(path: Path) -> Iterator[SourceRecord | Rejection]:
    """Records of a file, dated by the date in the file's name (None where it has none)."""
    date = date_in_name(path)
    for item in documents(path):
        yield item if isinstance(item, Rejection) else _record(item, path, date)


def _record(document: Document, path: Path, date: dt.date | None) -> SourceRecord | Rejection:
    data = {key: value if isinstance(value, str) else "" for key, value in document.data.items()}
    fault = _fault(data)
    if fault:
        return Rejection(file=str(path), line=document.line, reason=fault)
    source = Source(kind=PORTAL_PAGES, url=data.get("detail_url") or None, date=date)
    try:
        procedure = _procedure(data, source)
    except ValidationError as error:
        reason = f"{data['ma_thu_tuc']}: {str(error).splitlines()[0]}"
        return Rejection(file=str(path), line=document.line, reason=reason)
    return SourceRecord(source=source, line=document.line, raw=document.raw, procedure=procedure)


def _fault(data: dict[str, str]) -> str | None:
    """Why a page cannot be taken: no code, or the crawler kept another procedure's page."""
    code = tidy(data.get("ma_thu_tuc"))
    if not code:
        return "the record has no code"
    shown = _PAGE_CODE.search(data.get("raw_text") or "")
    if shown and shown.group(1) != code:
        return f"{code}: the page is that of {shown.group(1)}, its texts are not this procedure's"
    return None


def _procedure(data: dict[str, str], source: Source) -> Procedure:
    def field(name: str) -> str:
        return tidy(data.get(name))

    texts = _section_texts(data)
    tables = {key: read_table(key, texts[key]) for key in PARSERS if key in texts}
    rows: dict[str, Any] = {table.field: table.rows for table in tables.values()}
    return Procedure(
        code=field("ma_thu_tuc"),
        name=field("ten_thu_tuc"),
        portal_id=field("formality_id") or None,
        url=field("detail_url") or None,
        levels=levels_named(field("cap_thuc_hien")),
        field=field("linh_vuc"),
        decision=field("so_quyet_dinh") or None,
        kind=field("loai_thu_tuc"),
        promulgated_by=MINISTRIES.get(field("_ministry"), ""),
        audience=[part.strip() for part in _AUDIENCES.split(field("doi_tuong_thuc_hien")) if part],
        executing_agency=tidy(texts.get(SectionKey.AGENCY)),
        competent_agency=field("co_quan_co_tham_quyen"),
        receiving_address=field("dia_chi_tiep_nhan"),
        authorized_agency=field("co_quan_duoc_uy_quyen"),
        coordinating_agency=field("co_quan_phoi_hop"),
        conditions=texts.get(SectionKey.CONDITIONS, ""),
        related=_text(data.get("thu_tuc_lien_quan") or ""),
        sections=_sections(texts, tables, source),
        **rows,
    )


def _section_texts(data: dict[str, str]) -> dict[SectionKey, str]:
    """The text of each section that has one, from the page's whole text where it can be cut."""
    page = sections_of_page(data.get("raw_text") or "") or {}
    texts = {
        key: _text(page.get(name, data.get(name) or "") if page else data.get(name) or "")
        for key, name in SECTION_FIELDS.items()
    }
    texts = {
        key: text if key is SectionKey.RESULTS else without_chrome(text)
        for key, text in texts.items()
    }
    return {key: text for key, text in texts.items() if text}


def _text(text: str) -> str:
    text = text.strip()
    return "" if text in (FILLER, NO_CASE) else text


def _sections(
    texts: dict[SectionKey, str], tables: dict[SectionKey, Table], source: Source
) -> dict[SectionKey, Section]:
    sections = {}
    for key, text in texts.items():
        table = tables.get(key)
        sections[key] = Section(
            verbatim=text,
            parse=table.state if table else ParseState.FULL,
            unplaced=table.unplaced if table else [],
            source=source,
        )
    for copy, key in SAME_TEXT.items():
        if key in sections:
            sections[copy] = sections[key]
    return sections
