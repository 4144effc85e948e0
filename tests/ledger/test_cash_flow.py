"""Names of periods: an ISO week belongs to the year of its Thursday."""

from datetime import date

import pytest

from chalicelib.ledger.cash_flow import Period, period_name


@pytest.mark.parametrize(
    ("day", "by", "name"),
    [
        ("2026-11-23", "day", "2026-11-23"),
        ("2026-11-23", "week", "2026-W48"),
        ("2026-11-23", "month", "2026-11"),
        ("2026-01-01", "week", "2026-W01"),
        ("2027-01-01", "week", "2026-W53"),
        ("2024-12-30", "week", "2025-W01"),
        ("0999-01-07", "week", "0999-W02"),
        ("0999-01-07", "month", "0999-01"),
    ],
)
def test_day_belongs_to_its_period(day: str, by: Period, name: str) -> None:
    assert period_name(date.fromisoformat(day), by) == name
