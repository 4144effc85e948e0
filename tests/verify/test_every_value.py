"""Every changed or missing value in any file is detected."""

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import verify
from chalicelib.ledger import seals
from tests.verify.book import Book, Files, saved_files, write

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


def code_without(place: Place, keep: bool, folder: Path, arguments: list[str]) -> int:
    """Return the exit code of a check where one value is changed, or left out."""
    name, *parts, last = place
    content = copy.deepcopy(FILES[str(name)])
    parent: Any = content
    for part in parts:
        parent = parent[part]
    parent[last] = changed(parent[last])
    if not keep:
        del parent[last]
    path = folder / str(name)
    path.write_text(json.dumps(content))
    code = verify.main(arguments)
    path.write_text(json.dumps(FILES[path.name]))
    return code


FILES = small_files()
PLACES = [place for place in places(FILES) if len(place) > 1]


def test_unchanged_files_are_valid(tmp_path: Path) -> None:
    assert verify.main(write(FILES, tmp_path)) == 0


@pytest.mark.parametrize("keep", [True, False], ids=["changed", "left out"])
@pytest.mark.parametrize("name", sorted({str(place[0]) for place in PLACES}))
def test_every_changed_or_missing_value_is_detected(name: str, keep: bool, tmp_path: Path) -> None:
    arguments = write(FILES, tmp_path)
    of_this_file = [place for place in PLACES if place[0] == name]
    codes = {place: code_without(place, keep, tmp_path, arguments) for place in of_this_file}
    assert [place for place, code in codes.items() if code not in (1, 2)] == []
