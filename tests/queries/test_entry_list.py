"""Lists of entries: filters, order, search, and pages that list every entry exactly once."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.ledger.entries import Entry, reversal_id_of
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries.entry_list import (
    EntryFilters,
    ListedEntry,
    PageParams,
    PageRows,
    page,
)
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from verification.kit.generators import entries
from verification.kit.generators import entry as make_entry

DAY = date(2026, 11, 23)
MIDDLE = DAY - timedelta(days=30)


def _pages(
    read_model: ReadModel, merchant: str, filters: EntryFilters, limit: int = 50, **more: int
) -> Iterator[list[ListedEntry]]:
    cursor = None
    while True:
        result = page(read_model, merchant, filters, limit, cursor, **more)
        yield list(result.items)
        cursor = result.next_cursor
        if cursor is None:
            return


def _all(read_model: ReadModel, merchant: str, **filters: Any) -> list[Entry]:
    pages = _pages(read_model, merchant, EntryFilters(**filters))
    return [entry.entry for result in pages for entry in result]


def _shown(entry: Entry) -> dict[str, Any]:
    """Return what a list shows: all but the salt."""
    return {name: getattr(entry, name) for name in entry._fields if name != "text_salt"}


def test_entries_are_listed_newest_first(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    recorded = entries(61, 120, [merchant], days=90)
    projection.insert(recorded)
    result = _all(read_model, merchant)
    assert {entry.entry_id: _shown(entry) for entry in result} == {
        entry.entry_id: _shown(entry) for entry in recorded
    }
    assert [entry.day for entry in result] == sorted(
        (entry.day for entry in recorded), reverse=True
    )


FILTERS: list[tuple[dict[str, Any], Callable[[Entry], bool]]] = [
    ({"first": MIDDLE}, lambda entry: entry.day >= MIDDLE),
    ({"last": MIDDLE}, lambda entry: entry.day <= MIDDLE),
    ({"first": MIDDLE, "last": MIDDLE}, lambda entry: entry.day == MIDDLE),
    ({"account": "null"}, lambda entry: entry.account == "null"),
    ({"currency": "JPY"}, lambda entry: entry.currency == "JPY"),
    ({"type": "debit"}, lambda entry: entry.type == "debit"),
    ({"category": "wages"}, lambda entry: entry.category == "wages"),
    (
        {"account": "main", "type": "credit"},
        lambda entry: (entry.account, entry.type) == ("main", "credit"),
    ),
    ({"account": "nobody"}, lambda entry: False),
]


@pytest.mark.parametrize(("filters", "wanted"), FILTERS)
def test_a_filter_lists_all_matches_only(
    read_model: ReadModel,
    projection: Projection,
    merchant: str,
    filters: dict[str, Any],
    wanted: Callable[[Entry], bool],
) -> None:
    recorded = entries(62, 150, [merchant], days=60)
    projection.insert(recorded)
    result = {entry.entry_id for entry in _all(read_model, merchant, **filters)}
    assert result == {entry.entry_id for entry in recorded if wanted(entry)}


@pytest.mark.parametrize(
    ("q", "matches"),
    [
        ("pao frances", {"Pão Francês"}),
        ("PÃO", {"Pão Francês"}),
        ("Pa\u0303o", {"Pão Francês"}),
        ("0%", {"100% açúcar_mascavo"}),
        ("_", {"100% açúcar_mascavo"}),
        ("0% aC", {"100% açúcar_mascavo"}),
        ("acucar_m", {"100% açúcar_mascavo"}),
        ("a%b", set()),
        ("\\", {'C:\\ "x" \\%'}),
        ("\\%", {'C:\\ "x" \\%'}),
        ("'; drop table entries; --", set()),
        ("nº 5", {"Nota Nº 5"}),
        ("strasse", {"Straße"}),
        ("  nota  ", {"Nota Nº 5"}),
        ("nothing of this", set()),
    ],
)
def test_a_search_ignores_only_accents_and_case(
    read_model: ReadModel, projection: Projection, merchant: str, q: str, matches: set[str]
) -> None:
    texts = ("Pão Francês", "100% açúcar_mascavo", 'C:\\ "x" \\%', "Nota Nº 5", "Straße", None)
    recorded = [make_entry(merchant, f"{text}", description=text) for text in texts]
    projection.insert(recorded)
    assert {entry.description for entry in _all(read_model, merchant, q=q)} == matches


@pytest.mark.parametrize("q", ["", "   ", "nul\0", "half \ud800", "x" * 201, "a\nb", "\u0301"])
def test_an_impossible_search_is_rejected(read_model: ReadModel, merchant: str, q: str) -> None:
    with pytest.raises(InvalidQueryError) as raised:
        _all(read_model, merchant, q=q)
    assert [error.field for error in raised.value.field_errors] == ["q"]


def test_an_entry_and_its_reversal_are_linked(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    sale = make_entry(merchant, "sale")
    undone = _reversal_of(sale)
    projection.insert([sale])
    assert page(read_model, merchant, EntryFilters()).items[0].reversed_by is None
    projection.insert([undone])
    result = {
        item.entry.entry_id: item for item in page(read_model, merchant, EntryFilters()).items
    }
    assert result[sale.entry_id].reversed_by == undone.entry_id
    assert result[undone.entry_id].entry.reverses == sale.entry_id
    assert result[undone.entry_id].reversed_by is None


def _reversal_of(sale: Entry) -> Entry:
    undoing = make_entry(sale.merchant_id, "undo", type="debit")
    return undoing._replace(entry_id=reversal_id_of(sale.entry_id), reverses=sale.entry_id)


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_late_entries_cause_no_gap_or_repeat(
    read_model: ReadModel, projection: Projection, merchant: str, limit: int
) -> None:
    chance = random.Random(limit)
    recorded = entries(63, 260, [merchant], days=12)
    first_page, arriving = recorded[:60], recorded[60:]
    projection.insert(first_page)
    seen: list[str] = []
    for result in _pages(read_model, merchant, EntryFilters(), limit):
        seen += [entry.entry.entry_id for entry in result]
        late = [arriving.pop() for _ in range(chance.randrange(4)) if arriving]
        projection.insert(late)
    assert len(seen) == len(set(seen))
    assert {entry.entry_id for entry in first_page} <= set(seen)


def test_simultaneous_entries_are_paged_without_loss(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    moment = "2026-11-23T12:00:00-03:00"
    recorded = [make_entry(merchant, f"{number}", occurred_at=moment) for number in range(20)]
    projection.insert(recorded)
    pages = list(_pages(read_model, merchant, EntryFilters(), 3))
    assert [len(result) for result in pages] == [3, 3, 3, 3, 3, 3, 2]
    assert len({entry.entry.entry_id for result in pages for entry in result}) == 20


def test_an_exactly_full_page_is_the_last(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    projection.insert(entries(64, 10, [merchant]))
    assert page(read_model, merchant, EntryFilters(), 10).next_cursor is None
    assert page(read_model, merchant, EntryFilters(), 9).next_cursor is not None


def test_a_rare_match_is_found_pages_later(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    rare = [
        make_entry(merchant, "rare", occurred_at="2026-01-05T12:00:00-03:00", description="Raro")
    ]
    projection.insert(entries(65, 100, [merchant], days=90) + rare)
    pages = list(_pages(read_model, merchant, EntryFilters(q="raro"), scan_limit=25))
    assert [entry.entry.description for result in pages for entry in result] == ["Raro"]
    assert len(pages) == 5


class EmptyBook:
    """Holds no entry; `pages` are the pages that were read."""

    def __init__(self) -> None:
        self.pages: list[PageParams] = []

    def entries(self, query: PageParams) -> PageRows:
        self.pages.append(query)
        return PageRows((), None, b"secret")


def test_a_page_lists_fifty_and_scans_fifty_thousand() -> None:
    book = EmptyBook()
    page(book, "padaria", EntryFilters())
    assert [(query.limit, query.scan_limit) for query in book.pages] == [(50, 50_000)]


def test_days_out_of_order_are_rejected(read_model: ReadModel, merchant: str) -> None:
    with pytest.raises(InvalidQueryError, match="before from"):
        page(read_model, merchant, EntryFilters(first=DAY, last=MIDDLE))
