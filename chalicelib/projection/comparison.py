"""A rebuild under way: what was found and done until now, and what is still suspected."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

from chalicelib.entry_items import Item
from chalicelib.projection.additions import add_all
from chalicelib.projection.changes import Change
from chalicelib.projection.ledger_truth import Ledger, tell_unreadable, truth, understood
from chalicelib.projection.repairer import Repairer

LARGEST_REPAIR = 2_000
"""How many suspects of a merchant are put right at once, so that no balance shows a half."""
MOST_SUSPECTS = 50_000
"""How many suspects are kept in mind before they are put right."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What differed: entries of the ledger read, and how many were missing, altered or too many.

    `totals` were wrong, `unreadable` are items of the table that make no sense or that the read
    model refuses; they are in the log by their ids.
    """

    entries: int = 0
    missing: int = 0
    altered: int = 0
    removed: int = 0
    totals: int = 0
    unreadable: int = 0

    def plus(self, other: "Rebuilt") -> "Rebuilt":
        """Return the sums of both."""
        return Rebuilt(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


class Comparison:
    """Compares pages of the ledger with the read model, and puts right what differs.

    `wrong` are merchants whose totals are not the sums of their entries. To their totals nothing
    can be added, so what is missing of them is put right like all else that is suspect.
    """

    def __init__(self, ledger: Ledger, read_model: Repairer, wrong: set[str]) -> None:
        self.outcome = Rebuilt()
        self._ledger = ledger
        self._read_model = read_model
        self._wrong = wrong
        self._suspects: dict[str, tuple[str, ...]] = {}

    def take(self, page: list[Item]) -> None:
        """Compare items of the ledger with their rows, and add those that can be added."""
        changes, unreadable = understood(page)
        self._read_model.meet(unreadable)
        rows = self._read_model.compare(changes)
        missing: list[Change] = []
        for change in changes:
            if change.entry_id not in rows:
                continue
            row_merchant = rows[change.entry_id]
            if row_merchant is None and change.entry.merchant_id not in self._wrong:
                missing.append(change)
            else:
                self.suspect(change.entry_id, change.entry.merchant_id, row_merchant)
        self._add(missing)
        self._count(Rebuilt(entries=len(changes), unreadable=len(unreadable)))

    def suspect(self, entry_id: str, *merchants: str | None) -> None:
        """Keep an entry in mind, and the merchants that it concerns."""
        if len(self._suspects) >= MOST_SUSPECTS:
            self._put_suspects_right()
        self._suspects[entry_id] = tuple({one for one in merchants if one is not None})

    def put_all_right(self) -> None:
        """Put all suspects right, and the totals that are wrong without one."""
        self._put_suspects_right()
        for merchant in sorted(self._wrong):
            self._put_right({merchant}, [])

    def _add(self, missing: list[Change]) -> None:
        added = add_all(self._read_model, missing)
        for change, reason in added.refused:
            tell_unreadable(change.entry_id, reason)
        self._count(Rebuilt(missing=added.new, unreadable=len(added.refused)))

    def _put_suspects_right(self) -> None:
        for merchants, entry_ids in _together(self._suspects):
            self._put_right(merchants, entry_ids)
        self._suspects.clear()

    def _put_right(self, merchants: set[str], entry_ids: list[str]) -> None:
        done = self._read_model.put_right(
            merchants, entry_ids, lambda asked: truth(self._ledger, asked)
        )
        self._wrong -= merchants
        self._count(Rebuilt(0, done.missing, done.altered, done.removed, done.totals))

    def _count(self, more: Rebuilt) -> None:
        self.outcome = self.outcome.plus(more)


def _together(suspects: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[set[str], list[str]]]:
    """Yield a merchant's suspects together, with all merchants that they concern."""
    by_merchant: defaultdict[str, list[str]] = defaultdict(list)
    for entry_id, merchants in suspects.items():
        by_merchant[min(merchants)].append(entry_id)
    for ids in by_merchant.values():
        for start in range(0, len(ids), LARGEST_REPAIR):
            chunk = ids[start : start + LARGEST_REPAIR]
            yield {one for entry_id in chunk for one in suspects[entry_id]}, chunk
