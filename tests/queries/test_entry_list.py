"""Lists of entries: filters, order, search, and pages that list every entry exactly once."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.ledger.entries import Entry, reversal_id_of
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries.entry_list import (
    EntryFilters,
    PageParams,
    PageRows,
    page,
)
from tests.fixtures.night import port
from tests.queries.book import DAY, Book
from verification.kit.generators import NOON, entries
from verification.kit.generators import entry as make_entry

MIDDLE = DAY - timedelta(days=30)


def test_entries_are_listed_newest_first(book: Book) -> None:
    recorded = [
        entry._replace(text_salt=None) for entry in entries(61, 120, [book.merchant], days=90)
    ]
    book.insert(recorded)
    result = book.listed()
    by_id = {entry.entry_id: entry for entry in recorded}
    assert {entry.entry_id: entry for entry in result} == by_id
    assert [entry.day for entry in result] == sorted((e.day for e in recorded), reverse=True)


FILTERS: list[tuple[dict[str, Any], Callable[[Entry], bool]]] = [
    ({"first": MIDDLE}, lambda entry: entry.day >= MIDDLE),
    ({"last": MIDDLE}, lambda entry: entry.day <= MIDDLE),
    ({"first": MIDDLE, "last": MIDDLE}, lambda entry: entry.day == MIDDLE),
    ({"account": "null"}, lambda entry: entry.account == "null"),
    ({"currency": "JPY"}, lambda entry: entry.currency == "JPY"),
    ({"type": "debit"}, lambda entry: entry.type == "debit"),
    ({"category": "wages"}, lambda entry: entry.category == "wages"),
    ({"account": "main", "type": "credit"}, lambda e: (e.account, e.type) == ("main", "credit")),
    ({"account": "nobody"}, lambda entry: False),
]


@pytest.mark.parametrize(("filters", "wanted"), FILTERS)
def test_a_filter_lists_all_matches_only(
    book: Book, filters: dict[str, Any], wanted: Callable[[Entry], bool]
) -> None:
    recorded = entries(62, 150, [book.merchant], days=60)
    book.insert(recorded)
    result = {entry.entry_id for entry in book.listed(**filters)}
    assert result == {entry.entry_id for entry in recorded if wanted(entry)}


BREAD, SUGAR, QUOTED = "Pão Francês", "100% açúcar_mascavo", 'C:\\ "x" \\%'


@pytest.mark.parametrize(
    ("searches", "matches"),
    [
        (["pao frances", "PÃO", "Pa\u0303o"], {BREAD}),
        (["0%", "_", "0% aC", "acucar_m"], {SUGAR}),
        (["\\", "\\%"], {QUOTED}),
        (["nº 5", "  nota  "], {"Nota Nº 5"}),
        (["strasse"], {"Straße"}),
        (["a%b", "'; drop table entries; --", "nothing of this"], set()),
    ],
)
def test_a_search_ignores_only_accents_and_case(
    book: Book, searches: list[str], matches: set[str]
) -> None:
    for text in (BREAD, SUGAR, QUOTED, "Nota Nº 5", "Straße", None):
        book.add(f"{text}", description=text)
    for q in searches:
        assert {entry.description for entry in book.listed(q=q)} == matches, q


@pytest.mark.parametrize("q", ["", "   ", "nul\0", "half \ud800", "x" * 201, "a\nb", "\u0301"])
def test_an_impossible_search_is_rejected(book: Book, q: str) -> None:
    with pytest.raises(InvalidQueryError) as raised:
        book.listed(q=q)
    assert [error.field for error in raised.value.field_errors] == ["q"]


def test_an_entry_and_its_reversal_are_linked(book: Book) -> None:
    sale = book.add("sale")
    undone = make_entry(book.merchant, "undo", type="debit")._replace(
        entry_id=reversal_id_of(sale.entry_id), reverses=sale.entry_id
    )
    assert book.page().items[0].reversed_by is None
    book.insert([undone])
    result = {item.entry.entry_id: item for item in book.page().items}
    assert result[sale.entry_id].reversed_by == undone.entry_id
    assert result[undone.entry_id].entry.reverses == sale.entry_id
    assert result[undone.entry_id].reversed_by is None


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_late_entries_cause_no_gap_or_repeat(book: Book, limit: int) -> None:
    chance = random.Random(limit)
    recorded = entries(63, 260, [book.merchant], days=12)
    first_page, arriving = recorded[:60], recorded[60:]
    book.insert(first_page)
    seen: list[str] = []
    for items in book.pages(limit=limit):
        seen += [item.entry.entry_id for item in items]
        book.insert([arriving.pop() for _ in range(chance.randrange(4)) if arriving])
    assert len(seen) == len(set(seen))
    assert {entry.entry_id for entry in first_page} <= set(seen)


def test_entries_of_a_moment_are_listed_as_recorded(book: Book) -> None:
    noon = "2026-11-23T12:00:00-03:00"
    moments = [NOON + timedelta(milliseconds=number // 2) for number in range(20)]
    recorded = [
        make_entry(book.merchant, f"{number}", moment, occurred_at=noon)
        for number, moment in enumerate(moments)
    ]
    book.insert(recorded)
    pages = list(book.pages(limit=3))
    assert [len(items) for items in pages] == [3, 3, 3, 3, 3, 3, 2]
    order = [(item.entry.recorded_at, item.entry.entry_id) for items in pages for item in items]
    assert order == sorted(order, reverse=True)
    assert {entry_id for _, entry_id in order} == {entry.entry_id for entry in recorded}
    assert book.page(20).next_cursor is None
    assert book.page(19).next_cursor is not None


def test_a_rare_match_is_found_pages_later(book: Book) -> None:
    book.add("rare", occurred_at="2026-01-05T12:00:00-03:00", description="Raro")
    book.insert(entries(65, 100, [book.merchant], days=90))
    pages = list(book.pages(EntryFilters(q="raro"), scan_limit=25))
    assert [item.entry.description for items in pages for item in items] == ["Raro"]
    assert len(pages) == 5


def test_a_page_lists_fifty_and_scans_fifty_thousand() -> None:
    requested: list[PageParams] = []

    def entries_read(params: PageParams) -> PageRows:
        requested.append(params)
        return PageRows((), None, b"secret")

    page(port(entries=entries_read), "padaria", EntryFilters())
    assert [(params.limit, params.scan_limit) for params in requested] == [(50, 50_000)]
