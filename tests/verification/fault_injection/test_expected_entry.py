"""Responses must agree with their requests; sums come from the requests alone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.verification.fault_injection.service import BODY, accepted
from verification.fault_injection.expected_entry import AcceptedEntries

LATE = BODY | {"occurred_at": "2026-11-23T22:30:00-03:00"}


def test_right_response_has_no_differences() -> None:
    assert not list(accepted("a").contradictions())
    assert not list(accepted("a", LATE).contradictions())


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "1.00"}, {"amount": "10.0"}, {"type": "debit"}, {"currency": "JPY"},
        {"account": "bank"}, {"category": None}, {"description": "Venda"}, {"reverses": "b"},
        {"occurred_at": "2026-11-23T10:00:01-03:00"}, {"day": "2026-11-24"},
    ],
)  # fmt: skip
def test_difference_of_entry_is_named(changes: dict[str, Any]) -> None:
    (difference,) = accepted("a", LATE if "day" in changes else BODY, **changes).contradictions()
    assert difference.startswith(f"a of padaria: {next(iter(changes))} must be")


def test_entry_answered_again_counts_once() -> None:
    entries = AcceptedEntries()
    expense = accepted("b", BODY | {"amount": "2.50", "type": "debit"})
    for entry in (accepted("a"), accepted("a", reversed_by="b"), expense):
        entries.accept(entry)
    days = (date(2026, 11, 23), date(2026, 11, 23))
    (balance,) = entries.reference.balances("padaria", *days, "main", "BRL")
    assert balance.closing_minor == 750
    assert list(entries.by_id) == ["a", "b"]
    assert not entries.contradictions


@pytest.mark.parametrize(
    "second", [accepted("a", metadata={"x": "y"}), replace(accepted("a"), merchant="rival")]
)
def test_same_id_must_mean_same_entry(second: Any) -> None:
    entries = AcceptedEntries()
    entries.accept(accepted("a"))
    entries.accept(second)
    assert entries.contradictions == ["a was answered in two ways"]


def test_wrong_response_is_not_believed() -> None:
    entries = AcceptedEntries()
    entries.accept(accepted("a", amount="1.00"))
    assert entries.contradictions == ["a of padaria: amount must be 10.00, and is 1.00"]
    assert entries.reference.entries["a"].amount_minor == 1000
