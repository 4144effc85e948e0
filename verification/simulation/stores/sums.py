"""The parts of a day's state: its rows, and the totals of the day, month, year and before."""

from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.closing.day_state import Period, PriorBalance, Row, Sums
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import LineKey
from chalicelib.ledger.entries import content_digest
from verification.kit.reference_model import month_start, year_start
from verification.simulation.stores.tables import EntryRow, LineOfDay, Tables, summed


def day_row(row: EntryRow) -> Row:
    """Return an entry's row as a day's state has it; a wrong digest is empty."""
    entry = row.entry
    digest = content_digest(entry)
    has_texts = entry.description is not None or bool(entry.metadata)
    bare = entry._replace(description=None, metadata={})
    return Row(bare, digest if digest == row.digest else "", has_texts)


def of(table: Mapping[LineOfDay, Totals], merchant_id: str, day: date) -> Sums:
    """Return a day's (month's, year's) totals by account or category, and currency."""
    return {
        (line[3], line[1]): totals
        for line, totals in table.items()
        if line[0] == merchant_id and line[2] == day
    }


def month(tables: Tables, merchant_id: str, day: date) -> Period:
    """Return the stored totals of the day's month, and the sums of its days."""
    first = month_start(day)
    days = (line for line in tables.days.items() if month_start(line[0][2]) == first)
    return Period(of(tables.months, merchant_id, first), _added(days, merchant_id))


def year(tables: Tables, merchant_id: str, day: date) -> Period:
    """Return the stored totals of the day's year, and the sums of its months."""
    first = year_start(day)
    months = (line for line in tables.months.items() if year_start(line[0][2]) == first)
    return Period(of(tables.years, merchant_id, first), _added(months, merchant_id))


def before(tables: Tables, merchant_id: str, day: date) -> dict[LineKey, PriorBalance]:
    """Return each line's balance before a day: sealed, unsealed, and by the totals."""
    sides: dict[LineKey, list[int]] = {}
    for (merchant, _), closing in tables.closings.items():
        if merchant == merchant_id and closing.day < day:
            for line, (net_minor, _) in closing.effects.items():
                sides.setdefault(line, [0, 0, 0])[0] += net_minor
    for row in tables.entries.values():
        entry, its_day = row.entry, (merchant_id, row.entry.day)
        is_mine = entry.merchant_id == merchant_id and entry.day < day
        is_unsealed = entry.entry_id not in tables.sealed.get(its_day, ())
        if is_mine and its_day in tables.unsealed and is_unsealed:
            sides.setdefault((entry.account, entry.currency), [0, 0, 0])[1] += entry.effect_minor
    for line, net_minor in _kept_before(tables, merchant_id, day):
        sides.setdefault(line, [0, 0, 0])[2] += net_minor
    return {line: PriorBalance(*result) for line, result in sides.items()}


def _kept_before(tables: Tables, merchant_id: str, day: date) -> list[tuple[LineKey, int]]:
    first_of_year, first_of_month = year_start(day), month_start(day)
    spans = (
        (tables.years, date.min, first_of_year),
        (tables.months, first_of_year, first_of_month),
        (tables.days, first_of_month, day),
    )
    return [
        ((line[3], line[1]), totals.net_minor)
        for table, start, end in spans
        for line, totals in table.items()
        if line[0] == merchant_id and start <= line[2] < end
    ]


def _added(rows: Iterable[tuple[LineOfDay, Totals]], merchant_id: str) -> Sums:
    return summed(((line[3], line[1]), totals) for line, totals in rows if line[0] == merchant_id)
