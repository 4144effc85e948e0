"""All errors of a body at once, each with the message of the ledger's rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.api.entry_bodies import EntryBody
from chalicelib.api.validation import parse_body
from chalicelib.ledger.errors import ValidationError

SALE = {"type": "credit", "amount": "150.75"}


def errors_of(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as invalid:
        parse_body(EntryBody, body)
    return {error.field: error.message for error in invalid.value.field_errors}


def test_every_error_is_listed_at_once() -> None:
    body = {
        "type": "income",
        "amount": 150.75,
        "currency": "brl",
        "account": "Main",
        "occurred_at": "2026-11-23",
        "description": "a\nb",
        "category": "",
        "metadata": {"": "x", "k": 1, "l" * 41: "y"},
        "merchant_id": "rival",
        "note": None,
    }
    named = {*body, "metadata.", "metadata.k", f"metadata.{'l' * 41}"} - {"metadata"}
    assert set(errors_of(body)) == named
    assert all(errors_of(body).values())


def test_required_null_is_missing() -> None:
    assert errors_of({"type": None}) == {"type": "is required", "amount": "is required"}


@pytest.mark.parametrize("body", [[], "x", 7, True, None])
def test_non_object_is_one_error(body: Any) -> None:
    assert errors_of(body) == {"body": "must be a JSON object"}


@pytest.mark.parametrize(
    ("amount", "both"), [("1.00", False), ("1500", False), ("1.250", False), ("1.5", True)]
)
def test_amount_is_checked_without_valid_currency(amount: str, both: bool) -> None:
    named = set(errors_of(SALE | {"amount": amount, "currency": "XXX"}))
    assert named == ({"currency", "amount"} if both else {"currency"})


@pytest.mark.parametrize("days", [1, -366 * 5])
def test_invalid_body_also_reports_the_clock(days: int) -> None:
    moment = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    assert set(errors_of({"type": "credit", "occurred_at": moment})) == {"amount", "occurred_at"}


def test_clock_alone_rejects_nothing() -> None:
    assert parse_body(EntryBody, SALE | {"occurred_at": "1999-01-01T00:00:00Z"}).draft()


@pytest.mark.parametrize("name", ["type", "description", "metadata", "\ud800"])
def test_lone_surrogate_is_a_printable_error(name: str) -> None:
    named = errors_of(SALE | {name: {"\ud800": "\udfff"} if name == "metadata" else "\udfff"})
    assert named and "".join(named).encode()


def test_metadata_has_at_most_20_distinct_keys() -> None:
    assert parse_body(EntryBody, SALE | {"metadata": {f"k{n}": "" for n in range(20)}})
    for metadata in ({f"k{n}": "" for n in range(21)}, {"é": "1", " e\u0301": "2"}, ["a"]):
        assert errors_of(SALE | {"metadata": metadata})["metadata"]


def test_texts_are_normalized_before_measuring() -> None:
    draft = parse_body(EntryBody, SALE | {"description": "  " + "e\u0301" * 200 + " "}).draft()
    assert draft.description == "é" * 200
    assert errors_of(SALE | {"description": "é" * 201})["description"]
