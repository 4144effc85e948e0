"""Closings must hold exactly the accepted entries, and verify.py must accept them."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest

from tests.verify.book import KEY_ID, Book, pem, private_key, saved_files, statement_of
from verification.fault_injection.seals import Archive, DayResponse, checker_faults, closing_faults

DAY, NEXT = "2026-11-20", "2026-11-21"
NOT_ARCHIVED = f"{DAY} must be returned as it is archived"
KEYS = {"keys": {KEY_ID: pem(private_key())}}


@dataclass
class Evidence:
    """What an audit compares: the accepted entries of two days, their closings and responses."""

    accepted: dict[str, set[str]]
    archive: Archive
    responses: dict[str, DayResponse]

    def faults(self) -> list[str]:
        return list(closing_faults(self.accepted, self.archive, self.responses))


@pytest.fixture
def book() -> Book:
    """Two days; the first is closed again for a late entry."""
    book = Book("padaria")
    for day in map(date.fromisoformat, (DAY, NEXT)):
        book.record(day, "credit", 1000)
        book.close(day)
    book.record(date.fromisoformat(DAY), "debit", 300)
    book.close(date.fromisoformat(DAY))
    return book


def collected(book: Book) -> Evidence:
    items, files = copy.deepcopy(book.items), copy.deepcopy(saved_files(book))
    leaves = [files[f"leaves-{item['day']}-{item['version']}.json"] for item in items]
    archive, accepted, responses = Archive(items, leaves), dict[str, set[str]](), {}
    for day, newest in archive.newest().items():
        accepted[day] = {entry.entry_id for entry in book.entries if f"{entry.day}" == day}
        versions = [item for item in items[::-1] if item["day"] == day]
        responses[day] = DayResponse("closed", versions, newest)
    return Evidence(accepted, archive, responses)


def test_correct_closings_have_no_faults(book: Book) -> None:
    right = collected(book)
    assert (
        right.faults()
        == checker_faults("padaria", KEYS, right.archive, statement_of(book.items[-1]))
        == []
    )


def test_version_without_changes_is_a_fault(book: Book) -> None:
    book.close(date.fromisoformat(NEXT))
    assert (
        checker_faults("padaria", KEYS, collected(book).archive, statement_of(book.items[-1])) == []
    )
    expected = f"version 2 of {NEXT} must not exist, because nothing had changed"
    assert collected(book).faults() == [expected]


def respond(evidence: Evidence, **changes: object) -> None:
    evidence.responses[DAY] = replace(evidence.responses[DAY], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda evidence: evidence.accepted[DAY].add("another"),
         f"the newest closing of {DAY} must hold the accepted entries of that day"),
        (lambda evidence: evidence.accepted.update({"2026-11-19": {"x"}}),
         "2026-11-19 must have a closing"),
        (lambda evidence: respond(evidence, versions=[]), NOT_ARCHIVED),
        (lambda evidence: respond(evidence, leaves=[]), NOT_ARCHIVED),
        (lambda evidence: respond(evidence, status="restated"),
         f"{DAY} must be closed, and is restated"),
    ],
)  # fmt: skip
def test_difference_is_a_fault(
    book: Book, damage: Callable[[Evidence], object], fault: str
) -> None:
    evidence = collected(book)
    damage(evidence)
    assert evidence.faults() == [fault]


@pytest.mark.parametrize(
    "damage",
    [
        lambda closings, leaves: leaves[0]["items"][0].update(amount="10.01"),
        lambda closings, leaves: (closings.pop(1), leaves.pop(1)),
        lambda closings, leaves: (closings.append(closings[2]), leaves.append(leaves[2])),
    ],
    ids=["an altered leaf", "a missing closing", "a repeated closing"],
)
def test_broken_chain_is_a_fault(book: Book, damage: Callable[..., object]) -> None:
    archive = collected(book).archive
    damage(archive.closings, archive.leaves)
    faults = checker_faults("padaria", KEYS, archive, statement_of(book.items[-1]))
    assert faults and all(fault.startswith("FAILS") for fault in faults)
