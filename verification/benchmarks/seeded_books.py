"""A read model in memory that agrees with a seeded ledger, and remembers closings.

It keeps of an entry what its closing keeps, so a million of them fit into a small machine.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.closing.day_state import ChainHead, DayState, Period, PriorBalance, Row, Sums
from chalicelib.closing.differences import Difference
from chalicelib.closing.ports import ClosingKey, MerchantDays, SealedClosing
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry, content_digest
from verification.benchmarks.seeded_ledger import SeededLedger

PAGE = 50


class SeededBooks:
    """A read model that agrees with a seeded ledger, and its closings."""

    def __init__(self, ledger: SeededLedger) -> None:
        self._ledger = ledger
        self.closings: dict[str, list[SealedClosing]] = {}
        self.waiting: set[ClosingKey] = set()
        self.marks = {(merchant, day): 1 for merchant in ledger.merchants for day in ledger.days}

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges."""
        every = -(-len(self._ledger.merchants) // parts)
        return self._ledger.merchants[:: max(every, 1)]

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> list[MerchantDays]:
        """Return a page of merchants with their changed days."""
        rest = (
            merchant
            for merchant in self._ledger.merchants
            if merchant >= first and merchant > (after or "")
        )
        mine = [one for one in rest if before is None or one < before][:PAGE]
        return [MerchantDays(one, self._changed(one, until)) for one in mine]

    def newest_projected(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Say of some merchants that everything is in."""
        some = [merchant_id] if merchant_id else self._ledger.merchants[:limit]
        return {one: datetime.max.replace(tzinfo=UTC) for one in some}

    def day_state(self, merchant_id: str, day: date) -> DayState:
        """Return all of a day."""
        entries = self._ledger.entries(merchant_id, day)
        in_order = sorted(entries, key=lambda one: one.entry_id)
        rows = {one.entry_id: Row(one, content_digest(one), False) for one in in_order}
        of_day = _summed(entries)
        closings = self.closings.get(merchant_id, [])
        of_this_day = [one for one in closings if one.item["day"] == day.isoformat()]
        return DayState(
            merchant_id=merchant_id,
            day=day,
            rows=rows,
            day_totals=of_day,
            category_totals=_summed(entries, by_category=True),
            month=Period(of_day, of_day),
            year=Period(of_day, of_day),
            prior_balances=self._before(merchant_id, day),
            change_id=self.marks.get((merchant_id, day)),
            head=ChainHead(len(closings), closings[-1].item["root"]) if closings else None,
            newest=of_this_day[-1].item if of_this_day else None,
            sealed_ids=frozenset(one for closing in of_this_day for one in closing.added),
        )

    def rows(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """Return what stands under these ids, which is what the ledger has."""
        result = self._ledger.get_entries(entry_ids)
        return {one.entry_id: Row(one, content_digest(one), False) for one in result}

    def inconsistent_days(self, *_: Any) -> list[MerchantDays]:
        """Return nothing: these books never contradict themselves."""
        return []

    def record_differences(
        self, state: DayState, differences: Sequence[Difference], *_: Any
    ) -> None:
        """Refuse: there is nothing to differ."""
        raise AssertionError(f"{state.merchant_id} {state.day} must not differ: {differences}")

    def clear_change(self, merchant_id: str, day: date, *_: Any) -> None:
        """Forget that a day changed."""
        self.marks.pop((merchant_id, day), None)

    def insert_closing(self, sealed: SealedClosing) -> bool:
        """Keep a closing, without its leaves; False where its number is taken."""
        merchant_id, sequence = sealed.key
        closings = self.closings.setdefault(merchant_id, [])
        if sequence != len(closings) + 1:
            return False
        closings.append(
            SealedClosing(
                sealed.item, (), sealed.added, sealed.effects, sealed.change_id, sealed.run
            )
        )
        self.waiting.add(sealed.key)
        self.marks.pop((merchant_id, date.fromisoformat(sealed.item["day"])), None)
        return True

    def pending(self, merchants: Sequence[str]) -> list[ClosingKey]:
        """Return the closings of these merchants that are not delivered."""
        return sorted(key for key in self.waiting if key[0] in merchants)

    def closing(self, key: ClosingKey) -> tuple[Mapping[str, Any], list[bytes]]:
        """Refuse: leaves are not kept here, and nothing is left over."""
        raise AssertionError(f"{key} must be delivered by the run that made it")

    def mark_delivered(self, keys: Sequence[ClosingKey]) -> None:
        """Remember that these are delivered."""
        self.waiting.difference_update(keys)

    def counts(self, run: str) -> tuple[int, int]:
        """Return how many closings a run made; it repairs nothing."""
        made = sum(
            closing.run == run for closings in self.closings.values() for closing in closings
        )
        return made, 0

    def _changed(self, merchant_id: str, until: date) -> tuple[date, ...]:
        days = (day for day in self._ledger.days if day <= until)
        return tuple(day for day in days if (merchant_id, day) in self.marks)

    def _before(self, merchant_id: str, day: date) -> dict[tuple[str, str], PriorBalance]:
        sealed: dict[tuple[str, str], int] = {}
        for closing in self.closings.get(merchant_id, []):
            if date.fromisoformat(closing.item["day"]) < day:
                for line in closing.effects:
                    sealed[line.key] = sealed.get(line.key, 0) + line.totals.net_minor
        return {line: PriorBalance(net, 0, net) for line, net in sealed.items()}


def _summed(entries: Sequence[Entry], by_category: bool = False) -> Sums:
    sums: dict[tuple[str, str], Totals] = {}
    for entry in entries:
        line = ((entry.category or "") if by_category else entry.account, entry.currency)
        credit = entry.amount_minor if entry.type == "credit" else 0
        totals = Totals(credit, entry.amount_minor - credit, 1)
        sums[line] = sums.get(line, Totals()).plus(totals)
    return sums
