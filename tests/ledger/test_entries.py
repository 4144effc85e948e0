"""Entries: ids that merchant and key stand for, reversals, and digests that outlive erasure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.encoding import canonical_json, length_prefixed, urlsafe
from chalicelib.ledger.entries import (
    Entry,
    EntryDraft,
    content_digest,
    entry_id,
    is_entry_id,
    reversal_draft,
    reversal_id_of,
    text_digest,
    without_texts,
)
from verification.kit.strategies import entries, json_values, keys, metadata, slugs, texts


def test_ids_stay_what_they_are() -> None:
    assert entry_id("padaria", "k1") == "7qmaf5n7deloikdbrrenmhbdoahxjqyv"
    assert reversal_id_of("7qmaf5n7deloikdbrrenmhbdoahxjqyv") == "aimzxojlqj5rc443bqsnxikjrpuoljok"


@given(slugs, keys)
def test_an_id_has_the_shape_of_an_id(merchant: str, key: str) -> None:
    one = entry_id(merchant, key)
    assert is_entry_id(one)
    assert is_entry_id(reversal_id_of(one))
    assert reversal_id_of(one) != one


@given(slugs, keys, slugs, keys)
def test_two_keys_or_two_merchants_have_two_ids(
    merchant: str, key: str, other: str, other_key: str
) -> None:
    same = (merchant, key) == (other, other_key)
    assert (entry_id(merchant, key) == entry_id(other, other_key)) == same


def test_no_key_reaches_into_another_merchants_space() -> None:
    assert entry_id("ab", "c") != entry_id("a", "bc")
    assert entry_id("a", "") != entry_id("", "a")


@pytest.mark.parametrize(
    "text", ["", "a" * 31, "a" * 33, "A" * 32, "0" * 32, "a" * 32 + "\n", "á" * 32]
)
def test_what_has_no_ids_shape_is_none(text: str) -> None:
    assert not is_entry_id(text)


@given(st.lists(st.text(max_size=5)), st.lists(st.text(max_size=5)))
def test_two_lists_of_texts_never_give_the_same_bytes(one: list[str], other: list[str]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


@given(st.lists(st.text() | st.sampled_from(["é" * 64, *("a" * n for n in (127, 128, 65_536))])))
def test_each_text_stands_behind_its_length_in_four_bytes(parts: list[str]) -> None:
    encoded = [part.encode() for part in parts]
    plain = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    assert length_prefixed(*parts) == plain


@given(json_values)
def test_canonical_json_is_ascii_and_blind_to_the_order_of_keys(value: Any) -> None:
    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: turned(part[name]) for name in reversed(part)}
        return [turned(one) for one in part] if isinstance(part, list) else part

    assert canonical_json(value).isascii()
    assert canonical_json(turned(value)) == canonical_json(value)


def test_values_that_only_look_alike_differ_in_canonical_json() -> None:
    alike = [1, "1", True, [1], {"1": 1}, None, "null", "", [], {}, 0, False]
    assert len({canonical_json(value) for value in alike}) == len(alike)


def test_base64url_has_no_padding() -> None:
    assert urlsafe(b"\xff\xef") == "_-8"


@given(entries(), texts)
def test_a_reversal_is_the_opposite_and_twice_the_opposite_is_the_same(
    original: Entry, reason: str
) -> None:
    draft = reversal_draft(original, reason)
    assert {draft.type, original.type} == {"credit", "debit"}
    assert draft == replace(
        EntryDraft(draft.type, original.amount_minor),
        currency=original.currency,
        account=original.account,
        category=original.category,
        description=reason,
    )
    undone = original._replace(type=draft.type)
    assert undone.effect_minor == -original.effect_minor


@given(entries())
def test_erasure_takes_the_texts_and_the_salt_and_leaves_the_digest(entry: Entry) -> None:
    erased = without_texts(entry)
    assert (erased.description, erased.metadata, erased.text_salt) == (None, {}, None)
    assert content_digest(erased) == content_digest(entry)
    assert without_texts(erased) == erased


CHANGES: dict[str, Any] = {
    "entry_id": "a" * 32,
    "merchant_id": "another-merchant",
    "currency": "XPF",
    "account": "another-account",
    "occurred_at": "1999-01-01T00:00:00Z",
    "recorded_by": "somebody else entirely",
    "category": "another-category",
    "reverses": "b" * 32,
    "text_digest": "another",
}


@given(entries(), st.sampled_from(sorted(CHANGES)))
def test_a_changed_entry_has_another_digest(entry: Entry, name: str) -> None:
    changed = entry._replace(**{name: CHANGES[name]})
    assert (content_digest(changed) == content_digest(entry)) == (changed == entry)


@given(entries())
def test_amount_type_day_and_moment_are_in_the_digest(entry: Entry) -> None:
    changed = [
        entry._replace(amount_minor=entry.amount_minor + 1),
        entry._replace(type="debit" if entry.type == "credit" else "credit"),
        entry._replace(day=entry.day + timedelta(days=1)),
        entry._replace(recorded_at=entry.recorded_at + timedelta(milliseconds=1)),
    ]
    assert len({content_digest(one) for one in [entry, *changed]}) == 5


def test_every_field_is_in_the_digest_or_known_not_to_be() -> None:
    elsewhere = {"amount_minor", "type", "day", "recorded_at"}
    not_in_it = {"description", "metadata", "text_salt", "origin"}
    assert set(Entry._fields) == set(CHANGES) | elsewhere | not_in_it


@given(st.none() | texts, metadata, st.none() | texts, metadata)
def test_texts_are_the_same_where_their_digests_are(
    description: str | None,
    one: dict[str, str],
    other_description: str | None,
    other: dict[str, str],
) -> None:
    same = (description, one) == (other_description, other)
    digests = text_digest("salt", description, one), text_digest("salt", other_description, other)
    assert (digests[0] == digests[1]) == same


def test_without_the_salt_a_text_cannot_be_recognised() -> None:
    assert text_digest("salt", "CPF 1", {}) != text_digest("another", "CPF 1", {})


def test_the_content_digest_stays_what_it_is() -> None:
    entry = Entry(
        entry_id=entry_id("padaria", "k1"),
        merchant_id="padaria",
        type="credit",
        amount_minor=15075,
        currency="BRL",
        account="main",
        day=date(2026, 11, 23),
        occurred_at="2026-11-23T14:05:00-03:00",
        recorded_at=datetime(2026, 11, 23, 17, 5, 1, 204000, UTC),
        recorded_by="joana",
        text_digest=text_digest("salt", "Venda balcão", {"order": "A-17"}),
    )
    assert content_digest(entry) == "2Diz-2LxIHL4Jl1S2LzkYu8Iy1R_esC2HGGE3rqLpB4"
    assert content_digest(entry._replace(origin="a trace")) == content_digest(entry)
