"""A drill believes no closing that does not hold exactly what was accepted, once."""

import copy
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.verify.book import KEY_ID, Book, pem, private_key
from verification.fault_injection.seals import Answered, Kept, misfits, verified

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


def kept(book: Book) -> Kept:
    leaves = [
        {name: item[name] for name in ("merchant", "day", "version")}
        | {"items": [json.loads(leaf) for leaf in book.leaves[item["day"], item["version"]]]}
        for item in book.items
    ]
    return Kept(copy.deepcopy(book.items), leaves)


def accepted(book: Book) -> dict[str, set[str]]:
    days: dict[str, set[str]] = {}
    for entry in book.entries:
        days.setdefault(f"{entry.day}", set()).add(entry.entry_id)
    return days


def answered(book: Book) -> dict[str, Answered]:
    result: dict[str, Answered] = {}
    for day, leaves in kept(book).newest().items():
        versions = [item for item in reversed(book.items) if item["day"] == day]
        result[day] = Answered("closed", versions, leaves)
    return result


def test_closings_that_hold_have_no_faults(book: Book) -> None:
    assert list(misfits(accepted(book), kept(book), answered(book))) == []
    assert verified("padaria", KEYS, kept(book)) == []


def test_an_accepted_entry_that_is_not_sealed_is_a_fault(book: Book) -> None:
    late, unclosed = copy.deepcopy(accepted(book)), DAY - timedelta(days=1)
    late[f"{DAY}"].add("another")
    (fault,) = misfits(late, kept(book), answered(book))
    assert f"of {DAY} must hold" in fault
    (fault,) = misfits(accepted(book) | {f"{unclosed}": {"x"}}, kept(book), answered(book))
    assert fault == f"{unclosed} must have a closing"


def test_a_version_for_which_nothing_had_changed_is_a_fault(book: Book) -> None:
    book.close(NEXT)
    assert verified("padaria", KEYS, kept(book)) == []
    (fault,) = misfits(accepted(book), kept(book), answered(book))
    assert fault == f"version 2 of {NEXT} must not be, for nothing had changed"


def test_what_is_answered_otherwise_than_it_is_kept_is_a_fault(book: Book) -> None:
    day, result = f"{DAY}", answered(book)
    others = [
        Answered("closed", result[day].versions[1:], result[day].leaves),
        Answered("closed", result[day].versions, result[day].leaves[1:]),
        Answered("restated", result[day].versions, result[day].leaves),
    ]
    for other in others:
        (fault,) = misfits(accepted(book), kept(book), result | {day: other})
        assert fault.startswith(f"{DAY} must be")


def test_a_repair_is_a_fault(book: Book) -> None:
    result = kept(book)
    result.closings[1]["repairs"] = 1
    faults = list(misfits(accepted(book), result, answered(book)))
    assert f"version 1 of {NEXT} must have found nothing to repair" in faults


def _alter_leaf(found: Kept) -> Kept:
    found.leaves[0]["items"][0]["amount"] = "10.01"
    return found


def _take_one_out(found: Kept) -> Kept:
    return Kept([*found.closings[:1], *found.closings[2:]], [*found.leaves[:1], *found.leaves[2:]])


def _double_one(found: Kept) -> Kept:
    return Kept([*found.closings, found.closings[2]], [*found.leaves, found.leaves[2]])


@pytest.mark.parametrize("harm", [_alter_leaf, _take_one_out, _double_one])
def test_a_chain_that_does_not_hold_is_a_fault(book: Book, harm: Callable[[Kept], Any]) -> None:
    faults = verified("padaria", KEYS, harm(kept(book)))
    assert faults and all(fault.startswith("FAILS") for fault in faults)
