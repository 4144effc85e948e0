"""The operations of the projection, the nightly run and a load, with their limits."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

from chalicelib.closing.differences import Difference
from chalicelib.closing.ports import SealedClosing, SweepSegment
from chalicelib.closing.read_model import ClosingStore
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.closings import BalanceLine, Opening
from chalicelib.projection.loader import LoadEndedError, Loader
from chalicelib.projection.repairer import Repairer
from verification.kit.generators import change, correction, entries
from verification.statement_limits import rebuilds
from verification.statement_limits.operations import CURRENCY, SMALL, Operation, Seeded
from verification.statement_limits.seed import LARGE_MERCHANT


def operations(
    closings: ClosingStore, repairer: Repairer, loader: Loader, seeded: Seeded
) -> Iterator[Operation]:
    """Yield all of them. What they write is not undone, so each is called once."""
    yield from _projection(repairer, seeded)
    yield from _ranges(closings, seeded)
    yield from _night(closings, seeded)
    yield from _closing(closings, seeded)
    yield from rebuilds.operations(repairer, seeded)
    yield from _load(loader, seeded)


def _projection(repairer: Repairer, seeded: Seeded) -> Iterator[Operation]:
    changes = [change(entry) for entry in entries(7, 100, seeded.merchants[:5], days=3)]
    ids, merchants = seeded.entry_ids, seeded.merchants[:5]
    yield Operation("projection: merchants in use", lambda: repairer.locked(merchants), 100, 10)
    yield Operation("projection: 100 new entries", lambda: repairer.add(changes), 6000, 200)
    yield Operation("projection: 100 known entries", lambda: repairer.differing(changes), 1500, 30)
    yield Operation("projection: 100 erasures", lambda: repairer.erase(ids[:100]), 5000, 100)
    fixes = [_correction(entry_id, merchants[0]) for entry_id in ids[:100]]
    yield Operation("projection: 100 corrections", lambda: repairer.correct(fixes), 8000, 200)
    early = [_correction(entry_id[::-1], merchants[0]) for entry_id in ids[:100]]
    yield Operation("projection: 100 early ones", lambda: repairer.correct(early), 3000, 100)


def _correction(entry_id: str, merchant_id: str) -> CategoryCorrection:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return CategoryCorrection(entry_id, merchant_id, at.date(), "energy", 1, "ana", at)


def _ranges(closings: ClosingStore, seeded: Seeded) -> Iterator[Operation]:
    last, page = seeded.extent.last, seeded.merchants[:50]
    every_merchant = seeded.extent.merchants // 2 + 100
    yield Operation("night: ranges", lambda: closings.boundaries(96), every_merchant, 50)
    yield Operation(
        "night: 50 merchants with their changed days",
        lambda: closings.merchants(page[0], None, None, last),
        1500,
        30,
    )
    yield Operation(
        "night: the next 50 of a range",
        lambda: closings.merchants(page[0], seeded.merchants[-1], page[5], last),
        1500,
        30,
    )
    yield Operation(
        "night: one merchant's newest entry", lambda: closings.newest_projected(SMALL, 1), 30, 10
    )
    yield Operation(
        "night: newest entries", lambda: closings.newest_projected(None, 20), every_merchant, 50
    )


def _night(closings: ClosingStore, seeded: Seeded) -> Iterator[Operation]:
    last, page = seeded.extent.last, seeded.merchants[:50]
    yield Operation("night: undelivered closings", lambda: closings.pending(page), 300, 20)
    yield Operation(
        "night: inconsistent days of 50 merchants of five years",
        lambda: closings.inconsistent_days(page, last, 30),
        150_000,
        1000,
    )
    yield Operation(
        "night: when entries of 50 merchants were recorded",
        lambda: closings.wrong_newest(page, last, 1),
        50 * (seeded.extent.entries // 5 // seeded.extent.merchants + 100),
        1000,
    )
    yield Operation(
        "night: which of 50 merchants are idle", lambda: closings.idle(page, last), 6000, 100
    )
    yield Operation("night: whether it may begin", closings.rebuild_status, 20, 10)
    yield Operation(
        "night: 50 reconciled merchants", lambda: closings.mark_reconciled(page, last), 500, 20
    )
    yield Operation("night: public keys", closings.public_keys, 20, 10)
    yield from _sweep(closings)
    yield Operation("night: 100 rows", lambda: closings.rows(seeded.entry_ids[:100]), 1000, 30)
    yield Operation("night: closings and repairs of a run", lambda: closings.counts("a"), 30, 10)


def _sweep(closings: ClosingStore) -> Iterator[Operation]:
    due = date(2100, 1, 1)
    segment = SweepSegment(0, due, None)
    yield Operation("sweep: a due segment", lambda: closings.due_segment(0, 4, due), 30, 10)
    yield Operation("sweep: move it", lambda: closings.move_segment(segment, "a", due), 30, 10)
    yield Operation("sweep: days overdue", lambda: closings.sweep_overdue(due), 30, 10)


def _read_again(closings: ClosingStore, newest: int) -> Iterator[Operation]:
    yield Operation("closing: read again", lambda: closings.closing((SMALL, newest)), 300, 20)
    yield Operation(
        "closing: the 100 closings before the newest",
        lambda: closings.closings_between(SMALL, max(newest - 100, 1), newest - 1),
        300,
        20,
    )


def _closing(closings: ClosingStore, seeded: Seeded) -> Iterator[Operation]:
    extent, at = seeded.extent, datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
    small, large_day, large = (SMALL, extent.last), extent.large_day, extent.large_day_entries
    state = closings.day_state(*small)
    key = (SMALL, state.head.sequence if state.head else 0)
    difference = Difference("day", "main", CURRENCY, {"ledger": [1, 0, 1], "read_model": None})
    yield Operation("closing: the state of a day", lambda: closings.day_state(*small), 1500, 30)
    yield Operation(
        f"closing: the state of a day of {large:,} entries",
        lambda: closings.day_state(LARGE_MERCHANT, large_day),
        large // 5 + 3000,
        3000,
    )
    yield Operation(
        "closing: note a difference",
        lambda: closings.record_differences(state, [difference], "a", at),
        100,
        20,
    )
    sealed = _made(key[1] + 1, extent.last, seeded.entry_ids)
    yield Operation("closing: insert", lambda: closings.insert_closing(sealed), 1500, 100)
    yield from _read_again(closings, key[1])
    large_key = (LARGE_MERCHANT, extent.days - (extent.last - large_day).days)
    yield Operation(
        f"closing: read again, {large:,} entries",
        lambda: closings.closing(large_key),
        large // 5 + 3000,
        3000,
    )
    yield Operation("closing: delivered", lambda: closings.mark_delivered([key]), 50, 10)
    yield Operation(
        "closing: nothing changed", lambda: closings.clear_change(*small, change_id=1), 50, 10
    )
    yield Operation(
        "closing: the sums of a merchant's closings",
        lambda: closings.recompute_sealed(SMALL),
        5000,
        300,
    )
    yield Operation("closing: a key", lambda: closings.store_key("another", "PEM"), 50, 10)


def _load(loader: Loader, seeded: Seeded) -> Iterator[Operation]:
    """Yield what a load sends; the seeded read model is complete, so that no entry is inserted."""
    changes = [change(entry) for entry in entries(9, 100, seeded.merchants[:5], days=3)]
    mean = seeded.extent.entries * 4 // 5 // seeded.extent.merchants

    def insert() -> None:
        with suppress(LoadEndedError):
            loader.add(changes)

    def correct() -> None:
        with suppress(LoadEndedError):
            loader.add_corrections([correction(each.entry, 1, "energy") for each in changes[:10]])

    yield Operation("load: whether one is under way", loader.loading, 20, 10)
    yield Operation("load: drop indexes", loader.drop_indexes, 50, 10)
    yield Operation("load: 100 entries, too late", insert, 1000, 100)
    yield Operation("load: corrections, too late", correct, 50, 10)
    yield Operation("load: no more entries", lambda: loader.end_entries("infinity"), 30, 10)
    yield Operation("load: build an index", loader.build_index, 50, 10)
    few = seeded.merchants[:10]
    # Hardly two entries have the same day, so each makes three rows: totals of its day and of its
    # category, and a mark. A merchant has up to 200 totals of months and years. To replace a row
    # takes up to 7 blocks, most of them of its key's index.
    yield Operation(
        "load: the totals of 10 merchants",
        lambda: loader.total(few),
        10 * (3 * mean + 200) * 7,
        10_000,
    )


def _made(sequence: int, day: date, added: Sequence[str]) -> SealedClosing:
    named = {"merchant": SMALL, "day": day.isoformat(), "version": 1, "sequence": sequence}
    item = {**named, "root": "r" * 64, "key_id": "key"}
    line = BalanceLine("main", CURRENCY, Opening(0, 0), Totals(100, 0, 1))
    return SealedClosing(item, (), added[:100], [line], None, "a")
