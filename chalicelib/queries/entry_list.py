"""Lists of entries, newest business day first, page by page.

A cursor names the place where a page ended by what never changes of an entry, so whatever arrives
in between, each entry that was there at the first page comes exactly once.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from chalicelib.ledger.entries import Entry, EntryType, is_entry_id
from chalicelib.ledger.errors import FieldError, InvalidQueryError, ValidationError
from chalicelib.ledger.text import DESCRIPTION_LENGTH, clean_text, searchable
from chalicelib.queries import cursors
from chalicelib.queries.day_ranges import check_order

LOOK_AT = 50_000
"""How many entries one page looks at: a search for something rare goes on in the next page."""


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """Which entries; None filters nothing. Days are inclusive, `q` is searched in descriptions."""

    first: date | None = None
    last: date | None = None
    account: str | None = None
    currency: str | None = None
    type: EntryType | None = None
    category: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """An entry's place in the order of lists: its day, its moment and its id, newest first."""

    day: date
    occurred: datetime
    entry_id: str


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry, its place, and the id of its reversal, None if the read model knows of none."""

    entry: Entry
    position: Position
    reversed_by: str | None


@dataclass(frozen=True, slots=True)
class PageParams:
    """Which page: `sought` is the text as it is searched, `before` where the last page ended.

    The answer holds up to `limit` + 1 entries and looks at `look_at` at most.
    """

    merchant_id: str
    filters: EntryFilters
    sought: str | None
    before: Position | None
    limit: int
    look_at: int


@dataclass(frozen=True, slots=True)
class PageRows:
    """What the read model found, and the secret that cursors are sealed with.

    `looked_to` is where it stopped looking, None if it came to the end or found enough.
    """

    entries: tuple[ListedEntry, ...]
    looked_to: Position | None
    secret: bytes


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page and the cursor of the next one, None at the end.

    A page of a search may hold fewer entries than `limit`, even none, and still have a next one.
    """

    items: tuple[ListedEntry, ...]
    next_cursor: str | None


def page(
    read_model: "EntryReads",
    merchant_id: str,
    filters: EntryFilters,
    limit: int = 50,
    cursor: str | None = None,
    look_at: int = LOOK_AT,
) -> EntryPage:
    """Return a page of a merchant's entries: the first, or the one that a cursor names.

    Raises InvalidQueryError when `last` is before `first`, `q` could be in no description, or the
    cursor was not made for this merchant and these filters; ReadModelUnavailableError without an
    answer.
    """
    check_order(filters.first, filters.last)
    sought = _sought(filters.q)
    claim = None if cursor is None else cursors.read(cursor)
    before = None if claim is None else _position(claim)
    reading = read_model.entries(PageParams(merchant_id, filters, sought, before, limit, look_at))
    scope = cursors.scope(merchant_id, filters)
    if claim is not None:
        # The secret comes with the answer, in one round trip; a forged place found nothing that
        # is not this merchant's own, and is refused all the same.
        claim.check(reading.secret, scope)
    items = reading.entries[:limit]
    end = items[-1].position if len(reading.entries) > limit else reading.looked_to
    sealed = None if end is None else cursors.seal(reading.secret, scope, _told(end))
    return EntryPage(items, sealed)


def _sought(q: str | None) -> str | None:
    if q is None:
        return None
    try:
        sought = searchable(clean_text(q, "q", DESCRIPTION_LENGTH, shortest=1))
    except ValidationError as refused:
        raise InvalidQueryError(refused.detail, refused.field_errors) from None
    if not sought:  # nothing but accents: every description would hold it
        message = "must have a letter, a digit or a sign to search for"
        raise InvalidQueryError(f"q {message}.", [FieldError("q", message)])
    return sought


def _position(claim: cursors.Claim) -> Position:
    try:
        day, occurred, entry_id = claim.place()
        moment = datetime.fromisoformat(occurred).astimezone(UTC)
        position = Position(date.fromisoformat(day), moment, entry_id)
    except (ValueError, OverflowError):
        raise cursors.refusal() from None
    if not is_entry_id(entry_id):
        raise cursors.refusal()
    return position


def _told(position: Position) -> tuple[str, str, str]:
    return position.day.isoformat(), position.occurred.isoformat(), position.entry_id


class EntryReads(Protocol):
    """Where entries are listed: PostgreSQL, or the simulation's memory."""

    def entries(self, question: PageParams) -> PageRows:
        """Return what was found; raise ReadModelUnavailableError when there is no answer."""
        ...
