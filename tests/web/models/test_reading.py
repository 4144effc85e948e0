"""All faults of a body at once, each in the words of the ledger's own rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.api.models.entries import EntryBody
from chalicelib.api.models.reading import read_body
from chalicelib.ledger.errors import ValidationError

SALE = {"type": "credit", "amount": "150.75"}


def faults(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refusal:
        read_body(EntryBody, body)
    return {fault.field: fault.message for fault in refusal.value.faults}


def test_a_good_body_becomes_a_draft_in_minor_units() -> None:
    draft = read_body(EntryBody, SALE | {"currency": "BHD", "amount": "1.250"}).draft()
    assert (draft.amount_minor, draft.currency, draft.account) == (1250, "BHD", "main")


def test_every_fault_is_named_at_once() -> None:
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
    assert set(faults(body)) == named


def test_what_is_required_and_null_is_missing() -> None:
    assert faults({"type": None}) == {"type": "is required", "amount": "is required"}


@pytest.mark.parametrize("body", [[], "x", 7, True, None])
def test_a_body_that_is_no_object_is_one_fault(body: Any) -> None:
    assert faults(body) == {"body": "must be a JSON object"}


@pytest.mark.parametrize(
    "amount",
    [
        1, 150.75, True, [], {}, "", "1", "1.5", "1.500", "0.00", "-1.00", "+1.00", "1e400", "1E2",
        " 1.00", "1.00 ", "1,00", "1.000,00", "1_0.00", "01.00", ".50", "1.", "NaN", "Infinity",
        "٣.٠٠", "１.00", "1" * 14 + ".00", "9" * 200_000, float("inf"),
    ],
)  # fmt: skip
def test_what_is_no_amount_of_the_currency_is_refused(amount: Any) -> None:
    assert list(faults(SALE | {"amount": amount})) == ["amount"]


@pytest.mark.parametrize(
    ("amount", "both"), [("1.00", False), ("1500", False), ("1.250", False), ("1.5", True)]
)
def test_an_amount_is_judged_even_where_the_currency_is_none(amount: str, both: bool) -> None:
    named = set(faults(SALE | {"amount": amount, "currency": "XXX"}))
    assert named == ({"currency", "amount"} if both else {"currency"})


@pytest.mark.parametrize("days", [1, -366 * 5])
def test_the_clock_is_asked_too_where_a_body_is_refused_anyway(days: int) -> None:
    moment = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    assert set(faults({"type": "credit", "occurred_at": moment})) == {"amount", "occurred_at"}


def test_the_clock_alone_refuses_nothing_here() -> None:
    assert read_body(EntryBody, SALE | {"occurred_at": "1999-01-01T00:00:00Z"}).draft()


@pytest.mark.parametrize(
    "body",
    [
        {"type": "\ud800"},
        {"description": "\udfff"},
        {"metadata": {"a": "\ud800"}},
        {"metadata": {"\ud800": "a"}},
        {"\ud800": 1},
    ],
)
def test_a_lone_surrogate_is_a_fault_and_can_be_told(body: dict[str, Any]) -> None:
    named = faults(SALE | body)
    assert len(named) == 1
    assert "".join(named).encode()


def test_metadata_has_20_pairs_at_most_and_keys_that_differ() -> None:
    assert read_body(EntryBody, SALE | {"metadata": {f"k{n}": "" for n in range(20)}})
    assert faults(SALE | {"metadata": {f"k{n}": "" for n in range(21)}})["metadata"]
    assert faults(SALE | {"metadata": {"é": "1", " e\u0301": "2"}})["metadata"]
    assert faults(SALE | {"metadata": ["a"]})["metadata"]


def test_texts_are_trimmed_and_in_normal_form_c_before_they_are_measured() -> None:
    draft = read_body(EntryBody, SALE | {"description": "  " + "e\u0301" * 200 + " "}).draft()
    assert draft.description == "é" * 200
    assert faults(SALE | {"description": "é" * 201})["description"]
