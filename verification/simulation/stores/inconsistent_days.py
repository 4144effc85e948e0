"""Days on which the read model contradicts itself or its closings."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from chalicelib.ledger.balances import Totals
from verification.kit.reference_model import month_start, year_start
from verification.simulation.stores.tables import NOTHING, LineOfDay, Tables, summed

Line = tuple[str, str]
Sums = Mapping[Line, Totals]
ByPeriod = Mapping[date, Sums]


def inconsistent_days(
    tables: Tables, merchant_id: str, until: date, every: int
) -> tuple[date, ...]:
    """Return a merchant's inconsistent days among every `every`th day back from `until`."""
    first = _first_day(tables, merchant_id)
    if first is None:
        return ()
    is_wrong = _contradiction(tables, merchant_id)
    apart = range(0, (until - first).days + 1, every)
    return tuple(sorted(day for day in (until - timedelta(days=n) for n in apart) if is_wrong(day)))


def _first_day(tables: Tables, merchant_id: str) -> date | None:
    entries = (row.entry for row in tables.entries.values())
    days = [entry.day for entry in entries if entry.merchant_id == merchant_id]
    days += [line[2] for line in tables.days if line[0] == merchant_id]
    days += [row.day for key, row in tables.closings.items() if key[0] == merchant_id]
    return min(days, default=None)


def _contradiction(tables: Tables, merchant_id: str) -> Callable[[date], bool]:
    """Return a predicate of inconsistent days, which adds everything up once for all days."""
    computed_totals = tables.computed_totals([merchant_id])
    day_rows, days = (
        _by_period(computed_totals["days"], merchant_id),
        _by_period(tables.days, merchant_id),
    )
    category_rows = _by_period(computed_totals["categories"], merchant_id)
    categories = _by_period(tables.categories, merchant_id)
    months, years = _by_period(tables.months, merchant_id), _by_period(tables.years, merchant_id)
    of_days = _by_period(tables.days, merchant_id, month_start)
    of_months = _by_period(tables.months, merchant_id, year_start)
    sealed = _sealed(tables, merchant_id)

    def is_wrong(day: date) -> bool:
        month, year = month_start(day), year_start(day)
        return (
            day_rows.get(day, {}) != days.get(day, {})
            or category_rows.get(day, {}) != categories.get(day, {})
            or of_days.get(month, {}) != months.get(month, {})
            or of_months.get(year, {}) != years.get(year, {})
            or (
                (merchant_id, day) not in tables.unsealed
                and _nets(sealed.get(day, {})) != _nets(days.get(day, {}))
            )
        )

    return is_wrong


def _by_period(
    table: Mapping[LineOfDay, Totals],
    merchant_id: str,
    period: Callable[[date], date] = lambda day: day,
) -> ByPeriod:
    rows: defaultdict[date, list[tuple[Line, Totals]]] = defaultdict(list)
    for line, totals in table.items():
        if line[0] == merchant_id:
            rows[period(line[2])].append(((line[1], line[3]), totals))
    return {first: summed(result) for first, result in rows.items()}


def _sealed(tables: Tables, merchant_id: str) -> ByPeriod:
    rows: defaultdict[date, list[tuple[Line, Totals]]] = defaultdict(list)
    for key, closing in tables.closings.items():
        if key[0] == merchant_id:
            for (account, currency), (net_minor, count) in closing.effects.items():
                # Effects hold net amounts only, which count as credits here.
                rows[closing.day].append(((currency, account), Totals(net_minor, 0, count)))
    return {day: summed(result) for day, result in rows.items()}


def _nets(lines: Sums) -> dict[Line, tuple[int, int]]:
    nets = {line: (totals.net_minor, totals.entries) for line, totals in lines.items()}
    return {line: net for line, net in nets.items() if net != (NOTHING.net_minor, NOTHING.entries)}
