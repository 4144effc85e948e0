"""The operations of a rebuild that compares, with their limits."""

from collections.abc import Iterator
from functools import partial

from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_pages import RowKey
from chalicelib.projection.row_sums import BUCKETS, RowSums
from verification.kit.generators import change, correction, entries
from verification.statement_limits.operations import SMALL, Operation, Seeded
from verification.statement_limits.seed import LARGE_MERCHANT


def operations(repairer: Repairer, seeded: Seeded) -> Iterator[Operation]:
    """Yield all of them. What they write is not undone, so each is called once."""
    page, ids = seeded.merchants[:50], seeded.entry_ids
    changes = [change(entry) for entry in entries(7, 100, seeded.merchants[:5], days=3)]
    lost = [change(entry) for entry in entries(8, 100, [SMALL], days=3)]
    mean = seeded.extent.entries * 4 // 5 // seeded.extent.merchants
    yield Operation("rebuild: all merchants", repairer.merchants, 30 * seeded.extent.merchants, 500)
    yield Operation("rebuild: begun", repairer.begin_rebuild, 30, 10)
    began_at = repairer.begin_rebuild()
    yield Operation("rebuild: ended", lambda: repairer.end_rebuild(began_at), 30, 10)
    yield from _rows(repairer, seeded)
    yield Operation(
        "rebuild: the totals of 50 merchants",
        lambda: repairer.wrong_totals(page),
        50 * (mean + 1000),
        10_000,
    )
    yield Operation(
        "rebuild: the totals of the large merchant",
        lambda: repairer.wrong_totals([LARGE_MERCHANT]),
        seeded.extent.entries // 20 + 20_000,
        30_000,
    )
    yield Operation("rebuild: compare 100 entries", lambda: repairer.compare(changes), 1500, 50)
    yield Operation(
        "rebuild: compare 100 corrections",
        lambda: repairer.differing_corrections([correction(each.entry, 1, None) for each in lost]),
        1500,
        50,
    )
    yield Operation(
        "rebuild: repair 100 entries of a merchant of five years",
        lambda: repairer.repair([SMALL], ids[:100], lambda _: AuthoritativeEntries(lost, [])),
        10_000 + 3 * mean,
        500,
    )


def _rows(repairer: Repairer, seeded: Seeded) -> Iterator[Operation]:
    key = RowKey(LARGE_MERCHANT, str(seeded.extent.large_day), "-infinity", "-infinity", "")
    sums = RowSums("salt", "2100-01-01T00:00:00+00:00", (1,) * BUCKETS)
    for name, merchant_id in (("of all", None), ("of a merchant", LARGE_MERCHANT)):
        yield Operation(
            f"rebuild: sum 20,000 rows {name}",
            partial(repairer.sum_rows, merchant_id, key, sums),
            30_000,
            500,
        )
        yield Operation(
            f"rebuild: 20,000 differing rows {name}",
            partial(repairer.rows_of_buckets, merchant_id, key, sums),
            30_000,
            700,
        )
