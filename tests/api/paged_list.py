"""A list that is read page by page while its merchant records more entries."""

import unicodedata
from urllib.parse import urlencode

from tests.api.expected_book import Body, ExpectedBook


class PagedList:
    """Every entry that the read model held at the first page is returned exactly once."""

    def __init__(self, book: ExpectedBook, parameters: dict[str, str]) -> None:
        self._book, self._parameters = book, parameters
        self._promised = book.listed(self._matches)
        self._cursor: str | None = None
        self._listed: list[Body] = []
        self.count = 0
        self.is_done = False

    def query(self, limit: int) -> str:
        """Return the query of the next page."""
        cursor = {"cursor": self._cursor} if self._cursor else {}
        return urlencode({**self._parameters, "limit": str(limit), **cursor})

    def take(self, page: Body, limit: int) -> None:
        """Add a page and check it, and after the last page all of them together."""
        self.count += 1
        items, self._cursor = page["items"], page["next_cursor"]
        assert len(items) <= limit
        for item in items:
            assert item == self._book.in_list(item["id"])
            assert self._book.lines[item["id"]].seen and self._matches(item)
        self._listed += items
        self.is_done = self._cursor is None
        days = [item["day"] for item in self._listed]
        assert days == sorted(days, reverse=True)
        if self.is_done:
            self._check_all()

    def _check_all(self) -> None:
        ids = [item["id"] for item in self._listed]
        assert len(set(ids)) == len(ids)
        # A search no longer finds a text that was erased in between.
        missing = self._promised - set(ids)
        assert not {name for name in missing if self._matches(self._book.in_list(name))}

    def _matches(self, entry: Body) -> bool:
        request = self._parameters
        same = ("type", "account", "currency", "category")
        return (
            all(entry[name] == request[name] for name in same if name in request)
            and request.get("from", "") <= entry["day"] <= request.get("to", "9999")
            and _plain(request.get("q", "")) in _plain(entry["description"] or "")
        )


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
