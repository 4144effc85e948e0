"""A statement of three accounts with awkward texts, whose amounts are written out."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.ledger.balances import DayStatus, totals_by
from chalicelib.ledger.statement import DaySeal, Statement, StatementRow, StatementRows, build
from verification.kit.generators import entry

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 3)
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
TEXTS = (
    "Pão & café",
    "=cmd|' /C calc'!A0",
    "Fornecedor; São João | loja",
    "🍞 <b>Čapek</b>",
    None,
)
SEAL = DaySeal(2, 17, "ab" * 32, "c2lnbmF0dXJl", "key-1")


def sale(number: int, day: int, **fields: Any) -> Any:
    moment = f"2026-11-0{day}T{10 + number}:00:00-03:00"
    description = TEXTS[number % len(TEXTS)]
    return entry("padaria", f"e{number}", occurred_at=moment, description=description, **fields)


ENTRIES = [
    sale(0, 1, amount_minor=15_075, account="main", category="sales"),
    sale(1, 1, amount_minor=2_000, account="bank", type="debit", category="fees"),
    sale(2, 3, amount_minor=123_456_789, account="bank", category="sales"),
    sale(3, 3, amount_minor=5, account="cash", type="debit"),
    sale(4, 3, amount_minor=10_000, account="main", type="debit", category="rent"),
]


def statement(
    account: str | None = None,
    entries: list[Any] | None = None,
    days: tuple[date, date] = (FIRST, LAST),
    zone: ZoneInfo = SAO_PAULO,
) -> Statement:
    """Return the statement: 1,000.00 in main and -50.25 in bank before the first day."""
    chosen = [e for e in ENTRIES if account in (None, e.account)] if entries is None else entries
    openings = {"main": 100_000, "bank": -5_025}
    rows = StatementRows(
        openings={name: minor for name, minor in openings.items() if account in (None, name)},
        entries=[StatementRow(each, None, each.category) for each in chosen],
        totals=totals_by(chosen, lambda each: each.day),
        statuses={FIRST: DayStatus("restated", 2)},
        seals={FIRST: SEAL},
        as_of=max((each.recorded_at for each in chosen), default=None),
    )
    return build(rows, *days, account, "BRL", zone)
