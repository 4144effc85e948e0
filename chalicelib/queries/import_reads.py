"""What previews of bank files read: entries that may be the same as rows, and balances."""

from collections.abc import Iterable, Sequence
from datetime import date

from chalicelib.queries.read_model import ReadModel

CANDIDATE_DAYS = 3
MOST_POSSIBLE = 1000
"""How many entries are read for one movement, at most; the ledger then says which are free."""
TIME_LIMIT_SECONDS = 5
"""50,000 rows take PostgreSQL about a second of a core."""
_POSSIBLE = (
    "SELECT possible_entries(:merchant, :accounts, :currencies, :days, :amounts, :apart, :most)"
)
_ACCOUNT_DAYS = "SELECT account_days(:merchant, :accounts, :currencies, :firsts, :lasts)"
_ACCOUNTS = "SELECT entry_accounts(:merchant)"
Movement = tuple[str, str, date, int]
"""An account, a currency, a day, and a signed amount in minor units."""
Span = tuple[str, str, date, date]
"""An account, a currency, and the first and the last day."""


def possible_entries(
    read_model: ReadModel, merchant_id: str, movements: Sequence[Movement]
) -> list[list[str]]:
    """Return for each movement the ids of entries that may be the same.

    They have its account, currency and amount, and are on its day, or were recorded by hand within
    3 days of it. Raises ReadModelUnavailableError.
    """
    matches: list[list[str]] = [[] for _ in movements]
    if not movements:
        return matches
    accounts, currencies, days, amounts = zip(*movements, strict=True)
    rows = read_model.call(
        _POSSIBLE,
        time_limit=TIME_LIMIT_SECONDS,
        merchant=merchant_id,
        accounts=_array(accounts),
        currencies=_array(currencies),
        days=_array(days),
        amounts=_array(amounts),
        apart=CANDIDATE_DAYS,
        most=MOST_POSSIBLE,
    )
    for place, entry_ids in rows:
        matches[place - 1] = entry_ids
    return matches


def account_days(
    read_model: ReadModel, merchant_id: str, spans: Sequence[Span]
) -> list[tuple[int, bool, dict[date, int]]]:
    """Return for each span the balance before it, whether there is an entry before, its changes.

    Changes are by day, in minor units. Raises ReadModelUnavailableError.
    """
    if not spans:
        return []
    accounts, currencies, firsts, lasts = zip(*spans, strict=True)
    result = read_model.call(
        _ACCOUNT_DAYS,
        time_limit=TIME_LIMIT_SECONDS,
        merchant=merchant_id,
        accounts=_array(accounts),
        currencies=_array(currencies),
        firsts=_array(firsts),
        lasts=_array(lasts),
    )
    return [
        (opening, has_earlier, {date.fromisoformat(day): minor for day, minor in changes})
        for opening, has_earlier, changes in result
    ]


def accounts(read_model: ReadModel, merchant_id: str) -> list[str]:
    """Return the accounts in which the merchant has entries; raise ReadModelUnavailableError."""
    result: list[str] = read_model.call(_ACCOUNTS, merchant=merchant_id)
    return result


def _array(values: Iterable[object]) -> str:
    """Return PostgreSQL's text of an array of slugs, codes, days or numbers.

    pg8000 takes a second to convert lists of 50,000 values.
    """
    return "{" + ",".join(map(str, values)) + "}"
