"""A list that is read page by page while its merchant's story goes on."""

import unicodedata
from urllib.parse import urlencode

from tests.api.reference_model import Answer, ReferenceLedger


class PagedList:
    """What the read model held at the first page comes exactly once, by the last one."""

    def __init__(self, book: ReferenceLedger, asked: dict[str, str]) -> None:
        self._book, self._asked = book, asked
        self._promised = book.listed(self._is_asked)
        self._cursor: str | None = None
        self._listed: list[Answer] = []
        self.pages = 0
        self.is_done = False

    def query(self, limit: int) -> str:
        """Return what to ask for next."""
        cursor = {"cursor": self._cursor} if self._cursor else {}
        return urlencode({**self._asked, "limit": str(limit), **cursor})

    def take(self, page: Answer, limit: int) -> None:
        """Take a page in, and check it and, at the end, all of them together."""
        self.pages += 1
        items, self._cursor = page["items"], page["next_cursor"]
        assert len(items) <= limit
        for item in items:
            assert item == self._book.in_list(item["id"])
            assert self._book.lines[item["id"]].seen and self._is_asked(item)
        self._listed += items
        self.is_done = self._cursor is None
        days = [item["day"] for item in self._listed]
        assert days == sorted(days, reverse=True)
        if self.is_done:
            self._check_all()

    def _check_all(self) -> None:
        ids = [item["id"] for item in self._listed]
        assert len(set(ids)) == len(ids)
        # A text that was erased meanwhile is found no more.
        missing = self._promised - set(ids)
        assert not {one for one in missing if self._is_asked(self._book.in_list(one))}

    def _is_asked(self, entry: Answer) -> bool:
        request = self._asked
        same = ("type", "account", "currency", "category")
        return (
            all(entry[name] == request[name] for name in same if name in request)
            and request.get("from", "") <= entry["day"] <= request.get("to", "9999")
            and _plain(request.get("q", "")) in _plain(entry["description"] or "")
        )


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
