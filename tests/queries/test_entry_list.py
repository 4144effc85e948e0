"""Lists of entries: filters, order, search and pages that hold every entry exactly once."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.ledger.entries import Entry, reversal_id_of
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.projection.project import project
from chalicelib.queries.entry_list import (
    EntryFilters,
    ListedEntry,
    PageParams,
    PageRows,
    page,
)
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from verification.kit.generators import all_inserted, entries, entry

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
    return [one.entry for result in pages for one in result]


def _shown(one: Entry) -> dict[str, Any]:
    """Return what a list shows: all but the salt."""
    return {name: getattr(one, name) for name in one._fields if name != "text_salt"}


def test_entries_come_newest_first_as_they_were_recorded(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    recorded = entries(61, 120, [merchant], days=90)
    project(all_inserted(recorded), projection.ports)
    result = _all(read_model, merchant)
    assert {one.entry_id: _shown(one) for one in result} == {
        one.entry_id: _shown(one) for one in recorded
    }
    assert [one.day for one in result] == sorted((one.day for one in recorded), reverse=True)


FILTERS: list[tuple[dict[str, Any], Callable[[Entry], bool]]] = [
    ({"first": MIDDLE}, lambda one: one.day >= MIDDLE),
    ({"last": MIDDLE}, lambda one: one.day <= MIDDLE),
    ({"first": MIDDLE, "last": MIDDLE}, lambda one: one.day == MIDDLE),
    ({"account": "null"}, lambda one: one.account == "null"),
    ({"currency": "JPY"}, lambda one: one.currency == "JPY"),
    ({"type": "debit"}, lambda one: one.type == "debit"),
    ({"category": "wages"}, lambda one: one.category == "wages"),
    ({"account": "main", "type": "credit"}, lambda one: one.account + one.type == "maincredit"),
    ({"account": "nobody"}, lambda one: False),
]


@pytest.mark.parametrize(("filters", "wanted"), FILTERS)
def test_a_filter_shows_what_it_should_and_all_of_it(
    read_model: ReadModel,
    projection: Projection,
    merchant: str,
    filters: dict[str, Any],
    wanted: Callable[[Entry], bool],
) -> None:
    recorded = entries(62, 150, [merchant], days=60)
    project(all_inserted(recorded), projection.ports)
    result = {one.entry_id for one in _all(read_model, merchant, **filters)}
    assert result == {one.entry_id for one in recorded if wanted(one)}


@pytest.mark.parametrize(
    ("q", "found"),
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
def test_a_search_overlooks_accents_and_capitals_and_nothing_else(
    read_model: ReadModel, projection: Projection, merchant: str, q: str, found: set[str]
) -> None:
    texts = ("Pão Francês", "100% açúcar_mascavo", 'C:\\ "x" \\%', "Nota Nº 5", "Straße", None)
    recorded = [entry(merchant, f"{text}", description=text) for text in texts]
    project(all_inserted(recorded), projection.ports)
    assert {one.description for one in _all(read_model, merchant, q=q)} == found


@pytest.mark.parametrize("q", ["", "   ", "nul\0", "half \ud800", "x" * 201, "a\nb", "\u0301"])
def test_a_search_for_what_no_description_holds_is_refused(
    read_model: ReadModel, merchant: str, q: str
) -> None:
    with pytest.raises(InvalidQueryError) as refused:
        _all(read_model, merchant, q=q)
    assert [fault.field for fault in refused.value.field_errors] == ["q"]


def test_a_reversed_entry_tells_its_reversal_and_the_reversal_what_it_reverses(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    sale = entry(merchant, "sale")
    undone = _reversal_of(sale)
    project(all_inserted([sale]), projection.ports)
    assert page(read_model, merchant, EntryFilters()).items[0].reversed_by is None
    project(all_inserted([undone]), projection.ports)
    result = {
        item.entry.entry_id: item for item in page(read_model, merchant, EntryFilters()).items
    }
    assert result[sale.entry_id].reversed_by == undone.entry_id
    assert result[undone.entry_id].entry.reverses == sale.entry_id
    assert result[undone.entry_id].reversed_by is None


def _reversal_of(sale: Entry) -> Entry:
    undoing = entry(sale.merchant_id, "undo", type="debit")
    return undoing._replace(entry_id=reversal_id_of(sale.entry_id), reverses=sale.entry_id)


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_every_entry_of_the_first_page_comes_exactly_once_while_others_arrive(
    read_model: ReadModel, projection: Projection, merchant: str, limit: int
) -> None:
    chance = random.Random(limit)
    recorded = entries(63, 260, [merchant], days=12)
    there, arriving = recorded[:60], recorded[60:]
    project(all_inserted(there), projection.ports)
    seen: list[str] = []
    for result in _pages(read_model, merchant, EntryFilters(), limit):
        seen += [one.entry.entry_id for one in result]
        late = [arriving.pop() for _ in range(chance.randrange(4)) if arriving]
        project(all_inserted(late), projection.ports)
    assert len(seen) == len(set(seen))
    assert {one.entry_id for one in there} <= set(seen)


def test_entries_of_one_moment_are_parted_between_pages_without_loss(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    moment = "2026-11-23T12:00:00-03:00"
    recorded = [entry(merchant, f"{number}", occurred_at=moment) for number in range(20)]
    project(all_inserted(recorded), projection.ports)
    pages = list(_pages(read_model, merchant, EntryFilters(), 3))
    assert [len(result) for result in pages] == [3, 3, 3, 3, 3, 3, 2]
    assert len({one.entry.entry_id for result in pages for one in result}) == 20


def test_a_page_that_is_just_full_has_no_next(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    project(all_inserted(entries(64, 10, [merchant])), projection.ports)
    assert page(read_model, merchant, EntryFilters(), 10).next_cursor is None
    assert page(read_model, merchant, EntryFilters(), 9).next_cursor is not None


def test_a_search_for_something_rare_goes_on_over_pages_and_finds_it(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    rare = [entry(merchant, "rare", occurred_at="2026-01-05T12:00:00-03:00", description="Raro")]
    project(all_inserted(entries(65, 100, [merchant], days=90) + rare), projection.ports)
    pages = list(_pages(read_model, merchant, EntryFilters(q="raro"), look_at=25))
    assert [one.entry.description for result in pages for one in result] == ["Raro"]
    assert len(pages) == 5


class EmptyBook:
    """Holds no entry; `questions` are what it was asked."""

    def __init__(self) -> None:
        self.questions: list[PageParams] = []

    def entries(self, question: PageParams) -> PageRows:
        self.questions.append(question)
        return PageRows((), None, b"secret")


def test_a_page_holds_fifty_of_fifty_thousand_entries() -> None:
    book = EmptyBook()
    page(book, "padaria", EntryFilters())
    assert [(question.limit, question.look_at) for question in book.questions] == [(50, 50_000)]


def test_days_out_of_order_are_refused(read_model: ReadModel, merchant: str) -> None:
    with pytest.raises(InvalidQueryError, match="before from"):
        page(read_model, merchant, EntryFilters(first=DAY, last=MIDDLE))
