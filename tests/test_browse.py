"""Lists of procedures by field, level, online and free of charge."""

from knowledge.browse import Filter, field_group, field_groups
from knowledge.records import Fee, Procedure, SubmissionMethod
from knowledge.service import Knowledge


def test_a_field_lists_its_procedures_most_asked_first(knowledge: Knowledge) -> None:
    found = knowledge.browse(Filter(group="Hộ tịch"))
    assert {facts.field for facts in found} <= field_group("Hộ tịch").fields  # type: ignore[union-attr]
    assert "1.001193" in [facts.code for facts in found[:8]]


def test_a_level_narrows_a_field(knowledge: Knowledge) -> None:
    found = knowledge.browse(Filter(group="Đất đai, nhà ở", level="commune"))
    assert found
    assert all("commune" in facts.levels for facts in found)


def test_online_means_everything_can_be_done_there(knowledge: Knowledge) -> None:
    found = knowledge.browse(Filter(service_level="full"))
    assert found
    for facts in found:
        record = knowledge.procedure(facts.code)
        assert record is not None
        assert record.service_level == "full"


def test_free_means_that_the_record_says_nothing_else(knowledge: Knowledge) -> None:
    found = knowledge.browse(Filter(free=True))
    assert found
    for facts in found:
        record = knowledge.procedure(facts.code)
        assert record is not None
        assert all(fee.verbatim == "Miễn phí" for m in record.methods for fee in m.fees)


def test_a_remark_behind_free_makes_it_doubtful() -> None:
    def record(*fees: str) -> Procedure:
        method = SubmissionMethod(
            kind=None, name="Trực tiếp", fees=[Fee(verbatim=fee) for fee in fees]
        )
        return Procedure(code="1.000001", name="Thử", methods=[method])

    assert record("Miễn phí").is_free
    assert not record("Miễn phí(Theo quy định của Hội đồng nhân dân)").is_free
    assert not record("Miễn phí", "10.000 đồng").is_free
    assert not record().is_free


def test_every_group_has_a_label_of_its_own_and_fields() -> None:
    labels = [group.label for group in field_groups()]
    assert len(labels) == len(set(labels)) >= 10
    assert all(group.fields for group in field_groups())


def test_every_shipped_field_is_in_a_group(knowledge: Knowledge) -> None:
    known = set().union(*(group.fields for group in field_groups()))
    fields = {facts.field for facts in knowledge.browse(Filter())}
    assert not fields - known, fields - known
