"""Equal requests: the same JSON value sent for the same operation; texts by a salted digest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.errors import IdempotencyKeyReusedError
from chalicelib.ledger.idempotency import (
    Fingerprint,
    OriginalRequest,
    fingerprint,
    is_same_request,
    key_reused,
)
from verification.kit.strategies import bodies, json_values

SALE = {"type": "credit", "amount": "150.75", "description": "Venda", "metadata": {"order": "A-17"}}


def _same(body: dict[str, Any], other: dict[str, Any]) -> bool:
    stored = fingerprint(OriginalRequest("entry", body), "salt")
    return is_same_request(stored, "salt", OriginalRequest("entry", other))


@given(bodies)
def test_body_equals_itself_parsed_again(body: dict[str, Any]) -> None:
    reordered = dict(reversed(json.loads(json.dumps(body, indent=3)).items()))
    assert _same(body, reordered)


@given(bodies, bodies)
def test_equal_json_values_are_equal_requests(body: dict[str, Any], other: dict[str, Any]) -> None:
    text, other_text = (json.dumps(value, sort_keys=True) for value in (body, other))
    assert _same(body, other) == (text == other_text)


@given(bodies, st.sampled_from(["amount", "description", "metadata", "reason"]), json_values)
def test_additional_field_is_a_different_request(
    body: dict[str, Any], name: str, value: Any
) -> None:
    without = {field: sent for field, sent in body.items() if field != name}
    assert not _same(without, {**without, name: value})


@pytest.mark.parametrize(
    "other",
    [
        {**SALE, "amount": "150.750"},
        {**SALE, "currency": "BRL"},
        {**SALE, "account": None},
        {**SALE, "description": "Venda "},
        {**SALE, "description": "venda"},
        {**SALE, "metadata": {}},
        {**SALE, "metadata": {"order": "A-17", "till": "2"}},
        {name: value for name, value in SALE.items() if name != "metadata"},
    ],
)
def test_different_body_is_a_different_request(other: dict[str, Any]) -> None:
    assert _same(SALE, dict(SALE))
    assert not _same(SALE, other)


def test_value_under_another_name_is_different() -> None:
    assert not _same({"description": "x"}, {"category": "x"})
    assert not _same({"reason": "x"}, {"description": "x"})


def test_operation_and_target_are_compared() -> None:
    stored = fingerprint(OriginalRequest("reversal/a", {"reason": "x"}), "salt")
    assert is_same_request(stored, "salt", OriginalRequest("reversal/a", {"reason": "x"}))
    assert not is_same_request(stored, "salt", OriginalRequest("reversal/b", {"reason": "x"}))
    assert not is_same_request(stored, "salt", OriginalRequest("entry", {"reason": "x"}))


@given(bodies)
def test_texts_are_not_compared_after_erasure(body: dict[str, Any]) -> None:
    stored = fingerprint(OriginalRequest("entry", body), "salt")
    texts_changed = {**body, **dict.fromkeys(("description", "metadata", "reason"), "another text")}
    for erased in (Fingerprint(stored.plain, None), stored):
        assert is_same_request(erased, None, OriginalRequest("entry", texts_changed))
        assert not is_same_request(erased, None, OriginalRequest("entry", {**body, "new": "field"}))
    salted = fingerprint(OriginalRequest("entry", body), "another salt")
    assert salted.plain == stored.plain
    assert salted.texts != stored.texts


def test_reused_key_names_the_header() -> None:
    error = key_reused()
    assert isinstance(error, IdempotencyKeyReusedError)
    assert [field_error.field for field_error in error.field_errors] == ["Idempotency-Key"]
    assert "send a new key" in str(error)
