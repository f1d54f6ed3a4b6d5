"""Importing into the catalogue: all or nothing, twice is once, every version kept."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from knowledge.build import serves_province
from knowledge.catalogue import import_paths
from knowledge.errors import OperatorError
from knowledge.records import Procedure, State
from knowledge.store import CatalogueStore

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def store(tmp_path: Path) -> CatalogueStore:
    return CatalogueStore.open(f"sqlite:///{tmp_path / 'catalogue.db'}")


def _page(code: str = "1.009999", name: str = "Đăng ký nuôi ong", **fields: str) -> dict[str, str]:
    return {"ma_thu_tuc": code, "ten_thu_tuc": name, "linh_vuc": "Chăn nuôi", **fields}


def _write(path: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_importing_twice_changes_nothing(store: CatalogueStore, tmp_path: Path) -> None:
    file = _write(tmp_path / "pages.jsonl", _page(), _page("1.009998", "Cấp đất rừng"))
    first = import_paths([file], store)
    second = import_paths([file], store)
    assert (first.new, first.changed, first.same) == (2, 0, 0)
    assert (second.new, second.changed, second.same) == (0, 0, 2)


def test_a_changed_record_becomes_a_new_version(store: CatalogueStore, tmp_path: Path) -> None:
    import_paths([_write(tmp_path / "a.jsonl", _page())], store)
    report = import_paths([_write(tmp_path / "a.jsonl", _page(yeu_cau_dieu_kien="Có đất"))], store)
    assert (report.new, report.changed) == (0, 1)
    moment = store.last_change()
    assert moment is not None
    ((before, now),) = store.changed_since(moment)
    assert before is not None
    assert (before.conditions, now.conditions) == ("", "Có đất")
    assert store.count() == 1


def test_bad_lines_are_reported_and_the_rest_goes_in(store: CatalogueStore, tmp_path: Path) -> None:
    file = _write(tmp_path / "pages.jsonl", _page(), '{"ma_thu_tuc": "1.0', _page(code=""))
    report = import_paths([file], store)
    assert report.new == 1
    assert [rejection.line for rejection in report.rejected] == [2, 3]
    assert all(rejection.reason for rejection in report.rejected)


def test_an_unknown_file_changes_nothing(store: CatalogueStore, tmp_path: Path) -> None:
    good = _write(tmp_path / "pages.jsonl", _page())
    bad = _write(tmp_path / "notes.txt", {"hello": 1})
    with pytest.raises(OperatorError, match=r"notes\.txt"):
        import_paths([good, bad], store)
    assert store.count() == 0


def test_a_killed_import_leaves_the_old_catalogue(store: CatalogueStore, tmp_path: Path) -> None:
    import_paths([_write(tmp_path / "a.jsonl", _page())], store)
    rows = [_page(f"1.{number:06d}", f"Thủ tục số {number}") for number in range(5000)]
    file = _write(tmp_path / "many.jsonl", *rows)
    script = (
        "import sys; from pathlib import Path; from knowledge.catalogue import import_paths;"
        "from knowledge.store import CatalogueStore;"
        "report = lambda done: done == 1000 and print('under way', flush=True);"
        "import_paths([Path(sys.argv[2])], CatalogueStore.open(sys.argv[1]), report)"
    )
    command = [sys.executable, "-c", script, str(store.engine.url), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"under way\n"
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    time.sleep(0.1)
    assert store.count() == 1
    assert import_paths([file], store).new == 5000


def test_the_provinces_own_pages_come_over_the_shipped_record(
    store: CatalogueStore, tmp_path: Path
) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    record = {
        "code": "1.009999", "name": "Đăng ký nuôi ong", "aliases": ["nuôi ong"],
        "conditions": "tóm lược", "source": {"kind": "shipped", "date": "2026-07-18"},
    }  # fmt: skip
    (shipped / "1.009999.yaml").write_text(yaml.safe_dump(record, allow_unicode=True), "utf-8")
    import_paths([shipped], store)
    import_paths([_write(tmp_path / "a.jsonl", _page(yeu_cau_dieu_kien="Nguyên văn"))], store)
    merged = store.procedure("1.009999")
    assert merged is not None
    assert (merged.conditions, merged.aliases) == ("Nguyên văn", ["nuôi ong"])


def test_a_provincial_code_finds_the_record(store: CatalogueStore, tmp_path: Path) -> None:
    row = {
        "stt": 7, "ma_tthc": "1.009999.000.00.00.H37", "muc_do_dvc": "Toàn trình",
        "ten_tthc": "Đăng ký nuôi ong", "linh_vuc": "Chăn nuôi", "quyet_dinh": "9/QĐ-UBND",
        "ma_goc": "1.009999", "portal_link": None,
    }  # fmt: skip
    import_paths([_write(tmp_path / "list.jsonl", row)], store)
    found = store.procedure("1.009999.000.00.00.H37")
    assert found is not None
    assert (found.code, found.state) == ("1.009999", State.UNCONFIRMED)


def test_only_this_provinces_own_procedures_are_searched() -> None:
    def issued_by(who: str) -> Procedure:
        return Procedure(code="1.000001", name="x", promulgated_by=who)

    assert serves_province(issued_by("Bộ Công an"))
    assert serves_province(issued_by("UBND tỉnh Lạng Sơn"))
    assert not serves_province(issued_by("UBND tỉnh Cao Bằng"))


def test_a_wrong_database_url_is_one_line_for_the_operator() -> None:
    with pytest.raises(OperatorError, match="ASSISTANT_DATABASE_URL"):
        CatalogueStore.open("no-such-database://x")


def test_all_four_real_inputs_go_in_and_again_change_nothing(
    real_data: Path, store: CatalogueStore
) -> None:
    paths = [
        *sorted((real_data / "catalogue").glob("*.jsonl.xz")),
        real_data / "langson" / "langson-tthc-1842.jsonl.xz",
    ]
    first = import_paths(paths, store)
    assert first.read + len(first.rejected) == 2642 + 502 + 1842 + 5670
    assert first.new == store.count() > 6000
    second = import_paths(paths, store)
    assert (second.new, second.changed) == (0, 0)
