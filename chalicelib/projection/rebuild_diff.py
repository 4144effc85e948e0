"""A rebuild under way: what was found and done until now, and what is still suspected."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.projection.additions import insert_bisecting
from chalicelib.projection.authoritative_entries import Ledger, tell_unreadable, truth, understood
from chalicelib.projection.checkpoint import RebuildStats
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import Repairer, RowKey
from chalicelib.storage.dynamodb_items import Item

LARGEST_REPAIR = 2_000
"""How many suspects of a merchant are put right at once, so that no balance shows a half."""
MOST_SUSPECTS = 30_000
"""How many suspects, and how many merchants with wrong totals, are kept in mind before some are
put right; a position with so many of both is below the 6 MB that a function answers."""


class RebuildDiff:
    """Compares the ledger with the read model, and puts right what differs.

    `wrong` are merchants whose totals are not the sums of their entries. To their totals nothing
    can be added, so what is missing of them is put right like all else that is suspect.
    """

    def __init__(self, ledger: Ledger, read_model: Repairer) -> None:
        self.outcome = RebuildStats()
        self.wrong: set[str] = set()
        self._ledger = ledger
        self._read_model = read_model
        # By the first of the merchants concerned, so that a merchant's are put right together.
        self._suspects: dict[str, dict[str, tuple[str, ...]]] = {}
        self._held_in_mind = 0

    @property
    def mismatches(self) -> dict[str, tuple[str, ...]]:
        """The entries that are suspected, with all merchants that they concern."""
        return {name: result for some in self._suspects.values() for name, result in some.items()}

    @property
    def is_full(self) -> bool:
        """Whether something must be put right before more is looked at."""
        return self._held_in_mind >= MOST_SUSPECTS or len(self.wrong) >= MOST_SUSPECTS

    @property
    def is_all_right(self) -> bool:
        """Whether nothing is suspected any more."""
        return not (self._suspects or self.wrong)

    def remember(
        self, outcome: RebuildStats, wrong: Iterable[str], mismatches: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Go on with what an earlier comparison had in mind."""
        self.outcome = outcome
        self.wrong |= {*wrong}
        for entry_id, merchants in mismatches.items():
            self._suspect(entry_id, *merchants)

    def compare_totals(self, merchants: Sequence[str]) -> None:
        """Find those of some merchants whose totals are wrong."""
        self.wrong |= self._read_model.wrong_totals(merchants)

    def take(self, page: list[Item]) -> None:
        """Compare items of the ledger with their rows, and add those that can be added."""
        changes, unreadable = understood(page)
        rows = self._read_model.compare(changes)
        missing: list[EntryChange] = []
        for change in changes:
            if change.entry_id not in rows:
                continue
            row_merchant = rows[change.entry_id]
            if row_merchant is None and change.entry.merchant_id not in self.wrong:
                missing.append(change)
            else:
                self._suspect(change.entry_id, change.entry.merchant_id, row_merchant)
        self._add(missing)
        self._count(RebuildStats(entries=len(changes), unreadable=len(unreadable)))

    def look_up(self, rows: Sequence[RowKey]) -> None:
        """Suspect rows that the ledger does not hold, or holds for another merchant."""
        owners = self._ledger.owners([row.entry_id for row in rows])
        for row in rows:
            owner = owners.get(row.entry_id)
            if owner != row.merchant_id:
                self._suspect(row.entry_id, row.merchant_id, owner)

    def put_some_right(self) -> None:
        """Put up to 2,000 suspects of a merchant right, or one merchant's totals."""
        if not self._suspects:
            self._put_right({min(self.wrong)}, [])
            return
        merchant_id, some = next(iter(self._suspects.items()))
        chunk = list(some)[:LARGEST_REPAIR]
        self._put_right({one for entry_id in chunk for one in some[entry_id]}, chunk)
        for entry_id in chunk:
            del some[entry_id]
        self._held_in_mind -= len(chunk)
        if not some:
            del self._suspects[merchant_id]

    def _suspect(self, entry_id: str, *merchants: str | None) -> None:
        concerned = tuple(sorted({merchant for merchant in merchants if merchant is not None}))
        some = self._suspects.setdefault(concerned[0], {})
        self._held_in_mind += entry_id not in some
        some[entry_id] = concerned

    def _add(self, missing: list[EntryChange]) -> None:
        added = insert_bisecting(self._read_model, missing)
        for change, reason in added.refused:
            tell_unreadable(change.entry_id, reason)
        self._count(RebuildStats(missing=added.new, unreadable=len(added.refused)))

    def _put_right(self, merchants: set[str], entry_ids: list[str]) -> None:
        done = self._read_model.repair(
            merchants, entry_ids, lambda asked: truth(self._ledger, asked)
        )
        self.wrong -= merchants
        self._count(RebuildStats(0, done.missing, done.altered, done.removed, done.totals))

    def _count(self, more: RebuildStats) -> None:
        self.outcome = self.outcome.plus(more)
