"""Statements (extratos), read from the read model at one moment."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import accumulate
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.ledger.balances import DayStatus, Totals
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.statement import DaySeal, Statement, StatementRow, StatementRows, build
from chalicelib.queries.day_ranges import check_range
from chalicelib.queries.read_model import ReadModel
from chalicelib.storage.postgres_rows import row_entry

MOST_ENTRIES = 20_000
TIME_LIMIT_SECONDS = 5
"""20,000 entries take PostgreSQL 0.4 s of a core, of which a small server has two for everybody."""
_CURRENCIES = "SELECT entry_currencies(:merchant, :first, :last)"
_STATEMENT = "SELECT statement_rows(:merchant, :first, :last, :account, :currency, :most_entries)"


class TooManyEntriesError(ValidationError):
    """The days have more entries than a statement; `last` is the last day that fits, if any."""

    def __init__(self, last: date | None, field_error: FieldError) -> None:
        super().__init__(f"{field_error.field} {field_error.message}.", [field_error])
        self.last = last


class StatementQuery(NamedTuple):
    """Which statement: days first to last, one account or (None) all, one currency.

    `zone` is the business time zone, whose days they are.
    """

    merchant_id: str
    first: date
    last: date
    account: str | None
    currency: str
    zone: ZoneInfo


def statement(read_model: ReadModel, query: StatementQuery) -> Statement:
    """Return the statement of the days.

    Raises InvalidQueryError when the days are more than 366 or out of order, TooManyEntriesError
    naming days that fit when there are too many entries, and ReadModelUnavailableError when
    PostgreSQL does not respond.
    """
    check_range(query.first, query.last)
    result = read_model.call(
        _STATEMENT,
        time_limit=TIME_LIMIT_SECONDS,
        merchant=query.merchant_id,
        first=query.first,
        last=query.last,
        account=query.account,
        currency=query.currency,
        most_entries=MOST_ENTRIES,
    )
    totals = _totals(result)
    if sum(of_day.entries for of_day in totals.values()) > MOST_ENTRIES:  # none of them were read
        raise too_many(totals, MOST_ENTRIES, query.account)
    rows = _rows(result, query.merchant_id)
    return build(rows, query.first, query.last, query.account, query.currency, query.zone)


def entry_currencies(read_model: ReadModel, merchant_id: str, first: date, last: date) -> list[str]:
    """Return the currencies in which the merchant has entries on the days, in order.

    Raises ReadModelUnavailableError when PostgreSQL does not respond.
    """
    codes: list[str] = read_model.call(_CURRENCIES, merchant=merchant_id, first=first, last=last)
    return codes


def too_many(totals: Mapping[date, Totals], most: int, account: str | None) -> TooManyEntriesError:
    """Return the error for a statement of more than `most` entries, with what fits."""
    days = sorted(day for day in totals if totals[day].entries)
    counts = accumulate(totals[day].entries for day in days)
    fitting = [day for day, count in zip(days, counts, strict=True) if count <= most]
    if fitting:
        message = (
            f"must be {fitting[-1].isoformat()} or earlier in GET /v1/statements: at most {most:,} "
            "entries fit"
        )
        return TooManyEntriesError(fitting[-1], FieldError("to", message))
    many = f"{days[0].isoformat()} alone has more than the {most:,} entries that fit"
    if account is None:
        message = f"must be given, without book=true, because {many}"
        return TooManyEntriesError(None, FieldError("account", message))
    message = f"must be another day, because {many}; GET /v1/entries lists them in pages"
    return TooManyEntriesError(None, FieldError("from", message))


def _totals(result: Mapping[str, Any]) -> dict[date, Totals]:
    return {
        date.fromisoformat(day): Totals(credits_minor, debits_minor, entries)
        for day, credits_minor, debits_minor, entries in result["days"]
    }


def _rows(result: Mapping[str, Any], merchant_id: str) -> StatementRows:
    statuses, seals = {}, {}
    for text, version, is_changed, sequence, root, signature, key_id in result["seals"]:
        day = date.fromisoformat(text)
        statuses[day] = DayStatus("restated" if is_changed else "closed", version)
        seals[day] = DaySeal(version, sequence, root, signature, key_id)
    return StatementRows(
        openings=result["openings"],
        entries=[_entry(row, merchant_id) for row in result["entries"]],
        totals=_totals(result),
        statuses=statuses,
        seals=seals,
        as_of=datetime.fromisoformat(result["as_of"]) if result["as_of"] else None,
    )


def _entry(row: Mapping[str, Any], merchant_id: str) -> StatementRow:
    entry = row_entry({**row, "merchant_id": merchant_id})
    return StatementRow(entry, row["reversed_by"], row["recorded_category"])
