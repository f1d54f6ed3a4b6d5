"""Communes are found by today's name, by an old unit's, by an old district's."""

import json
from pathlib import Path

import pytest

from knowledge.places import communes, places_in, places_named


def _names(places: list) -> list[str]:  # type: ignore[type-arg]
    return [place.name for place in places]


def test_there_are_65_communes() -> None:
    assert len(communes()) == 65
    assert sum(place.name.startswith("Phường") for place in communes().values()) == 4


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("xã Đồng Đăng", ["Xã Đồng Đăng"]),
        ("thi tran dong dang", ["Xã Đồng Đăng"]),
        ("nhà tôi ở xã mai pha", ["Phường Đông Kinh"]),
        ("p. vinh trai", ["Phường Đông Kinh"]),
        ("phường Chi Lăng", ["Phường Lương Văn Tri"]),
        ("thôn Nà Pán xã Tân Thanh huyện Văn Lãng", ["Xã Hoàng Văn Thụ"]),
        ("xa hoa binh huyen van quan", ["Xã Văn Quan"]),
        ("làm ở xã nào cũng được", []),
        ("xã hội hóa", []),
        ("hòa bình", []),
        ("", []),
    ],
)
def test_a_sentence_may_speak_of_a_commune(said: str, found: list[str]) -> None:
    assert _names(places_in(said)) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("dong dang", ["Xã Đồng Đăng"]),
        ("Đồng Đăg", ["Xã Đồng Đăng"]),
        ("vĩnh trại ạ", ["Phường Đông Kinh"]),
        ("Tân Thành", ["Xã Tân Thành", "Xã Nhất Hoà", "Xã Tân Đoàn"]),
        ("ngoài hà nội cơ", []),
    ],
)
def test_an_answer_may_be_a_bare_name(said: str, found: list[str]) -> None:
    assert _names(places_named(said)) == found


@pytest.mark.parametrize(
    ("split", "communes_now"),
    [
        ("xã Bính Xá", {"Xã Đình Lập", "Xã Kiên Mộc"}),
        ("kien moc", {"Xã Kiên Mộc", "Xã Châu Sơn"}),
    ],
)
def test_a_commune_that_was_split_leaves_a_choice(split: str, communes_now: set[str]) -> None:
    assert set(_names(places_named(split))) == communes_now


def test_a_district_means_its_communes() -> None:
    found = _names(places_in("tôi ở huyện Đình Lập"))
    assert {"Xã Đình Lập", "Xã Châu Sơn", "Xã Kiên Mộc"} <= set(found)


def test_every_unit_of_the_official_list_leads_to_its_commune(real_data: Path) -> None:
    lines = (real_data / "langson" / "communes-old-to-new.jsonl").read_text("utf-8").splitlines()
    units = [json.loads(line) for line in lines]
    assert len(units) == 194
    for unit in units:
        said = f"{unit['old_name']} {unit['old_district']}"
        found = {place.code for place in places_in(said)}
        assert {new["code"] for new in unit["new"]} <= found, said
    lines = (real_data / "langson" / "communes-2025.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["code"] for line in lines} == set(communes())
