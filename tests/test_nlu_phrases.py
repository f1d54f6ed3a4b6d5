"""The little language of ``nlu/data/entities.yml`` and the official spelling of codes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.records import SectionKey
from knowledge.text.folding import fold, words
from nlu.codes import written_form
from nlu.phrases import expand, read_phrases

DATA = Path(__file__).parents[1] / "nlu" / "data" / "entities.yml"
MOST_PHRASES = 35_000


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("le phi", ["le phi"]),
        ("(le|hoc) phi", ["le phi", "hoc phi"]),
        ("(mat|) tien", ["mat tien", "tien"]),
        ("{may} ngay", ["may ngay", "bao nhieu ngay"]),
        ("(may (ngay|tuan)|bao lau)", ["may ngay", "may tuan", "bao lau"]),
        ("(a|a) b", ["a b"]),
        (r"^ /\d{2}|x/ $", [r"^ /\d{2}|x/ $"]),
    ],
)
def test_phrases_expand(phrase: str, expected: list[str]) -> None:
    assert [" ".join(t) for t in expand(phrase, {"may": "may|bao nhieu"})] == expected


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        expand("{nothing}", {})


def test_the_data_is_folded_and_has_no_empty_phrase() -> None:
    for phrase in read_phrases(DATA):
        assert phrase.tokens
        if phrase.is_plain:
            inner = [token for token in phrase.tokens if token not in "^$"]
            assert words(fold(" ".join(inner))) == inner, phrase


def test_the_data_names_every_section_and_only_those() -> None:
    assert {p.value for p in read_phrases(DATA) if p.entity == "section"} == {*SectionKey}


def test_no_phrase_means_two_things() -> None:
    meaning: dict[tuple[str, ...], tuple[str, str]] = {}
    for phrase in read_phrases(DATA):
        mine = (phrase.entity, phrase.value)
        assert meaning.setdefault(phrase.tokens, mine) == mine, phrase


def test_the_phrases_stay_few_enough_for_memory() -> None:
    """Each costs about 6 KB in spaCy's matcher."""
    assert sum(1 for _ in read_phrases(DATA)) <= MOST_PHRASES


@given(
    st.sampled_from(["H37", "H37.12", "G09.20", "000.00.04.H51"]),
    st.sampled_from(["250601", "20260609"]),
    st.from_regex(r"\A[0-9]{4,7}\Z"),
    st.sampled_from(["-", " ", " - ", "–", " — "]),
)
def test_any_spelling_of_a_dossier_code_gives_the_official_one(
    agency: str, day: str, number: str, dash: str
) -> None:
    written = dash.join([agency, day, number])
    assert written_form(words(written)) == f"{agency}-{day}-{number}"
    assert written_form(words(written.lower())) == f"{agency}-{day}-{number}"


@given(st.lists(st.from_regex(r"\A[0-9a-z.]{1,12}\Z"), min_size=1, max_size=4))
def test_a_written_form_keeps_every_letter_and_digit(tokens: list[str]) -> None:
    kept = written_form(tokens).replace("-", "").replace(".", "")
    assert kept == "".join(tokens).replace(".", "").upper()
