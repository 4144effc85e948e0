"""The same request: the same JSON value sent for the same operation, texts under their salt."""

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


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    kept = fingerprint(OriginalRequest("entry", one), "salt")
    return is_same_request(kept, "salt", OriginalRequest("entry", other))


@given(bodies)
def test_a_body_is_the_same_as_itself_read_again(body: dict[str, Any]) -> None:
    turned = dict(reversed(json.loads(json.dumps(body, indent=3)).items()))
    assert _same(body, turned)


@given(bodies, bodies)
def test_bodies_are_the_same_where_their_json_values_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    def told(value: dict[str, Any]) -> str:
        return json.dumps(value, sort_keys=True)

    assert _same(one, other) == (told(one) == told(other))


@given(
    bodies, st.sampled_from(["amount", "account", "description", "metadata", "reason"]), json_values
)
def test_a_written_out_field_makes_another_body(
    body: dict[str, Any], name: str, value: Any
) -> None:
    without = {other: kept for other, kept in body.items() if other != name}
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
def test_another_body_is_another_request(other: dict[str, Any]) -> None:
    assert _same(SALE, dict(SALE))
    assert not _same(SALE, other)


def test_another_operation_or_target_is_another_request() -> None:
    kept = fingerprint(OriginalRequest("reversal/a", {"reason": "x"}), "salt")
    assert is_same_request(kept, "salt", OriginalRequest("reversal/a", {"reason": "x"}))
    assert not is_same_request(kept, "salt", OriginalRequest("reversal/b", {"reason": "x"}))
    assert not is_same_request(kept, "salt", OriginalRequest("entry", {"reason": "x"}))


@given(bodies)
def test_after_erasure_only_the_part_without_texts_is_compared(body: dict[str, Any]) -> None:
    kept = fingerprint(OriginalRequest("entry", body), "salt")
    texts_changed = {**body, **dict.fromkeys(("description", "metadata", "reason"), "another text")}
    for erased in (Fingerprint(kept.plain, None), kept):
        assert is_same_request(erased, None, OriginalRequest("entry", texts_changed))
        assert not is_same_request(erased, None, OriginalRequest("entry", {**body, "new": "field"}))


@given(bodies)
def test_nothing_kept_tells_the_texts_without_the_salt(body: dict[str, Any]) -> None:
    one = fingerprint(OriginalRequest("entry", body), "salt")
    other = fingerprint(OriginalRequest("entry", body), "another salt")
    assert one.plain == other.plain
    assert one.texts != other.texts


def test_a_field_moved_between_texts_and_the_rest_is_another_body() -> None:
    assert not _same({"description": "x"}, {"category": "x"})
    assert not _same({"reason": "x"}, {"description": "x"})


def test_a_reused_key_names_the_header_at_fault() -> None:
    refusal = key_reused()
    assert isinstance(refusal, IdempotencyKeyReusedError)
    assert [fault.field for fault in refusal.field_errors] == ["Idempotency-Key"]
    assert "send a new key" in str(refusal)
