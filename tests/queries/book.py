"""A merchant of one test alone: entries are projected, and balances and lists are read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.entries import Entry
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.entry_list import EntryFilters, EntryPage, ListedEntry, page
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from verification.kit.generators import entry as make_entry

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Book:
    """A merchant, and the real read model as the projector and as requests see it."""

    merchant: str
    projection: Projection
    read_model: ReadModel

    def insert(self, entries: Iterable[Entry]) -> None:
        """Project entries, as one batch of the stream."""
        self.projection.insert(entries)

    def add(self, key: str = "one", **fields: Any) -> Entry:
        """Project an entry of the merchant and return it."""
        entry = make_entry(self.merchant, key, **fields)
        self.insert([entry])
        return entry

    def add_noons(self, *days: str) -> None:
        """Project an entry of 1.00 at noon of each day."""
        for day in days:
            self.add(day, occurred_at=f"{day}T12:00:00-03:00")

    def balances(
        self,
        first: date,
        last: date | None = None,
        account: str | None = None,
        currency: str = "BRL",
    ) -> list[DailyBalance]:
        """Return the balances of a day, or of a range of days."""
        query = BalanceQuery(self.merchant, first, last or first, account, currency)
        return balances(self.read_model, query)[0]

    def page(
        self, limit: int = 50, cursor: str | None = None, filters: EntryFilters | None = None
    ) -> EntryPage:
        """Return a page of the list of entries."""
        return page(self.read_model, self.merchant, filters or EntryFilters(), limit, cursor)

    def pages(
        self, filters: EntryFilters | None = None, limit: int = 50, **more: Any
    ) -> Iterator[list[ListedEntry]]:
        """Read all pages of the list, one after the other."""
        cursor = None
        while True:
            result = page(
                self.read_model, self.merchant, filters or EntryFilters(), limit, cursor, **more
            )
            yield list(result.items)
            cursor = result.next_cursor
            if cursor is None:
                return

    def listed(self, **filters: Any) -> list[Entry]:
        """Return all entries that a filter lists."""
        pages = self.pages(EntryFilters(**filters))
        return [item.entry for items in pages for item in items]
