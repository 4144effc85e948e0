"""Every changed or missing value in any file is detected."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from chalicelib.ledger import seals
from tests.verify.book import Book, Check, Files, saved_files

Place = tuple[str | int, ...]
DAYS = (date(2026, 11, 1), date(2026, 11, 2))
NOT_SEALED = {"next_cursor", "keys.json"}


def small_files() -> Files:
    """Return two days, the first closed again, with a proof."""
    book = Book("padaria")
    for day in DAYS:
        book.record(day, "credit", 100)
        book.record(day, "debit", 7, "tokyo", "JPY")
        book.close(day)
    book.record(DAYS[0], "debit", 9)
    item = book.close(DAYS[0])
    proof = seals.proof_of(item, book.leaves["2026-11-01", 2], item["changes"]["added"][0])
    return {**saved_files(book), "proof.json": proof}


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the path to each value of an object and each item of a list."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in parts:
        if name not in NOT_SEALED:
            yield (*at, name)
            if isinstance(part, dict | list):
                yield from places(part, (*at, name))


def changed(value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, int):
        return value + 1
    return ("2" if value[0] == "1" else "1") + value[1:] if isinstance(value, str) else "x"


def altered(place: Place, left_out: bool) -> Files:
    """Return the files where one value is changed, or left out."""
    *parts, last = place
    files = copy.deepcopy(FILES)
    parent: Any = files
    for part in parts:
        parent = parent[part]
    parent[last] = changed(parent[last])
    if left_out:
        del parent[last]
    return files


FILES = small_files()
PLACES = [place for place in places(FILES) if len(place) > 1]


def test_unchanged_files_are_valid(check: Check) -> None:
    assert check(FILES)[0] == 0


@pytest.mark.parametrize("left_out", [False, True], ids=["changed", "left out"])
@pytest.mark.parametrize("name", sorted({str(place[0]) for place in PLACES}))
def test_every_value_is_needed(name: str, left_out: bool, check: Check) -> None:
    codes = {place: check(altered(place, left_out))[0] for place in PLACES if place[0] == name}
    assert [place for place, code in codes.items() if code not in (1, 2)] == []
