"""Sums of the read model in memory: the parts of a day's state, and where they contradict it."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from chalicelib.closing.day_state import PeriodSums, PriorBalance, Row, Sums, texts_digest
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import LineKey
from chalicelib.ledger.entries import content_digest
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.text import searchable
from verification.kit.reference_model import month_start, year_start
from verification.simulation.stores.rows import NOTHING, EntryRow, LineOfDay, summed
from verification.simulation.stores.tables import Tables

Table = Mapping[LineOfDay, Totals]
Start = Callable[[date], date]
"""Returns the first day of a day's period."""


def day_row(row: EntryRow) -> Row:
    """Return an entry's row as a day's state has it; a wrong digest is empty."""
    entry = row.entry
    digest = content_digest(entry)
    search_text = entry.description and searchable(entry.description)
    texts = texts_digest(entry.description, search_text, entry.metadata)
    bare = entry._replace(description=None, metadata={})
    is_intact = digest == row.digest and row.occurred == parse_instant(entry.occurred_at)
    return Row(bare, digest if is_intact else "", texts, row.correction)


def of(table: Table, merchant_id: str, day: date) -> Sums:
    """Return a day's (month's, year's) totals by account or category, and currency."""
    lines = table.items()
    return {
        (name, currency): t for (m, currency, d, name), t in lines if (m, d) == (merchant_id, day)
    }


def period(table: Table, parts: Table, start: Start, merchant_id: str, day: date) -> PeriodSums:
    """Return the stored totals of a day's month (year), and the sums of its days (months)."""
    first = start(day)
    return PeriodSums(
        of(table, merchant_id, first), of(_of_periods(parts, start), merchant_id, first)
    )


def before(tables: Tables, merchant_id: str, day: date) -> dict[LineKey, PriorBalance]:
    """Return each line's balance before a day: sealed, unsealed, and by the totals."""
    sides: defaultdict[LineKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (merchant, _), closing in tables.closings.items():
        if merchant == merchant_id and closing.day < day:
            for line, (net_minor, count) in closing.effects.items():
                sides[line][0] += net_minor
                sides[line][3] -= count
    for row in tables.entries.values():
        entry, its_day = row.entry, (merchant_id, row.entry.day)
        is_mine = entry.merchant_id == merchant_id and entry.day < day
        is_unsealed = entry.entry_id not in tables.sealed.get(its_day, ())
        if is_mine and its_day in tables.unsealed and is_unsealed:
            sides[entry.account, entry.currency][1] += entry.effect_minor
            sides[entry.account, entry.currency][3] -= 1
    for line, totals in stored_before(tables, merchant_id, day):
        sides[line][2] += totals.net_minor
        sides[line][3] += totals.entries
    return {line: PriorBalance(*result) for line, result in sides.items()}


def stored_before(tables: Tables, merchant_id: str, day: date) -> list[tuple[LineKey, Totals]]:
    """Return totals whose sums are each line's balance before a day."""
    spans = (
        (tables.years, date.min, year_start(day)),
        (tables.months, year_start(day), month_start(day)),
        (tables.days, month_start(day), day),
    )
    return [
        ((account, currency), totals)
        for table, start, end in spans
        for (merchant, currency, first, account), totals in table.items()
        if merchant == merchant_id and start <= first < end
    ]


def inconsistent_days(
    tables: Tables, merchant_id: str, until: date, every: int
) -> tuple[date, ...]:
    """Return days on which the read model contradicts itself or its closings.

    They are a merchant's, among every `every`th day back from `until`. A month is checked on its
    first day, and a year on its own.
    """
    first = _first_day(tables, merchant_id)
    apart = range(0, (until - year_start(first)).days + 1, every) if first else ()
    days = [until - timedelta(days=n) for n in reversed(apart)]
    right = tables.computed_totals([merchant_id])
    own = {name: _own(getattr(tables, name), merchant_id) for name in right}
    wrong_days = _differing(own["days"], right["days"])
    wrong_days |= _differing(own["categories"], right["categories"])
    wrong_months = _differing(own["months"], _of_periods(own["days"], month_start))
    wrong_years = _differing(own["years"], _of_periods(own["months"], year_start))
    unsealed = {day for merchant, day in tables.unsealed if merchant == merchant_id}
    wrong_days |= _differing(_nets(own["days"]), _nets(_sealed(tables, merchant_id))) - unsealed
    wrong = wrong_days | wrong_months | wrong_years
    return tuple(day for day in days if day in wrong)


def is_idle(tables: Tables, merchant_id: str, day: date) -> bool:
    """Return whether nothing is of a day, and its month and year are the sums of their parts."""
    totals = of(tables.days, merchant_id, day) or of(tables.categories, merchant_id, day)
    of_day = tables.of_day(merchant_id, day) or tables.versions(merchant_id, day) or totals
    marks = (merchant_id, day) in tables.unsealed or tables.sealed.get((merchant_id, day))
    month = period(tables.months, tables.days, month_start, merchant_id, day)
    year = period(tables.years, tables.months, year_start, merchant_id, day)
    return not of_day and not marks and all(each.stored == each.summed for each in (month, year))


def _first_day(tables: Tables, merchant_id: str) -> date | None:
    entries = (row.entry for row in tables.entries.values())
    days = [entry.day for entry in entries if entry.merchant_id == merchant_id]
    days += [line[2] for line in tables.days if line[0] == merchant_id]
    days += [row.day for key, row in tables.closings.items() if key[0] == merchant_id]
    return min(days, default=None)


def _own(table: Table, merchant_id: str) -> Table:
    return {line: totals for line, totals in table.items() if line[0] == merchant_id}


def _of_periods(table: Table, start: Start) -> dict[LineOfDay, Totals]:
    lines = table.items()
    return summed(((m, currency, start(day), name), t) for (m, currency, day, name), t in lines)


def _sealed(tables: Tables, merchant_id: str) -> Table:
    # Effects hold net amounts only, which count as credits here.
    return summed(
        ((merchant_id, currency, closing.day, account), Totals(net_minor, 0, count))
        for (merchant, _), closing in tables.closings.items()
        if merchant == merchant_id
        for (account, currency), (net_minor, count) in closing.effects.items()
    )


def _nets(table: Table) -> dict[LineOfDay, tuple[int, int]]:
    nets = {line: (totals.net_minor, totals.entries) for line, totals in table.items()}
    return {line: net for line, net in nets.items() if net != (NOTHING.net_minor, NOTHING.entries)}


def _differing(left: Mapping[LineOfDay, object], right: Mapping[LineOfDay, object]) -> set[date]:
    """Return the first days of the periods in which two tables differ."""
    return {line[2] for line in left.keys() | right.keys() if left.get(line) != right.get(line)}
