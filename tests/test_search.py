"""Search over the shipped catalogue with the served encoder and a real index."""

import json
from pathlib import Path

import pytest

from knowledge import everyday
from knowledge import index as index_files
from knowledge.deciding import Decision
from knowledge.encoder import Encoder
from knowledge.errors import OperatorError
from knowledge.evaluate import evaluate, interval
from knowledge.index_versions import current_version
from knowledge.records import Procedure, Section, SectionKey, Source
from knowledge.search import RankedQuestions
from knowledge.service import Knowledge
from knowledge.store import CatalogueStore
from knowledge.text.folding import fold, words

ASKED = [
    ("làm khai sinh cho con cần giấy tờ gì", "1.001193"),
    ("đăng ký tạm trú", "1.004194"),
    ("mất bằng lái xe làm lại ở đâu", "3.000348"),
    ("mẹ tôi mới mất, cần làm giấy báo tử", "1.000656"),
]


@pytest.mark.parametrize(("question", "code"), ASKED)
def test_everyday_questions_find_their_procedure(
    knowledge: Knowledge, question: str, code: str
) -> None:
    assert knowledge.search(question).results[0].code == code


@pytest.mark.parametrize(("question", "code"), ASKED)
def test_unaccented_questions_find_the_same(knowledge: Knowledge, question: str, code: str) -> None:
    assert knowledge.search(fold(question)).results[0].code == code


def test_a_question_without_subject_has_none(knowledge: Knowledge) -> None:
    assert knowledge.search("hết bao nhiêu tiền").subject == ""


def test_nonsense_is_not_answered(knowledge: Knowledge) -> None:
    assert knowledge.search("asdf qwer zxcv").decision is not Decision.ANSWER


def test_level_and_field_keep_only_what_they_name(knowledge: Knowledge) -> None:
    found = knowledge.search("đăng ký", level="commune", field="Hộ tịch", limit=20).results
    assert found
    assert all("commune" in hit.level and hit.field == "Hộ tịch" for hit in found)
    assert knowledge.search("đăng ký", field="Không có lĩnh vực này").results == []


def test_every_shipped_name_finds_itself(knowledge: Knowledge) -> None:
    procedures = list(knowledge._store.all_procedures())
    lost = [
        procedure.name
        for procedure in procedures
        if procedure.code not in [hit.code for hit in knowledge.search(procedure.name).results[:3]]
    ]
    assert len(lost) <= len(procedures) // 100, lost


# --- index files -------------------------------------------------------------------------------


def _procedure(code: str, name: str) -> Procedure:
    source = Source(kind="shipped")
    section = Section(verbatim=f"Các bước của {name}", source=source)
    return Procedure(code=code, name=name, sections={SectionKey.STEPS: section})


class CountingEncoder:
    """Counts the texts that the real encoder is asked to encode."""

    def __init__(self, inner: Encoder) -> None:
        self._inner, self.id, self.dim, self.encoded = inner, inner.id, inner.dim, 0

    def encode_queries(self, texts: list[str]):  # type: ignore[no-untyped-def]
        return self._inner.encode_queries(texts)

    def encode_passages(self, texts: list[str]):  # type: ignore[no-untyped-def]
        self.encoded += len(texts)
        return self._inner.encode_passages(texts)


def _build(folder: Path, procedures: list[Procedure], encoder: Encoder) -> index_files.Manifest:
    return index_files.build(
        procedures, {}, encoder, folder, lambda done, total: None, lambda version: None
    )


def test_unchanged_records_are_not_encoded_again(tmp_path: Path, encoder: Encoder) -> None:
    counting = CountingEncoder(encoder)
    first = [_procedure("1.000001", "Đăng ký kết hôn"), _procedure("1.000002", "Tách thửa đất")]
    _build(tmp_path, first, counting)
    _build(tmp_path, [*first, _procedure("1.000003", "Cấp lại giấy phép lái xe")], counting)
    assert counting.encoded == 3


def test_the_old_index_serves_until_the_new_one_is_whole(tmp_path: Path, encoder: Encoder) -> None:
    _build(tmp_path, [_procedure("1.000001", "Đăng ký kết hôn")], encoder)
    serving = current_version(tmp_path)

    class BrokenEncoder(CountingEncoder):
        def encode_passages(self, texts: list[str]):  # type: ignore[no-untyped-def]
            raise MemoryError

    with pytest.raises(MemoryError):
        _build(tmp_path, [_procedure("1.000002", "Tách thửa đất")], BrokenEncoder(encoder))
    assert current_version(tmp_path) == serving
    assert index_files.load(tmp_path).facts[0].code == "1.000001"


def test_an_index_that_does_not_match_its_manifest_is_refused(
    tmp_path: Path, encoder: Encoder
) -> None:
    _build(tmp_path, [_procedure("1.000001", "Đăng ký kết hôn")], encoder)
    manifest = tmp_path / (current_version(tmp_path) or "") / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"entries": 7}))
    with pytest.raises(OperatorError, match="does not match its manifest"):
        index_files.load(tmp_path)


def test_a_broken_index_says_what_to_do(tmp_path: Path, encoder: Encoder) -> None:
    _build(tmp_path, [_procedure("1.000001", "Đăng ký kết hôn")], encoder)
    (tmp_path / (current_version(tmp_path) or "") / "dense.faiss").write_bytes(b"x")
    with pytest.raises(OperatorError, match="assistant index"):
        index_files.load(tmp_path)


