"""Working days of Vietnam's offices: week-ends, public holidays, swapped days."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.working_days import is_working_day, working_days

FRIDAY, MONDAY = dt.date(2026, 6, 5), dt.date(2026, 6, 8)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (FRIDAY, True),
        (dt.date(2026, 6, 6), False),
        (dt.date(2026, 6, 7), False),
        (dt.date(2026, 1, 1), False),
        (dt.date(2026, 4, 30), False),
        (dt.date(2026, 5, 1), False),
        (dt.date(2026, 9, 2), False),
        (dt.date(2026, 2, 17), False),  # first day of the lunar year
        (dt.date(2026, 4, 26), False),  # the Hùng kings' day, a Sunday
        (dt.date(2026, 4, 27), False),  # the Monday instead
    ],
)
def test_offices_are_closed_on_week_ends_and_holidays(day: dt.date, works: bool) -> None:
    assert is_working_day(day) is works


def test_a_week_end_does_not_count() -> None:
    assert working_days(FRIDAY, MONDAY) == 1
    assert working_days(MONDAY, FRIDAY) == -1
    assert working_days(FRIDAY, FRIDAY) == 0
    assert working_days(FRIDAY, dt.date(2026, 6, 7)) == 0


def test_the_lunar_new_year_is_a_week_without_work() -> None:
    assert working_days(dt.date(2026, 2, 13), dt.date(2026, 2, 22)) == 0


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))


@given(DAYS, DAYS)
def test_counting_back_is_counting_with_the_other_sign(start: dt.date, end: dt.date) -> None:
    assert working_days(start, end) == -working_days(end, start)


@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_counts_add_up(start: dt.date, first: int, second: int) -> None:
    middle = start + dt.timedelta(days=first)
    end = middle + dt.timedelta(days=second)
    assert working_days(start, end) == working_days(start, middle) + working_days(middle, end)
