"""Rule documents shaped like real ones, written as DOCX and PDF when a test runs."""

from pathlib import Path

from docx import Document
from playwright.sync_api import Browser

DECISION = """QUYẾT ĐỊNH
Ban hành Quy chế tiếp công dân tại trụ sở
Căn cứ Luật Tiếp công dân;
Theo đề nghị của Chánh Văn phòng,
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Quy chế tiếp công dân tại trụ sở.
Điều 2. Quyết định này có hiệu lực kể từ ngày 01 tháng 4 năm 2026 và thay thế Quyết định số \
12/2020/QĐ-UBND ngày 03 tháng 02 năm 2020.
Điều 3. Chánh Văn phòng chịu trách nhiệm thi hành Quyết định này./.
Nơi nhận:
- Như Điều 3;
TM. ỦY BAN NHÂN DÂN
QUY CHẾ
Tiếp công dân tại trụ sở
(Ban hành kèm theo Quyết định số 77/QĐ-UBND)
Chương I
QUY ĐỊNH CHUNG
Điều 1. Phạm vi điều chỉnh
Quy chế này quy định việc tiếp công dân, lịch tiếp và trách nhiệm của người tiếp.
Mục 1. LỊCH TIẾP
Điều 2. Lịch tiếp công dân
Lịch tiếp công dân được bố trí như sau:
1. Chủ tịch tiếp định kỳ vào ngày 15 hằng tháng; nếu trùng ngày nghỉ thì chuyển sang ngày làm việc \
tiếp theo.
2. Người tiếp công dân thường xuyên có trách nhiệm:
a) Ghi đầy đủ nội dung vào sổ;
b) Hướng dẫn công dân thực hiện quyền khiếu nại, tố cáo;
đ) Báo cáo kết quả trong ngày.
Điều 3. Nơi tiếp
1. Phòng tiếp công dân.
PHỤ LỤC
Mẫu sổ tiếp công dân"""
ADDRESSES = (
    "khoản 1 Điều 2 Quy chế ban hành kèm theo Quyết định số 77/QĐ-UBND",
    "điểm đ khoản 2 Điều 2 Quy chế ban hành kèm theo Quyết định số 77/QĐ-UBND",
    "Điều 3 Quyết định số 77/QĐ-UBND",
    "Phụ lục Quyết định số 77/QĐ-UBND",
)
AMENDING = """QUYẾT ĐỊNH
Sửa đổi, bổ sung một số điều của Quy chế ban hành kèm theo Quyết định số 77/QĐ-UBND
Điều 1. Sửa đổi, bổ sung một số điều
1. Sửa đổi khoản 1 Điều 2 như sau:
“1. Chủ tịch tiếp định kỳ vào ngày 10 và ngày 25 hằng tháng.”
2. Bãi bỏ điểm b khoản 2 Điều 2.
Điều 2. Hiệu lực
Quyết định này có hiệu lực từ ngày 01 tháng 8 năm 2026."""
HEAD = (
    ("ỦY BAN NHÂN DÂN\nTỈNH LẠNG SƠN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do"),
    ("Số: {number}", "Lạng Sơn, ngày 20 tháng 3 năm 2026"),
)


def write_docx(path: Path, number: str, text: str) -> Path:
    """A decision as offices write it: the head in a table, the rest in paragraphs, then a table."""
    document = Document()
    head = document.add_table(rows=2, cols=2)
    for row, texts in zip(head.rows, HEAD, strict=True):
        for cell, said in zip(row.cells, texts, strict=True):
            cell.text = said.format(number=number)
    for line in text.split("\n"):
        document.add_paragraph(line)
    table = document.add_table(rows=2, cols=3)
    for cell, said in zip(table.rows[0].cells, ("STT", "Họ và tên", "Nội dung"), strict=True):
        cell.text = said
    document.save(str(path))
    return path


def write_pdf(browser: Browser, path: Path, number: str, text: str) -> Path:
    """The same decision printed by a browser, its lines wrapped."""
    head = "".join(f"<p>{said.format(number=number)}</p>" for row in HEAD for said in row)
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    tab = browser.new_page()
    tab.set_content(f"<html lang=vi><body style='font: 14pt serif'>{head}{body}</body></html>")
    tab.pdf(path=str(path), format="A4", margin={"left": "3cm", "right": "2cm"})
    tab.close()
    return path
