"""A ledger and a read model in memory that agree with each other, generated from a seed.

They keep of an entry only what its closing keeps, so that a million entries fit into a small
machine.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from chalicelib.closing import day_state
from chalicelib.closing.day_state import DayState, Period, PriorBalance, Row, Sums
from chalicelib.closing.differences import Difference
from chalicelib.closing.ports import ClosingKey, MerchantDays, Page, SealedClosing
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry, content_digest, entry_id

PAGE = 50


class SeededLedger:
    """Merchants with the same number of entries on each of some days; always the same entries."""

    def __init__(self, merchants: int, entries_a_day: int, days: Sequence[date]) -> None:
        self.merchants = [f"merchant-{number:06d}" for number in range(merchants)]
        self.days = tuple(sorted(days))
        self._entries_a_day = entries_a_day
        self._scanned: dict[str, Entry] = {}

    @lru_cache(maxsize=4)  # noqa: B019 - only a few days at a time
    def entries(self, merchant_id: str, day: date) -> tuple[Entry, ...]:
        """Return a day's entries."""
        if day not in self.days:
            return ()
        chance = random.Random(f"{merchant_id}/{day}")
        return tuple(
            _entry(chance, merchant_id, day, number) for number in range(self._entries_a_day)
        )

    def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
        """Return a day's entries, as read from the index."""
        return list(self.entries(merchant_id, day))

    def is_empty(self) -> bool:
        """Return whether there is no entry."""
        return not (self.merchants and self.days)

    def days_between(self, merchant_id: str, after: date | None, until: date) -> list[date]:
        """Return a merchant's days."""
        return [day for day in self.days if (after or date.min) < day <= until]

    def newest_recorded(self, merchant_id: str, day: date) -> datetime | None:
        """Return when the newest entry of a day was recorded."""
        return max((entry.recorded_at for entry in self.entries(merchant_id, day)), default=None)

    def get_entries(self, entry_ids: Sequence[str]) -> list[Entry]:
        """Return those of these entries that were in the last page of a scan."""
        return [self._scanned[name] for name in entry_ids if name in self._scanned]

    def erased_since(self, *_: Any) -> set[str]:
        """Return nothing: no erasure is on its way."""
        return set()

    def segment(self, number: int, of: int, start: str | None) -> Page:
        """Return a page of a scan: all entries of the next merchant in a segment."""
        merchants = self.merchants[number::of]
        index = merchants.index(start) + 1 if start else 0
        if index >= len(merchants):
            return Page((), None)
        entries = [entry for day in self.days for entry in self.entries(merchants[index], day)]
        self._scanned = {entry.entry_id: entry for entry in entries}
        return Page(entries, merchants[index] if index + 1 < len(merchants) else None)


