"""One made-up block of every type, and long ones, as channels see them."""

from bot.replies import PublicBlock, PublicChoices, PublicOption
from knowledge.blocks import (
    CaseRows,
    ComponentRow,
    ComponentsBlock,
    ContactBlock,
    DossierBlock,
    FeeRow,
    FeeTableBlock,
    FigureRow,
    FiguresBlock,
    ListBlock,
    NoticeBlock,
    ProcedureBlock,
    RuleArticleBlock,
    SourceLine,
    StepRow,
    StepsBlock,
    TextBlock,
    TimelineRow,
)

SOURCE = SourceLine(
    code="9.900001",
    decision="12/QĐ-THU",
    origin="Danh mục dùng để thử",
    url="https://example.org/9.900001",
    date="2026-07-01",
)
LONG_LABEL = (
    "Đăng ký khai sinh cho trẻ em sinh ra ở nước ngoài chưa được đăng ký khai sinh về cư trú "
    "tại Việt Nam theo thủ tục dùng để thử"
)


def option(number: int, label: str, detail: str = "") -> PublicOption:
    return PublicOption(label=label, detail=detail, id=f"AbCdEfGhIj-_.{number}")


SAMPLES: dict[str, PublicBlock] = {
    "text": TextBlock(
        title="Điều kiện", text="Đoạn một, dòng một.\nDòng hai.\n\nĐoạn hai.", source=SOURCE
    ),
    "text_folded": TextBlock(title="Điều kiện", text="Đoạn một.\n\nĐoạn hai.", folded=True),
    "text_marked": TextBlock(
        title="Phần nói về điều bạn hỏi", text='<b>a</b> & "b" <script>', marked=True
    ),
    "procedure": ProcedureBlock(
        code="9.900001",
        name="Đăng ký khai sinh",
        level="Cấp xã",
        field="Hộ tịch",
        facts=[("Phí, lệ phí", "Không thu khi đúng hạn"), ("Thời hạn", "Ngay trong ngày")],
        url="https://example.org/9.900001",
        warning="Dữ liệu này được làm ra để thử.",
        source=SOURCE,
    ),
    "procedure_online": ProcedureBlock(
        code="9.900001",
        name="Đăng ký khai sinh",
        level="Cấp xã",
        field="Hộ tịch",
        url="https://example.org/9.900001",
        online=True,
        source=SOURCE,
    ),
    "fee_table": FeeTableBlock(
        title="Phí và thời hạn",
        rows=[
            FeeRow(
                method="Trực tiếp",
                time="Trong ngày",
                fees=["Lệ phí: 0 đồng (đúng hạn)", "Lệ phí: 5.000 đồng (quá hạn)"],
                note="Miễn cho hộ nghèo.\nXuất trình giấy xác nhận.",
            ),
            FeeRow(method="Bưu chính", time="", fees=[]),
        ],
        extra=["Mức thu do nơi nhận niêm yết."],
        source=SOURCE,
    ),
    "components": ComponentsBlock(
        title="Giấy tờ phải nộp",
        cases=[
            CaseRows(
                name="Nộp trực tiếp",
                rows=[
                    ComponentRow(
                        name="Tờ khai theo mẫu",
                        originals=1,
                        copies=2,
                        form_name="Mẫu số 01",
                        form_url="https://example.org/mau-01.docx",
                    ),
                    ComponentRow(name="Giấy ủy quyền\n(nếu nhờ người khác)", quantity="01 bộ"),
                    ComponentRow(name="Đơn", form_name="Mẫu", form_url="javascript:alert(1)"),
                ],
            ),
            CaseRows(name="Nộp trực tuyến", rows=[ComponentRow(name="Bản chụp")], folded=True),
        ],
        extra=["Người nộp xuất trình giấy tờ tùy thân."],
        source=SOURCE,
    ),
    "steps": StepsBlock(
        title="Các bước",
        steps=[
            StepRow(name="Bước 1:", text="Chuẩn bị giấy tờ.\nKiểm tra chữ ký."),
            StepRow(text="Nhận kết quả."),
        ],
        source=SOURCE,
    ),
    "list": ListBlock(
        title="Căn cứ pháp lý",
        items=[("60/2014/THU", "Luật dùng để thử"), ("Cổng", "https://example.org/can-cu")],
        source=SOURCE,
    ),
    "choices": PublicChoices(
        text="Có ba thủ tục gần với câu hỏi, bạn chọn:",
        options=[
            option(0, "Đăng ký khai sinh", "Cấp xã · Hộ tịch"),
            option(1, LONG_LABEL, "Cấp xã · Hộ tịch"),
            option(2, "Đăng ký lại khai sinh"),
        ],
    ),
    "contact": ContactBlock(
        text="Nơi có thể giúp bạn:",
        lines=[("Gặp trực tiếp", "Bộ phận một cửa"), ("Cổng", "https://example.org/")],
    ),
    "notice": NoticeBlock(text="Thủ tục này có thể đã thay đổi.", level="warning"),
    "dossier": DossierBlock(
        code="H37.12-260601-0005",
        procedure="Thủ tục dùng để thử",
        agency="Xã dùng để thử",
        status="Cần bổ sung giấy tờ",
        meaning="Nơi nhận hồ sơ đang chờ bạn nộp thêm giấy tờ.",
        due="Hẹn trả ngày 10/07/2026, quá hạn 2 ngày làm việc.",
        late=True,
        next_steps=["Nộp thêm tờ khai.", "Hỏi nơi nhận."],
        timeline=[
            TimelineRow(label="Tiếp nhận", when="01/06/2026", state="done"),
            TimelineRow(label="Bổ sung", state="now"),
            TimelineRow(label="Trả kết quả", when="10/07/2026", state="todo"),
        ],
        as_of="Theo hệ thống thử, lúc 08:00 ngày 02/06/2026.",
    ),
    "rule_article": RuleArticleBlock(
        address="Khoản 2 Điều 15 335/QĐ-THU",
        document="Quy chế dùng để thử",
        number="335/QĐ-THU",
        article="15",
        heading="Trả kết quả",
        clause="2",
        lead="Khi trả kết quả, công chức một cửa:",
        text="2. Mời người nhận ký sổ <b>theo mẫu</b>.",
        force="Có hiệu lực từ 01/07/2026",
        notes=["Văn bản mẫu, dùng để thử."],
        url="https://example.org/335",
    ),
    "figures": FiguresBlock(
        title="Hồ sơ của Xã dùng để thử",
        unit="H37.12",
        columns=["Tiếp nhận", "Đang quá hạn"],
        rows=[
            FigureRow(name="Tất cả", values=["12", "3"]),
            FigureRow(name="Hộ tịch", values=["không rõ", "3"]),
        ],
        as_of="Theo hệ thống thử, lúc 08:00 ngày 02/06/2026.",
    ),
}
SUGGESTIONS = [option(9, "Nộp ở đâu?"), PublicOption(label="Làm khai sinh cần giấy tờ gì?")]