def test_a_missing_index_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="assistant index"):
        index_files.load(tmp_path / "nothing")


def test_a_single_procedure_can_be_searched(tmp_path: Path, encoder: Encoder) -> None:
    _build(tmp_path, [_procedure("1.000001", "Đăng ký kết hôn")], encoder)
    ranking = RankedQuestions(index_files.load(tmp_path), encoder)
    _, ranked, _ = ranking.rank("đăng ký kết hôn")
    assert list(ranked.rows) == [0]


def test_an_added_alias_is_live_without_building_the_index_again(
    tmp_path: Path, shipped_database: str, cache_dir: Path, encoder: Encoder, knowledge: Knowledge
) -> None:
    database = tmp_path / "catalogue.db"
    database.write_bytes(Path(shipped_database.removeprefix("sqlite:///")).read_bytes())
    store = CatalogueStore.open(f"sqlite:///{database}")
    mine = Knowledge(store, encoder, cache_dir / "index")
    store.add_alias("1.004194", "xin cái phiếu zuk")
    assert mine.reload_if_newer()
    assert not mine.reload_if_newer()
    assert mine.search("xin cái phiếu zuk").results[0].code == "1.004194"
    assert store.remove_alias("1.004194", "xin cái phiếu zuk")
    assert mine.reload_if_newer()


# --- evaluation --------------------------------------------------------------------------------


def test_evaluation_prints_the_agreed_keys(tmp_path: Path, knowledge: Knowledge) -> None:
    rows = [
        {"question": "làm khai sinh cho con", "expected_code": "1.001193", "behavior": "answer"},
        {"question": "bao nhiêu tiền", "expected_code": "1.004194",
         "history": [{"role": "user", "text": "đăng ký tạm trú"}]},
        {"question": "đăng ký tạm trú", "expected_procedure_title": "Đăng ký tạm trú"},
        {"question": "asdf qwer", "behavior": "chitchat"},
    ]  # fmt: skip
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    measures = evaluate(file, knowledge.search)
    agreed = {"n", "r1", "r3", "r5", "r10", "mrr", "f2", "decision", "false_answers", "p50_ms"}
    assert agreed | {"p95_ms", "r1_ci", "decision_ci"} <= set(measures)
    assert (measures["n"], measures["labelled"], measures["r1"]) == (4, 3, 1.0)
    assert evaluate(file, knowledge.search, "folded")["r1"] == 1.0


def test_a_broken_question_file_names_its_line(tmp_path: Path, knowledge: Knowledge) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "a"}\n{"quest', "utf-8")
    with pytest.raises(OperatorError, match=r"questions\.jsonl:2"):
        evaluate(file, knowledge.search)


def test_an_interval_holds_the_mean() -> None:
    low, high = interval([1.0] * 30 + [0.0] * 10) or [1, 0]
    assert low < 0.75 < high
    assert interval([]) is None


def test_real_everyday_questions_are_found(
    real_data: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    """Over the shipped catalogue only the questions whose procedure it has can be asked."""
    lines = (real_data / "questions" / "govease_intake.jsonl").read_text("utf-8").splitlines()
    known = [line for line in lines if knowledge.procedure(json.loads(line)["expected_code"])]
    file = tmp_path / "known.jsonl"
    file.write_text("\n".join(known), "utf-8")
    measures = evaluate(file, knowledge.search)
    assert measures["n"] >= 40
    assert measures["r3"] >= 0.85


# Over the shipped catalogue, measured 2026-11-24: R@1 .82, R@3 .93, decision .89, refused .02,
# negatives answered .04 (folded the same within 3 points). Five points of tolerance.
@pytest.mark.parametrize("noise", [None, "folded"])
def test_quality_does_not_fall(tmp_path: Path, knowledge: Knowledge, noise: str | None) -> None:
    source = Path(__file__).resolve().parents[1] / "benchmarks/questions/everyday-dev.jsonl"
    kept = []
    for line in source.read_text("utf-8").splitlines():
        row = json.loads(line)
        codes = {row.get("expected_code"), *(row.get("acceptable_codes") or [])} - {None}
        if not codes or any(knowledge.procedure(code) for code in codes):
            kept.append(line)
    file = tmp_path / "slice.jsonl"
    file.write_text("\n".join(kept), "utf-8")
    measures = evaluate(file, knowledge.search, noise)
    assert measures["n"] >= 180
    assert measures["r1"] >= 0.76
    assert measures["r3"] >= 0.88
    assert measures["decision"] >= 0.81
    assert measures["refused"] <= 0.08
    assert measures["negatives_answered"] <= 0.10


def test_no_training_question_is_an_evaluation_question() -> None:
    """Near-duplicates count: the same folded words, or four fifths of them shared."""
    folder = Path(__file__).resolve().parents[1] / "benchmarks/questions"
    asked = [
        frozenset(words(json.loads(line)["question"]))
        for file in sorted(folder.glob("everyday-*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    trained = [frozenset(words(row.say)) for row in everyday.decisions()]
    near = [
        sorted(question)
        for question in asked
        if len(question) >= 5
        and any(len(question & other) >= 0.8 * len(question | other) for other in trained)
    ]
    assert near == []
