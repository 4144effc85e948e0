"""The differences between ledger and read model in a rebuild, and their repair."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.projection.authoritative_entries import (
    Ledger,
    authoritative_entries,
    log_unreadable,
    parse_items,
)
from chalicelib.projection.checkpoint import RebuildStats
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_pages import RowKey, SummedRows
from chalicelib.projection.row_sums import RowSums
from chalicelib.projection.writer import insert_bisecting
from chalicelib.storage.dynamodb_items import Item

LARGEST_REPAIR = 2_000
"""Largest number of entries repaired in one SQL transaction, which shows no partial repair."""
MOST_MISMATCHES = 30_000
"""Largest number of mismatches, and of merchants with wrong totals, before some are repaired. A
checkpoint with that many of both is smaller than the 6 MB of a function's response."""


class RebuildDiff:
    """Compares the ledger with the read model, and repairs what differs.

    `wrong` are merchants whose totals are not the sums of their entries. Nothing can be added to
    such totals, so a missing entry of these merchants is repaired like every other mismatch.
    `sums` find the rows that the ledger does not have.
    """

    def __init__(self, ledger: Ledger, read_model: Repairer) -> None:
        self.stats = RebuildStats()
        self.wrong: set[str] = set()
        self.sums = RowSums()
        self._ledger = ledger
        self._read_model = read_model
        # By the first of the merchants concerned, so that a merchant's are repaired together.
        self._by_merchant: dict[str, dict[str, tuple[str, ...]]] = {}
        self._count = 0

    @property
    def mismatches(self) -> dict[str, tuple[str, ...]]:
        """The entries that seem to differ, each with all merchants concerned."""
        return {
            entry_id: concerned
            for entries in self._by_merchant.values()
            for entry_id, concerned in entries.items()
        }

    @property
    def is_full(self) -> bool:
        """Whether something must be repaired before more is compared."""
        return self._count >= MOST_MISMATCHES or len(self.wrong) >= MOST_MISMATCHES

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to repair."""
        return not (self._by_merchant or self.wrong)

    def restore(
        self, stats: RebuildStats, wrong: Iterable[str], mismatches: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Continue with the counts and differences of a checkpoint."""
        self.stats = stats
        self.wrong |= {*wrong}
        for entry_id, merchants in mismatches.items():
            self._add_mismatch(entry_id, *merchants)

    def compare_totals(self, merchants: Sequence[str]) -> None:
        """Note the merchants whose totals are wrong."""
        self.wrong |= self._read_model.wrong_totals(merchants)

    def compare_items(self, items: list[Item]) -> None:
        """Compare items of the ledger with their rows, and insert those that can be inserted."""
        changes, corrections, unreadable = parse_items(items)
        rows = self._read_model.compare(changes)
        missing: list[EntryChange] = []
        absent: set[str] = set()
        for change in changes:
            if change.entry_id not in rows:
                continue
            row_merchant = rows[change.entry_id]
            if row_merchant is None and change.entry.merchant_id not in self.wrong:
                missing.append(change)
            else:
                self._add_mismatch(change.entry_id, change.entry.merchant_id, row_merchant)
                if row_merchant is None:
                    absent.add(change.entry_id)
        corrected = self._compare_corrections(corrections)
        inserted = insert_bisecting(self._read_model, missing)
        for change, reason in inserted.rejected:
            log_unreadable(change.entry_id, reason)
            absent.add(change.entry_id)
        self.sums = self.sums.plus(
            [change.entry for change in changes if change.entry_id not in absent]
        )
        self.stats = self.stats.plus(
            RebuildStats(
                entries=len(changes),
                missing=inserted.new,
                categories=corrected,
                unreadable=len(unreadable) + len(inserted.rejected),
            )
        )

    def compare_rows(self, rows: Sequence[RowKey]) -> None:
        """Note rows that the ledger does not hold, or holds for another merchant."""
        owners = self._ledger.owners([row.entry_id for row in rows])
        for row in rows:
            owner = owners.get(row.entry_id)
            if owner != row.merchant_id:
                self._add_mismatch(row.entry_id, row.merchant_id, owner)

    def compare_summed(self, page: SummedRows) -> None:
        """Subtract the sums of a page of rows, and look up those that are not summed."""
        self.sums = self.sums.minus(page.sums)
        self.compare_rows(page.recent)
        known = self._ledger.corrected([row.entry_id for row in page.corrected])
        for row in page.corrected:
            if row.entry_id not in known:
                self._add_mismatch(row.entry_id, row.merchant_id)

    def repair_some(self) -> None:
        """Repair up to 2,000 mismatches of a merchant, or else the totals of one merchant."""
        if not self._by_merchant:
            self._repair({min(self.wrong)}, [])
            return
        merchant_id, entries = next(iter(self._by_merchant.items()))
        chunk = list(entries)[:LARGEST_REPAIR]
        self._repair({merchant for entry_id in chunk for merchant in entries[entry_id]}, chunk)
        for entry_id in chunk:
            del entries[entry_id]
        self._count -= len(chunk)
        if not entries:
            del self._by_merchant[merchant_id]

    def _compare_corrections(self, corrections: Sequence[CategoryCorrection]) -> int:
        """Apply corrections that the read model lacks; return how many it lacked."""
        if not corrections:
            return 0
        differing = self._read_model.differing_corrections(corrections)
        wrong = [correction for correction in corrections if correction.entry_id in differing]
        if not wrong:
            return 0
        applied = self._read_model.correct(wrong)
        # A correction that seems newer than the ledger's was altered, or is the ledger's by now.
        left = self._read_model.differing_corrections(wrong)
        for correction in wrong:
            if correction.entry_id in left:
                self._add_mismatch(correction.entry_id, correction.merchant_id)
        return applied

    def _add_mismatch(self, entry_id: str, *merchants: str | None) -> None:
        concerned = tuple(sorted({merchant for merchant in merchants if merchant is not None}))
        entries = self._by_merchant.setdefault(concerned[0], {})
        self._count += entry_id not in entries
        entries[entry_id] = concerned

    def _repair(self, merchants: set[str], entry_ids: list[str]) -> None:
        result = self._read_model.repair(
            merchants, entry_ids, lambda ids: authoritative_entries(self._ledger, ids)
        )
        self.wrong -= merchants
        self.stats = self.stats.plus(
            RebuildStats(
                missing=result.missing,
                altered=result.altered,
                removed=result.removed,
                totals=result.totals,
                categories=result.categories,
            )
        )
