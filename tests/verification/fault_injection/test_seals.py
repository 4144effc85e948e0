"""Closings must hold exactly the accepted entries, and verify.py must accept them."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.verify.book import KEY_ID, Book, pem, private_key
from verification.fault_injection.seals import Archive, DayResponse, checker_faults, closing_faults

DAY, NEXT = date(2026, 11, 20), date(2026, 11, 21)
KEYS = {"keys": {KEY_ID: pem(private_key())}}


@pytest.fixture
def book() -> Book:
    """Two days; the first is closed again for a late entry."""
    book = Book("padaria")
    for day in (DAY, NEXT):
        book.record(day, "credit", 1000)
        book.close(day)
    book.record(DAY, "debit", 300)
    book.close(DAY)
    return book


def archive(book: Book) -> Archive:
    leaves = [
        {name: item[name] for name in ("merchant", "day", "version")}
        | {"items": [json.loads(leaf) for leaf in book.leaves[item["day"], item["version"]]]}
        for item in book.items
    ]
    return Archive(copy.deepcopy(book.items), leaves)


def accepted(book: Book) -> dict[str, set[str]]:
    days: dict[str, set[str]] = {}
    for entry in book.entries:
        days.setdefault(f"{entry.day}", set()).add(entry.entry_id)
    return days


def responses(book: Book) -> dict[str, DayResponse]:
    return {
        day: DayResponse(
            "closed", [item for item in book.items[::-1] if item["day"] == day], leaves
        )
        for day, leaves in archive(book).newest().items()
    }


def test_correct_closings_have_no_faults(book: Book) -> None:
    assert list(closing_faults(accepted(book), archive(book), responses(book))) == []
    assert checker_faults("padaria", KEYS, archive(book)) == []


def test_unsealed_entry_is_a_fault(book: Book) -> None:
    late, unclosed = copy.deepcopy(accepted(book)), DAY - timedelta(days=1)
    late[f"{DAY}"].add("another")
    (fault,) = closing_faults(late, archive(book), responses(book))
    assert f"of {DAY} must hold" in fault
    unsealed = accepted(book) | {f"{unclosed}": {"x"}}
    (fault,) = closing_faults(unsealed, archive(book), responses(book))
    assert fault == f"{unclosed} must have a closing"


def test_version_without_changes_is_a_fault(book: Book) -> None:
    book.close(NEXT)
    assert checker_faults("padaria", KEYS, archive(book)) == []
    (fault,) = closing_faults(accepted(book), archive(book), responses(book))
    assert fault == f"version 2 of {NEXT} must not exist, because nothing had changed"


def test_response_must_match_the_archive(book: Book) -> None:
    right = responses(book)[f"{DAY}"]
    for other in (
        replace(right, versions=right.versions[1:]),
        replace(right, leaves=right.leaves[1:]),
        replace(right, status="restated"),
    ):
        result = responses(book) | {f"{DAY}": other}
        (fault,) = closing_faults(accepted(book), archive(book), result)
        assert fault.startswith(f"{DAY} must be")


def test_repair_is_a_fault(book: Book) -> None:
    result = archive(book)
    result.closings[1]["repairs"] = 1
    faults = list(closing_faults(accepted(book), result, responses(book)))
    assert f"version 1 of {NEXT} must not have repaired anything" in faults


def alter_leaf(archive: Archive) -> None:
    archive.leaves[0]["items"][0]["amount"] = "10.01"


def remove_closing(archive: Archive) -> None:
    del archive.closings[1], archive.leaves[1]


def repeat_closing(archive: Archive) -> None:
    archive.closings.append(archive.closings[2])
    archive.leaves.append(archive.leaves[2])


@pytest.mark.parametrize("damage", [alter_leaf, remove_closing, repeat_closing])
def test_broken_chain_is_a_fault(book: Book, damage: Callable[[Archive], None]) -> None:
    damaged = archive(book)
    damage(damaged)
    faults = checker_faults("padaria", KEYS, damaged)
    assert faults and all(fault.startswith("FAILS") for fault in faults)
