"""The operations of previews of bank files, with their limits."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from chalicelib.queries import import_reads
from chalicelib.queries.read_model import ReadModel
from verification.statement_limits.operations import CURRENCY, SMALL, Operation, Seeded
from verification.statement_limits.seed import LARGE_MERCHANT

_ROWS = 1000


def operations(reads: ReadModel, seeded: Seeded) -> Iterator[Operation]:
    """Yield the operations: candidates of 1,000 rows, balances of a year, all accounts."""
    last = seeded.extent.last
    movements = [
        ("main", CURRENCY, last - timedelta(days=number % 300), 100 + 7 * number)
        for number in range(_ROWS)
    ]
    possible = partial(import_reads.possible_entries, reads, LARGE_MERCHANT, movements)
    yield Operation("import: what 1,000 rows may be", possible, 20 * _ROWS, 300)
    elsewhere = [("nowhere", code, day, minor) for _, code, day, minor in movements]
    nothing = partial(import_reads.possible_entries, reads, LARGE_MERCHANT, elsewhere)
    yield Operation("import: rows of an account without entries", nothing, 10 * _ROWS, 300)
    spans = [("main", CURRENCY, last - timedelta(days=365), last)]
    days = partial(import_reads.account_days, reads, LARGE_MERCHANT, spans)
    yield Operation("import: an account's days of a year", days, 3000, 60)
    accounts = partial(import_reads.accounts, reads, SMALL)
    yield Operation("import: all accounts", accounts, 100, 20)
