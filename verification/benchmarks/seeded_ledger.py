"""A ledger in memory that makes its entries from a seed as they are asked for, and keeps none."""

import hashlib
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from chalicelib.closing.ports import Page
from chalicelib.ledger.entries import Entry, entry_id


class SeededLedger:
    """So many merchants with so many entries a day on some days, the same for the same seed."""

    def __init__(self, merchants: int, entries_a_day: int, days: Sequence[date]) -> None:
        self.merchants = [f"merchant-{number:06d}" for number in range(merchants)]
        self.days = tuple(sorted(days))
        self._entries_a_day = entries_a_day
        self._shown: dict[str, Entry] = {}

    @lru_cache(maxsize=4)  # noqa: B019 - a few days at a time, for both sides of the comparison
    def entries(self, merchant_id: str, day: date) -> tuple[Entry, ...]:
        """Return a day's entries."""
        if day not in self.days:
            return ()
        chance = random.Random(f"{merchant_id}/{day}")
        return tuple(
            _entry(chance, merchant_id, day, number) for number in range(self._entries_a_day)
        )

    def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
        """Return a day's entries, as the index shows them."""
        return list(self.entries(merchant_id, day))

    def newest_recorded(self, merchant_id: str, day: date) -> datetime | None:
        """Return when the newest entry of a day was recorded."""
        return max((entry.recorded_at for entry in self.entries(merchant_id, day)), default=None)

    def get_entries(self, entry_ids: Sequence[str]) -> list[Entry]:
        """Return those of these entries that the last page of a scan showed."""
        return [self._shown[one] for one in entry_ids if one in self._shown]

    def segment(self, number: int, of: int, start: str | None) -> Page:
        """Return a merchant's entries, of every merchant whose number falls into the segment."""
        mine = self.merchants[number::of]
        place = mine.index(start) + 1 if start else 0
        if place >= len(mine):
            return Page((), None)
        page = [entry for day in self.days for entry in self.entries(mine[place], day)]
        self._shown = {one.entry_id: one for one in page}
        return Page(page, mine[place] if place + 1 < len(mine) else None)


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
        text_salt="salt",
        category=chance.choice(("sales", "wages", None)),
    )
