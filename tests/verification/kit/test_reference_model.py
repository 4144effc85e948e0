"""The reference model against sums and periods written out by hand."""

from datetime import UTC, date, datetime

import pytest

from verification.kit.reference_model import ExpectedEntry, ReferenceLedger, business_day

FIRST = date(2024, 12, 29)
SALE = ExpectedEntry("sale", "padaria", "credit", 500, "BRL", "main", FIRST, "sales")
WAGE = ExpectedEntry("wage", "padaria", "debit", 200, "BRL", "bank", date(2024, 12, 31))
GIFT = ExpectedEntry("gift", "padaria", "credit", 7, "BRL", "main", date(2025, 1, 1), "sales")
YEN = ExpectedEntry("yen", "padaria", "credit", 9, "JPY", "main", FIRST)
OTHER = ExpectedEntry("other", "banca", "credit", 1, "BRL", "main", FIRST)
LEDGER = ReferenceLedger([SALE, WAGE, GIFT, YEN, OTHER, SALE])


def test_balance_opens_with_previous_closing() -> None:
    balances = LEDGER.balances("padaria", date(2024, 12, 30), date(2025, 1, 1), None, "BRL")
    assert balances == [
        (date(2024, 12, 30), 500, (0, 0, 0)),
        (date(2024, 12, 31), 500, (0, 200, 1)),
        (date(2025, 1, 1), 300, (7, 0, 1)),
    ]
    assert balances[-1].closing_minor == 307


def test_a_balance_counts_its_account_and_currency_only() -> None:
    days = (FIRST, FIRST)
    assert LEDGER.balances("padaria", *days, "main", "JPY") == [(FIRST, 0, (9, 0, 1))]
    assert LEDGER.balances("padaria", *days, "bank", "BRL") == [(FIRST, 0, (0, 0, 0))]


def test_cash_flow_is_grouped_by_period_and_category() -> None:
    days = (FIRST, date(2025, 1, 1))
    assert LEDGER.cash_flow("padaria", *days, "week", "category", "BRL") == [
        ("2024-W52", "sales", (500, 0, 1)),
        ("2025-W01", "sales", (7, 0, 1)),
        ("2025-W01", None, (0, 200, 1)),
    ]
    assert LEDGER.cash_flow("padaria", *days, "month", "none", "BRL") == [
        ("2024-12", None, (500, 200, 2)),
        ("2025-01", None, (7, 0, 1)),
    ]


def test_totals_are_kept_by_month_and_by_category() -> None:
    assert LEDGER.totals("year")["padaria", "BRL", date(2024, 1, 1), "main"] == (500, 0, 1)
    assert LEDGER.totals("day", "category")["padaria", "BRL", WAGE.day, ""] == (0, 200, 1)
    assert len(LEDGER.totals("month")) == 5


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 23, 2, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2018, 12, 1, 2, 0, tzinfo=UTC), date(2018, 12, 1)),
    ],
)
def test_business_days_follow_sao_paulo_and_its_summers(instant: datetime, day: date) -> None:
    assert business_day(instant) == day
