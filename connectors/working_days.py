"""Working days of Vietnam's offices: Monday to Friday without public holidays (Bộ luật Lao động
2019, art. 112), with the days that the government swaps for others, as ``holidays`` keeps them."""

import datetime as dt

import holidays

_ONE = dt.timedelta(days=1)
_CALENDAR = holidays.country_holidays("VN", years=dt.date.today().year)
"""Made with the module: it takes a third of a second, which no person should wait for."""


def is_working_day(day: dt.date) -> bool:
    """Whether offices are open on ``day``; a Saturday worked in exchange counts."""
    return bool(_CALENDAR.is_working_day(day))


def working_days(start: dt.date, end: dt.date) -> int:
    """How many working days lie after ``start`` up to and including ``end``; negative when
    ``end`` comes first. 0 for the same day and for days with none between them."""
    if end < start:
        return -working_days(end, start)
    days = (end - start).days
    return sum(is_working_day(start + n * _ONE) for n in range(1, days + 1))
