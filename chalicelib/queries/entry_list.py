"""Lists of entries, newest business day first, page by page.

A cursor contains the key of the last entry of a page, and no part of that key ever changes. So each
entry that was in the read model at the first page is listed exactly once, whatever arrives later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from chalicelib.ledger.entries import Entry, EntryType, is_entry_id
from chalicelib.ledger.errors import FieldError, InvalidQueryError, ValidationError
from chalicelib.ledger.text import DESCRIPTION_LENGTH, clean_text, searchable
from chalicelib.queries import cursors
from chalicelib.queries.day_ranges import check_order

SCAN_LIMIT = 50_000
"""How many entries one page scans; a search for something rare continues on the next page."""


UNCATEGORIZED = ""


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """Which entries; None filters nothing. Days are inclusive, `q` is searched in descriptions.

    `category` is the current one, UNCATEGORIZED for entries without any.
    """

    # The order of the fields is part of every cursor.
    first: date | None = None
    last: date | None = None
    account: str | None = None
    currency: str | None = None
    type: EntryType | None = None
    category: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """An entry's key in the order of lists: its day, its instant and its id, newest first."""

    day: date
    occurred: datetime
    entry_id: str


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry, its position, the id of its reversal (None without one), its current category."""

    entry: Entry
    position: Position
    reversed_by: str | None
    category: str | None


@dataclass(frozen=True, slots=True)
class PageParams:
    """Which page: `search_text` is `q` in the form of the search, `before` the last page's end.

    The result has up to `limit` + 1 entries, of at most `scan_limit` that are scanned.
    """

    merchant_id: str
    filters: EntryFilters
    search_text: str | None
    before: Position | None
    limit: int
    scan_limit: int


@dataclass(frozen=True, slots=True)
class PageRows:
    """Entries of the read model, and the secret that signs cursors.

    `scanned_to` is where the scan stopped, None if it reached the end or found enough entries.
    """

    entries: tuple[ListedEntry, ...]
    scanned_to: Position | None
    secret: bytes


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page and the cursor of the next one, None at the end.

    A page of a search may have fewer entries than `limit`, even none, and still have a next page.
    """

    items: tuple[ListedEntry, ...]
    next_cursor: str | None


def page(
    read_model: "EntryReads",
    merchant_id: str,
    filters: EntryFilters,
    limit: int = 50,
    cursor: str | None = None,
    scan_limit: int = SCAN_LIMIT,
    fitting: Callable[[Sequence[ListedEntry]], int] = len,
) -> EntryPage:
    """Return a page of a merchant's entries: the first, or the one of a cursor.

    `fitting` returns how many of the entries that were read the page can hold. Raises
    InvalidQueryError when `last` is before `first`, no description can contain `q`, or the cursor
    is not of this merchant and these filters; ReadModelUnavailableError without a response.
    """
    check_order(filters.first, filters.last)
    search_text = None if filters.q is None else _search_text(filters.q)
    claim = None if cursor is None else cursors.read(cursor)
    before = None if claim is None else _position(claim)
    params = PageParams(merchant_id, filters, search_text, before, limit, scan_limit)
    rows = read_model.entries(params)
    scope = cursors.scope(merchant_id, filters)
    if claim is not None:
        # The secret is part of the same response, which saves a round trip. A forged position
        # reads only this merchant's own entries, and is rejected here all the same.
        claim.check(rows.secret, scope)
    items = rows.entries[:limit]
    items = items[: fitting(items)]
    end = items[-1].position if len(rows.entries) > len(items) else rows.scanned_to
    return EntryPage(items, None if end is None else _cursor(rows.secret, scope, end))


def _search_text(q: str) -> str:
    try:
        search_text = searchable(clean_text(q, "q", DESCRIPTION_LENGTH, shortest=1))
    except ValidationError as error:
        raise InvalidQueryError(error.detail, error.field_errors) from None
    if not search_text:  # only accents, which every description would contain
        message = "must contain a letter, a digit or a sign to search for"
        raise InvalidQueryError(f"q {message}.", [FieldError("q", message)])
    return search_text


def _position(claim: cursors.Claim) -> Position:
    try:
        day, occurred, entry_id = claim.position()
        instant = datetime.fromisoformat(occurred).astimezone(UTC)
        position = Position(date.fromisoformat(day), instant, entry_id)
    except (ValueError, OverflowError):
        raise cursors.invalid_cursor() from None
    if not is_entry_id(entry_id):
        raise cursors.invalid_cursor()
    return position


def _cursor(secret: bytes, scope: bytes, end: Position) -> str:
    parts = (end.day.isoformat(), end.occurred.isoformat(), end.entry_id)
    return cursors.seal(secret, scope, parts)


class EntryReads(Protocol):
    """The source of entries: PostgreSQL, or a test's memory."""

    def entries(self, params: PageParams, /) -> PageRows:
        """Return the rows; raise ReadModelUnavailableError when there is no response."""
        ...
