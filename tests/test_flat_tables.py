"""Run-together tables: each parser places what it is sure of and gives back every character."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.importers import open_source
from knowledge.importers.flat_components import parse_components
from knowledge.importers.flat_legal import parse_legal_bases
from knowledge.importers.flat_methods import parse_methods
from knowledge.importers.flat_results import parse_results
from knowledge.importers.flat_steps import parse_steps
from knowledge.importers.flat_tables import PARSERS, read_table
from knowledge.importers.page_sections import sections_of_page
from knowledge.importers.pieces import UNPLACED, Piece, lost_characters
from knowledge.parse_report import parse_report
from knowledge.records import MethodKind, ParseState, Rejection, SectionKey

METHODS = "Hình thức nộpThời gianPhí, lệ phíMô tả"
COMPONENTS = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
LEGAL = "Tên văn bản pháp lýMã văn bản"
BUTTONS = (
    "Chọn cơ quan thực hiệnTỉnh/ Thành phốBộ ngành-- Chọn Bộ ngành --Đơn vị-- Chọn Cơ sở --"
    "Nộp hồ sơ"
)
SHAPES = [
    METHODS,
    COMPONENTS,
    LEGAL,
    BUTTONS,
    *(
        "Trực tuyến",
        "Trực tiếp",
        "Dịch vụ bưu chính",
        "Miễn phí",
        "Không có thông tin",
        "--",
    ),
    *(
        "5 Ngày làm việc",
        "1",
        "12.5 Ngày",
        "20,000 Việt Nam Đồng",
        "125 VNĐ",
        "(",
        ")",
        "(a)",
        "b) ",
    ),
    *(
        "1 bản chính",
        ",1 bản sao",
        "0 bản chính",
        "Mẫu số 01.docx",
        "Tờ khai theo mẫu",
        "PhlcII.doc",
    ),
    *(
        "Luật Hộ tịch",
        "60/2014/QH13",
        "Nghị định số 123/2015/NĐ-CP",
        " ngày 15/11/2015",
        "2024",
    ),
    *(
        "Mã: ",
        "KQ.G01.000015",
        "Từ khóa",
        "Mô tả",
        "Bước 1: ",
        "\nBước 2. ",
        "a) ",
        "\n",
        " ",
        "\t",
    ),
]


def unplaced(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.kind == UNPLACED]


def test_method_row_has_time_fee_and_note() -> None:
    methods, pieces = parse_methods(
        f"{METHODS}Trực tuyến5 Ngày làm việcMiễn phíNộp trên cổng.Dịch vụ bưu chính10 Ngày"
        "20,000 Việt Nam Đồng(Lệ phí cấp giấy (lần đầu))Trực tiếpKhông có thông "
        "tinKhông có thông tin"
    )
    online, postal, direct = methods
    assert (online.kind, online.time, online.note) == (
        MethodKind.ONLINE,
        "5 Ngày làm việc",
        "Nộp trên cổng.",
    )
    assert (online.fees[0].amount, online.fees[0].verbatim) == (0, "Miễn phí")
    assert postal.fees[0].amount == 20_000
    assert postal.fees[0].verbatim == "20,000 Việt Nam Đồng(Lệ phí cấp giấy (lần đầu))"
    assert (direct.kind, direct.time, direct.fees) == (MethodKind.DIRECT, "", [])
    assert not unplaced(pieces)


def test_method_named_inside_a_note_starts_no_row() -> None:
    methods, _ = parse_methods(
        f"{METHODS}Trực tiếp3 NgàyMiễn phíNộp Trực tuyến hoặc Trực tiếp; Dịch vụ bưu "
        "chính: gửi đến Sở."
        " Trực tuyến4 NgàyMiễn phí"
    )
    assert [(method.name, method.time) for method in methods] == [
        ("Trực tiếp", "3 Ngày"),
        ("Trực tuyến", "4 Ngày"),
    ]


def test_time_without_unit_is_told_from_the_amount_where_one_reading_is_left() -> None:
    methods, pieces = parse_methods(f"{METHODS}Trực tuyến1100,000 VNĐTrực tiếp1100 VNĐ")
    assert [(method.time, method.fees[0].verbatim) for method in methods] == [
        ("1", "100,000 VNĐ"),
        ("1", "100 VNĐ"),
    ]
    assert not unplaced(pieces)


def test_time_run_into_an_amount_is_told_by_the_other_rows_or_stays_unplaced() -> None:
    told, pieces = parse_methods(f"{METHODS}Trực tuyến1Miễn phíTrực tiếp125 VNĐ")
    assert told[1].time == "1" and told[1].fees[0].verbatim == "25 VNĐ"
    assert not unplaced(pieces)
    doubtful, pieces = parse_methods(f"{METHODS}Trực tiếp125 VNĐ")
    assert (doubtful[0].time, doubtful[0].fees) == ("", [])
    assert unplaced(pieces) == ["125 VNĐ"]


def test_mistyped_and_described_amounts_are_not_taken_as_numbers() -> None:
    methods, _ = parse_methods(
        f"{METHODS}Trực tiếp5 Ngày135 VNĐ(135.000 đồng/lần)Trực tuyến5 NgàyMiễn phí(Mức "
        "thu: 3.000 đồng)"
        "Dịch vụ bưu chính5 NgàyMiễn phí(Không quy định.)"
    )
    assert [method.fees[0].amount for method in methods] == [None, None, 0]


def test_fee_description_without_an_end_stays_unplaced_with_its_note() -> None:
    methods, pieces = parse_methods(
        f"{METHODS}Trực tiếp5 Ngày50,000 VNĐ(đồng (Miễn từ 01/7)30 ngày"
    )
    assert methods[0].fees[0].verbatim == "50,000 VNĐ"
    assert unplaced(pieces) == ["(đồng (Miễn từ 01/7)30 ngày"]


def test_enumerators_close_no_fee_description() -> None:
    methods, _ = parse_methods(
        f"{METHODS}Trực tiếp5 NgàyMiễn phí(a) Cấp mới: 10.000; b) Cấp lại)Nộp tại Sở"
    )
    assert methods[0].fees[0].verbatim == "Miễn phí(a) Cấp mới: 10.000; b) Cấp lại)"
    assert methods[0].note == "Nộp tại Sở"


def test_components_have_counts_and_forms() -> None:
    cases, pieces = parse_components(
        f"--{COMPONENTS}Tờ khai theo mẫu quy địnhMẫu số 01.docx1 bản chínhGiấy chứng "
        "sinh1 bản chính,2 bản sao"
        "Bản sao hộ chiếu theo Thông tư số 04/2020/TT-BTPMẫu 2.docPhụ lục 3.pdf0 bản "
        "chính,1 bản sao"
    )
    parts = cases[0].components
    assert [(p.name, p.form_name, p.originals, p.copies) for p in parts] == [
        ("Tờ khai theo mẫu quy định", "Mẫu số 01.docx", 1, 0),
        ("Giấy chứng sinh", "", 1, 2),
        (
            "Bản sao hộ chiếu theo Thông tư số 04/2020/TT-BTP",
            "Mẫu 2.doc; Phụ lục 3.pdf",
            0,
            1,
        ),
    ]
    assert not unplaced(pieces)


def test_cases_are_named_by_what_stands_between_tables() -> None:
    cases, _ = parse_components(
        f"* Giấy tờ phải nộp:{COMPONENTS}Tờ khai1 bản chính * Giấy tờ phải xuất trình:{COMPONENTS}"
        "Thẻ căn cước0 bản chính"
    )
    assert [(case.name, len(case.components)) for case in cases] == [
        ("* Giấy tờ phải nộp:", 1),
        ("* Giấy tờ phải xuất trình:", 1),
    ]


def test_counts_inside_names_are_part_of_the_name() -> None:
    cases, _ = parse_components(
        f"--{COMPONENTS}01 bản chính đơn đề nghị (01 bản chính hoặc bản sao): 02 bản "
        "chính;1 bản chính"
        "Giấy tờ theo Nghị định ngày 25/6/20241 bản chính"
    )
    assert [part.name for part in cases[0].components] == [
        "01 bản chính đơn đề nghị (01 bản chính hoặc bản sao): 02 bản chính;",
        "Giấy tờ theo Nghị định ngày 25/6/2024",
    ]


@pytest.mark.parametrize(
    ("row", "form"),
    [
        (
            "Đơn theo Mẫu số 10.QLT Phụ lục IA;Mẫu số 10.QLT. nhập khẩu.docx",
            "Mẫu số 10.QLT. nhập khẩu.docx",
        ),
        ("Tờ khai (Mẫu CT01).1.MuCT01theoThng53 (3).doc", "1.MuCT01theoThng53 (3).doc"),
        (
            "Báo cáo theo Phụ lục II Thông tư số 21/2015/TT-BNNPTNTPhlcII.docx",
            "PhlcII.docx",
        ),
        ("Hồ sơ có xác nhận trên VNeID của công dân;Tờ khai.doc", "Tờ khai.doc"),
        (
            "Đơn đề nghị bãi bỏ theo quy định1.4. Don de nghi.docx",
            "1.4. Don de nghi.docx",
        ),
    ],
)
def test_form_file_is_told_from_the_component(row: str, form: str) -> None:
    cases, _ = parse_components(f"--{COMPONENTS}{row}1 bản chính")
    assert cases[0].components[0].form_name == form
    assert cases[0].components[0].name + form == row


def test_form_file_that_cannot_be_told_apart_stays_in_the_name() -> None:
    table = read_table(
        SectionKey.COMPONENTS, f"--{COMPONENTS}đơn xin phépđơn 1,2,3.docx1 bản chính"
    )
    assert table.state in (ParseState.FULL, ParseState.PARTIAL)
    doubtful = read_table(
        SectionKey.COMPONENTS, f"--{COMPONENTS}theo quy địnhon_de_nghi.docx1 bản chính"
    )
    assert doubtful.state is ParseState.PARTIAL
    assert doubtful.rows[0].components[0].name == "theo quy địnhon_de_nghi.docx"  # type: ignore[union-attr]


def test_text_without_a_table_is_unplaced() -> None:
    table = read_table(SectionKey.COMPONENTS, "Nộp hồ sơ tại cơ quan đăng ký.")
    assert (table.state, table.unplaced) == (
        ParseState.NONE,
        ["Nộp hồ sơ tại cơ quan đăng ký."],
    )


def test_legal_bases_have_name_and_number() -> None:
    bases, pieces = parse_legal_bases(
        f"{LEGAL}Luật Hộ tịch60/2014/QH13Nghị định số 123/2015/NĐ-CP ngày 15/11/2015 của Chính phủ"
        "123/2015/NĐ-CPThông tư 85/2019/TT-BTC85/2019/TT-BTCLuật Đất đai ngày "
        "18/01/202431/2024/QH15"
        "Luật Các tổ chức tín dụngLuật số 32/2024/QH15Nghị quyết về cắt giảm66.7/2025/NQ-CP"
    )
    assert [(basis.name, basis.number) for basis in bases] == [
        ("Luật Hộ tịch", "60/2014/QH13"),
        ("Nghị định số 123/2015/NĐ-CP ngày 15/11/2015 của Chính phủ", "123/2015/NĐ-CP"),
        ("Thông tư 85/2019/TT-BTC", "85/2019/TT-BTC"),
        ("Luật Đất đai ngày 18/01/2024", "31/2024/QH15"),
        ("Luật Các tổ chức tín dụng", "Luật số 32/2024/QH15"),
        ("Nghị quyết về cắt giảm", "66.7/2025/NQ-CP"),
    ]
    assert not unplaced(pieces)


def test_numbers_of_laws_that_follow_each_other_are_told_apart() -> None:
    bases, _ = parse_legal_bases(
        f"{LEGAL}Luật Nhà ở số 27/2023/QH1527/2023/QH15Pháp lệnh "
        "26/2005/PL-UBTVQH1126/2005/PL-UBTVQH11"
    )
    assert [basis.number for basis in bases] == ["27/2023/QH15", "26/2005/PL-UBTVQH11"]


def test_legal_basis_that_hides_the_end_of_another_stays_unplaced() -> None:
    bases, pieces = parse_legal_bases(f"{LEGAL}Luật A58/2024Quy định về phân định151/2025/NĐ-CP")
    assert bases == []
    assert unplaced(pieces) == ["Luật A58/2024Quy định về phân định151/2025/NĐ-CP"]


def test_results_have_codes_and_buttons_are_chrome() -> None:
    results, pieces = parse_results(
        "Giấy chứng nhận đăng ký xeMã: KQ.G01.000014Biển số xeMã: KQ.G01.000015"
        f"Từ khóaKhông có thông tinMô tảKhông có thông tin{BUTTONS}"
    )
    assert [(result.name, result.code) for result in results] == [
        ("Giấy chứng nhận đăng ký xe", "KQ.G01.000014"),
        ("Biển số xe", "KQ.G01.000015"),
    ]
    assert [piece.text for piece in pieces if piece.kind == "chrome"] == [BUTTONS]
    assert not unplaced(pieces)


def test_keywords_are_the_note_of_one_result_and_unplaced_for_several() -> None:
    one, _ = parse_results("Thẻ căn cướcMã: KQ.G01.000023Từ khóaCấp lại thẻMô tảKhông có thông tin")
    assert one[0].note == "Cấp lại thẻ"
    several, pieces = parse_results("AMã: KQ.G01.000023BMã: KQ.G01.000024Từ khóaCấp lại thẻMô tảx")
    assert [result.note for result in several] == ["", ""]
    assert unplaced(pieces) == ["Cấp lại thẻ", "x"]


def test_steps_are_cut_at_their_labels() -> None:
    steps, _ = parse_steps(
        "Nộp tại Sở.\nBước 1: Nộp hồ sơ.\n- Theo mẫu.\n- Bước 2. Nhận kết quả tại bước 1."
    )
    assert [(step.name, step.text) for step in steps] == [
        ("", "Nộp tại Sở."),
        ("Bước 1", "Nộp hồ sơ.\n- Theo mẫu."),
        ("Bước 2", "Nhận kết quả tại bước 1."),
    ]


def test_heading_before_a_new_count_is_a_step_without_a_name() -> None:
    steps, _ = parse_steps(
        "Bước 1: A.\nBước 2: B.\nTrường hợp cấp lại: a) Bước 1. C.\nb) Bước 2. D."
    )
    assert [(step.name, step.text) for step in steps] == [
        ("Bước 1", "A."),
        ("Bước 2", "B."),
        ("", "Trường hợp cấp lại:"),
        ("a) Bước 1", "C."),
        ("b) Bước 2", "D."),
    ]


def test_steps_without_labels_are_one_step() -> None:
    steps, pieces = parse_steps("- Nộp hồ sơ.\n- Nhận kết quả.")
    assert [step.text for step in steps] == ["- Nộp hồ sơ.\n- Nhận kết quả."]
    assert not unplaced(pieces)


def test_page_is_cut_at_headings_and_not_at_their_words_in_running_text() -> None:
    cut = sections_of_page(
        "Tên thủ tụcXTrình Tự Thực Hiện Lập hồ sơ theo mục 5 (Thành phần hồ sơ).Cách "
        f"Thức Thực Hiện{METHODS}"
        "Trực tiếp1 NgàyMiễn phí(Căn cứ pháp lý: Luật A)Thành phần hồ "
        f"sơ--{COMPONENTS}Đơn1 bản chính"
        f"Căn cứ pháp lý{LEGAL}Luật Hộ tịch60/2014/QH13Cơ quan thực hiệnSở Tư pháp"
        "Yêu cầu, điều kiện thực hiệnKhông có thông tinKết quả xử lýGiấyMã: KQ.G01.000001"
    )
    assert cut is not None
    assert cut["trinh_tu_thuc_hien"].strip() == "Lập hồ sơ theo mục 5 (Thành phần hồ sơ)."
    assert cut["thanh_phan_ho_so"] == f"--{COMPONENTS}Đơn1 bản chính"
    assert cut["can_cu_phap_ly"] == f"{LEGAL}Luật Hộ tịch60/2014/QH13"
    assert sections_of_page("Trình Tự Thực Hiện ...") is None


@given(st.lists(st.sampled_from(SHAPES) | st.text(max_size=12), max_size=25).map("".join))
def test_no_parser_loses_a_character(text: str) -> None:
    for key in PARSERS:
        table = read_table(key, text)
        assert lost_characters(text, table.pieces) == 0
        assert all(text[piece.start : piece.end] == piece.text for piece in table.pieces)
        ends = [0, *(piece.end for piece in table.pieces)]
        assert all(end <= piece.start for end, piece in zip(ends, table.pieces, strict=False))


@given(st.text())
def test_no_parser_fails_on_arbitrary_text(text: str) -> None:
    for key in PARSERS:
        assert lost_characters(text, read_table(key, text).pieces) == 0
    sections_of_page(text)


def test_lost_characters_are_counted() -> None:
    assert lost_characters("ab cd", [Piece("x", "ab", 0, 2), Piece("x", "c d", 3, 5)]) == 0
    assert lost_characters("abcd", [Piece("x", "ab", 0, 2)]) == 2
    assert lost_characters("abcd", [Piece("x", "ad", 0, 2), Piece("x", "cb", 2, 4)]) == 3


def test_every_real_page_is_placed_with_no_character_lost(
    real_data: Path,
) -> None:
    records = [
        record
        for record in open_source(real_data / "catalogue" / "dichvucong-2026-07.jsonl.xz")
        if not isinstance(record, Rejection)
    ]
    report = parse_report(records)
    assert report.records["portal_pages"] == 2_625
    assert report.lost == 0
    least = {
        "channels": 2_580,
        "components": 2_540,
        "legal_basis": 2_420,
        "results": 2_580,
    }
    for (_, key), count in report.sections.items():
        assert count.full >= least.get(key, 0), key
