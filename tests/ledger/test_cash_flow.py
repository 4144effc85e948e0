"""Names of periods: an ISO week belongs to the year of its Thursday."""

from datetime import date

import pytest

from chalicelib.ledger.cash_flow import Period, period_name


@pytest.mark.parametrize(
    ("day", "by", "name"),
    [
        (date(2026, 11, 23), "day", "2026-11-23"),
        (date(2026, 11, 23), "week", "2026-W48"),
        (date(2026, 11, 23), "month", "2026-11"),
        (date(2026, 1, 1), "week", "2026-W01"),
        (date(2027, 1, 1), "week", "2026-W53"),
        (date(2024, 12, 30), "week", "2025-W01"),
        (date(999, 1, 7), "week", "0999-W02"),
        (date(999, 1, 7), "month", "0999-01"),
    ],
)
def test_day_belongs_to_its_period(day: date, by: Period, name: str) -> None:
    assert period_name(day, by) == name
