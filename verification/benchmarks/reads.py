"""A day's balance and a year of days, read as the history grows from a month to ten years."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from typing import Any

from chalicelib.runtime import wiring
from verification.benchmarks import Extent
from verification.benchmarks.events import CONTEXT, get_balance, get_balances
from verification.benchmarks.results import Comparison, at_most, microseconds, times
from verification.benchmarks.rounds import Contender, Measured, interleaved, silence_logs
from verification.benchmarks.servers import ReadModelServer, read_model_server

TODAY = date(2026, 11, 23)
MONTH, FIRST_YEAR, DECADE = "a month", "a year", "ten years"
BOOKS = {MONTH: 30, FIRST_YEAR: 365, DECADE: 10 * 365}
DAY, YEAR = "one day", "a year of days"
_ACCOUNTS = 3
_BOUND = 1.2
CALLS = {DAY: 100, YEAR: 10}
_ABOUT = (
    "GET through the warm handler, from API Gateway's event to the response, with PostgreSQL on "
    "this machine. Three merchants have three accounts and entries on every day, for a month, a "
    "year and ten years, in one read model with {others:,} days of other merchants."
)
_WHY_DAY = (
    "A balance adds up the years before, the months of this year and the days of this month: up to "
    "twenty more rows an account than after a month."
)
_WHY_YEAR = (
    "After a month, only thirty of the requested days have entries. The other 335 days are 1,005 "
    "more rows. Compared with a full year, a longer history makes no difference."
)


def measure(extent: Extent) -> Comparison:
    """Return what reads take, among a fifth as many days of other merchants as entries."""
    import app

    others = max(1, extent.entries // 5)
    with read_model_server() as server, silence_logs():
        _fill(server, others)
        wiring.reset()
        calls = {what: min(most, others) for what, most in CALLS.items()}
        measured = interleaved(_contenders(app.app, calls), extent.rounds)
    return _comparison(measured, others)


def _contenders(handler: Any, calls: Mapping[str, int]) -> list[Contender]:
    def contender(book: str, what: str) -> Contender:
        event = _event(book, what)

        def run() -> None:
            for _ in range(calls[what]):
                response = handler(event, CONTEXT)
            balances = json.loads(response["body"])
            newest = balances if what == DAY else balances["items"][-1]
            if newest["entries"] != _ACCOUNTS * 40:
                raise RuntimeError(f"After {book}, {what} is wrong: {newest}")

        return Contender(_name(what, book), run, calls[what])

    return [contender(book, what) for what in CALLS for book in BOOKS]


def _event(book: str, what: str) -> dict[str, Any]:
    merchant = _merchant(book)
    if what == DAY:
        return get_balance(TODAY.isoformat(), merchant=merchant)
    return get_balances(str(TODAY - timedelta(days=364)), str(TODAY), merchant)


def _merchant(book: str) -> str:
    return book.replace(" ", "-")


def _name(what: str, book: str) -> str:
    return f"{what} after {book}"


def _comparison(measured: Measured, others: int) -> Comparison:
    def growth(what: str, book: str, since: str) -> float:
        return measured.ratio(_name(what, book), _name(what, since))

    return Comparison(
        title="Reading daily balances as the history grows",
        about=_ABOUT.format(others=others),
        columns=["", *(f"after {book}" for book in BOOKS), "ten years to a month"],
        rows=[
            [what, *_times_of(measured, what), times(growth(what, DECADE, MONTH))] for what in CALLS
        ],
        targets=[
            at_most(f"{DAY}, ten years to a month", growth(DAY, DECADE, MONTH), _BOUND, _WHY_DAY),
            at_most(
                f"{YEAR}, ten years to a month", growth(YEAR, DECADE, MONTH), _BOUND, _WHY_YEAR
            ),
            at_most(f"{YEAR}, ten years to a year", growth(YEAR, DECADE, FIRST_YEAR), _BOUND),
        ],
    )


def _times_of(measured: Measured, what: str) -> list[str]:
    return [microseconds(measured.best(_name(what, book))) for book in BOOKS]


def _fill(server: ReadModelServer, others: int) -> None:
    rows = "(VALUES ('main'), ('bank'), ('card-machine')) AS account (name)"
    books = ", ".join(f"('{_merchant(book)}', {days})" for book, days in BOOKS.items())
    history = f"""
        INSERT INTO day_totals
        SELECT merchant, 'BRL', day, name, 150000 + extract(doy FROM day), 20000, 40
        FROM (VALUES {books}) AS book (merchant, days),
        LATERAL (SELECT date '{TODAY}' - n AS day FROM generate_series(0, days - 1) AS n) AS past,
        {rows}
    """
    beside = f"""
        INSERT INTO day_totals
        SELECT 'other-' || n % 1000, 'BRL', date '{TODAY}' - n / 1000, 'main', 100, 50, 2
        FROM generate_series(0, {others - 1}) AS n
    """
    with closing(server.connect()) as connection:
        connection.run(history)
        connection.run(beside)
        for period in ("month", "year"):
            connection.run(
                f"INSERT INTO {period}_totals SELECT merchant_id, currency,"
                f" date_trunc('{period}', day)::date, account, sum(credits_minor),"
                " sum(debits_minor), sum(entries) FROM day_totals GROUP BY 1, 2, 3, 4"
            )
        connection.run("INSERT INTO merchants SELECT DISTINCT merchant_id, now() FROM day_totals")
        connection.run("VACUUM ANALYZE day_totals, month_totals, year_totals, merchants")