class SeededReadModel:
    """A read model that agrees with a seeded ledger, and its closings."""

    def __init__(self, ledger: SeededLedger) -> None:
        self._ledger = ledger
        self.closings: dict[str, list[SealedClosing]] = {}
        self.pending_keys: set[ClosingKey] = set()
        self.reconciled: dict[str, date] = {}
        self.changes = {(merchant, day): 1 for merchant in ledger.merchants for day in ledger.days}

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges."""
        every = -(-len(self._ledger.merchants) // parts)
        return self._ledger.merchants[:: max(every, 1)]

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> list[MerchantDays]:
        """Return a page of merchants with their changed days."""
        page = [
            merchant
            for merchant in self._ledger.merchants
            if merchant >= first
            and merchant > (after or "")
            and (before is None or merchant < before)
        ][:PAGE]
        return [
            MerchantDays(name, self._changed(name, until), self.reconciled.get(name))
            for name in page
        ]

    def newest_projected(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return, for some merchants, that everything is projected."""
        sample = [merchant_id] if merchant_id else self._ledger.merchants[:limit]
        return {merchant: datetime.max.replace(tzinfo=UTC) for merchant in sample}

    def day_state(self, merchant_id: str, day: date) -> DayState:
        """Return the state of a day."""
        entries = self._ledger.entries(merchant_id, day)
        of_day = _summed(entries)
        closings = self.closings.get(merchant_id, [])
        versions = [closing for closing in closings if closing.item["day"] == day.isoformat()]
        return DayState(
            merchant_id=merchant_id,
            day=day,
            rows=_rows(sorted(entries, key=lambda entry: entry.entry_id)),
            day_totals=of_day,
            category_totals=_summed(entries, by_category=True),
            month=Period(of_day, of_day),
            year=Period(of_day, of_day),
            prior_balances=self._prior_balances(merchant_id, day),
            change_id=self.changes.get((merchant_id, day)),
            head=_head(closings[-1].item) if closings else None,
            newest=versions[-1].item if versions else None,
            sealed_ids=frozenset(name for closing in versions for name in closing.added),
        )

    def rows(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows of these entries, which are those of the ledger."""
        return _rows(self._ledger.get_entries(entry_ids))

    def inconsistent_days(self, *_: Any) -> list[Any]:
        """Return nothing: this read model has no contradictions."""
        return []

    wrong_newest = inconsistent_days

    def recompute_sealed(self, merchant_id: str) -> None:
        """Raise AssertionError: nothing may contradict the closings."""
        raise AssertionError(f"{merchant_id} must not need a repair")

    def rebuild_status(self) -> tuple[bool, bool]:
        """Return that the read model is complete."""
        return False, False

    def mark_reconciled(self, merchants: Sequence[str], until: date) -> None:
        """Note until when merchants are reconciled."""
        self.reconciled |= dict.fromkeys(merchants, until)

    def record_differences(
        self, state: DayState, differences: Sequence[Difference], *_: Any
    ) -> None:
        """Raise AssertionError: nothing may differ."""
        raise AssertionError(f"{state.merchant_id} {state.day} must not differ: {differences}")

    def clear_change(self, merchant_id: str, day: date, *_: Any) -> None:
        """Note that a day has no changes left."""
        self.changes.pop((merchant_id, day), None)

    def insert_closing(self, sealed: SealedClosing) -> bool:
        """Store a closing without its leaves; return False if its number is taken."""
        merchant_id, sequence = sealed.key
        closings = self.closings.setdefault(merchant_id, [])
        if sequence != len(closings) + 1:
            return False
        closings.append(
            SealedClosing(
                sealed.item, (), sealed.added, sealed.effects, sealed.change_id, sealed.run
            )
        )
        self.pending_keys.add(sealed.key)
        self.changes.pop((merchant_id, date.fromisoformat(sealed.item["day"])), None)
        return True

    def pending(self, merchants: Sequence[str]) -> list[ClosingKey]:
        """Return the closings of these merchants that are not delivered."""
        return sorted(key for key in self.pending_keys if key[0] in merchants)

    def closing(self, key: ClosingKey) -> tuple[Mapping[str, Any], list[bytes]]:
        """Raise AssertionError: leaves are not stored here, and no delivery may be left over."""
        raise AssertionError(f"{key} must be delivered by the run that made it")

    def mark_delivered(self, keys: Sequence[ClosingKey]) -> None:
        """Note that these were delivered."""
        self.pending_keys.difference_update(keys)

    def counts(self, run: str) -> tuple[int, int]:
        """Return how many closings a run created; it repairs nothing."""
        created = sum(
            closing.run == run for closings in self.closings.values() for closing in closings
        )
        return created, 0

    def _changed(self, merchant_id: str, until: date) -> tuple[date, ...]:
        days = (day for day in self._ledger.days if day <= until)
        return tuple(day for day in days if (merchant_id, day) in self.changes)

    def _prior_balances(self, merchant_id: str, day: date) -> dict[tuple[str, str], PriorBalance]:
        sealed: dict[tuple[str, str], int] = {}
        for closing in self.closings.get(merchant_id, []):
            if date.fromisoformat(closing.item["day"]) < day:
                for line in closing.effects:
                    sealed[line.key] = sealed.get(line.key, 0) + line.totals.net_minor
        return {line: PriorBalance(net, 0, net) for line, net in sealed.items()}


def _head(item: Mapping[str, Any]) -> day_state.ChainHead:
    return day_state.ChainHead(item["sequence"], item["root"], item["closed_at"])


def _rows(entries: Sequence[Entry]) -> dict[str, Row]:
    return {
        entry.entry_id: Row(entry, content_digest(entry), day_state.NO_TEXTS) for entry in entries
    }


def _summed(entries: Sequence[Entry], by_category: bool = False) -> Sums:
    sums: dict[tuple[str, str], Totals] = {}
    for entry in entries:
        line = ((entry.category or "") if by_category else entry.account, entry.currency)
        credit = entry.amount_minor if entry.type == "credit" else 0
        totals = Totals(credit, entry.amount_minor - credit, 1)
        sums[line] = sums.get(line, Totals()).plus(totals)
    return sums


def _entry(chance: random.Random, merchant_id: str, day: date, number: int) -> Entry:
    recorded = datetime(day.year, day.month, day.day, 15, tzinfo=UTC) + timedelta(seconds=number)
    digest = hashlib.sha256(chance.randbytes(16)).hexdigest()[:43]
    return Entry(
        entry_id=entry_id(merchant_id, f"{day}/{number}"),
        merchant_id=merchant_id,
        type=chance.choice(("credit", "debit")),
        amount_minor=chance.randrange(1, 500_000),
        currency="BRL",
        account=chance.choice(("main", "bank")),
        day=day,
        occurred_at=f"{day}T12:00:00-03:00",
        recorded_at=recorded,
        recorded_by="seed",
        text_digest=digest,
        category=chance.choice(("sales", "wages", None)),
    )
