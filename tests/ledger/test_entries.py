"""Entries: ids of merchants' keys, reversals, and digests that an erasure does not change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.ledger.entries import (
    Entry,
    content_digest,
    entry_id,
    is_entry_id,
    reversal_draft,
    reversal_id_of,
    text_digest,
    without_texts,
)
from tests.ledger.examples import ENTRY
from verification.kit.strategies import entries, keys, metadata, slugs, texts


def test_ids_are_the_stored_ones() -> None:
    assert entry_id("padaria", "k1") == "7qmaf5n7deloikdbrrenmhbdoahxjqyv"
    assert reversal_id_of("7qmaf5n7deloikdbrrenmhbdoahxjqyv") == "aimzxojlqj5rc443bqsnxikjrpuoljok"


@given(slugs, keys)
def test_every_id_is_an_entry_id(merchant: str, key: str) -> None:
    made = entry_id(merchant, key)
    assert is_entry_id(made)
    assert is_entry_id(reversal_id_of(made))
    assert reversal_id_of(made) != made


@given(slugs, keys, slugs, keys)
@example("ab", "c", "a", "bc")
@example("a", "", "", "a")
def test_different_keys_have_different_ids(
    merchant: str, key: str, other: str, other_key: str
) -> None:
    same = (merchant, key) == (other, other_key)
    assert (entry_id(merchant, key) == entry_id(other, other_key)) == same


@pytest.mark.parametrize(
    "text", ["", "a" * 31, "a" * 33, "A" * 32, "0" * 32, "a" * 32 + "\n", "á" * 32]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_entry_id(text)


@given(entries(), texts)
def test_reversal_is_the_opposite_entry(original: Entry, reason: str) -> None:
    draft = reversal_draft(original, reason)
    assert {draft.type, original.type} == {"credit", "debit"}
    assert (draft.amount_minor, draft.currency) == (original.amount_minor, original.currency)
    assert (draft.account, draft.category) == (original.account, original.category)
    assert (draft.description, draft.metadata, draft.occurred_at) == (reason, {}, None)
    assert original._replace(type=draft.type).effect_minor == -original.effect_minor


@given(entries())
def test_erasure_keeps_the_content_digest(entry: Entry) -> None:
    erased = without_texts(entry)
    assert (erased.description, erased.metadata, erased.text_salt) == (None, {}, None)
    assert content_digest(erased) == content_digest(entry)
    assert without_texts(erased) == erased


NOT_COVERED = {"description", "metadata", "text_salt", "origin"}
CHANGES: dict[str, Callable[[Entry], Any]] = {
    **{name: lambda _: "b" * 32 for name in ("entry_id", "reverses", "text_digest")},
    **{name: lambda _: "another" for name in ("merchant_id", "account", "recorded_by", "category")},
    "type": lambda entry: "debit" if entry.type == "credit" else "credit",
    "amount_minor": lambda entry: entry.amount_minor + 1,
    "currency": lambda _: "XPF",
    "day": lambda entry: entry.day + timedelta(days=1),
    "occurred_at": lambda _: "1999-01-01T00:00:00Z",
    "recorded_at": lambda entry: entry.recorded_at + timedelta(milliseconds=1),
}


@pytest.mark.parametrize("name", sorted({*Entry._fields} - NOT_COVERED))
@given(entry=entries())
def test_digest_covers_every_field_but_four(name: str, entry: Entry) -> None:
    changed = entry._replace(**{name: CHANGES[name](entry)})
    assert (content_digest(changed) == content_digest(entry)) == (changed == entry)


@given(st.none() | texts, metadata, st.none() | texts, metadata)
def test_equal_digests_mean_equal_texts(
    text: str | None, pairs: dict[str, str], other: str | None, other_pairs: dict[str, str]
) -> None:
    digest = text_digest("salt", text, pairs)
    same = (text, pairs) == (other, other_pairs)
    assert (digest == text_digest("salt", other, other_pairs)) == same
    assert digest != text_digest("another", text, pairs)


def test_content_digest_is_the_stored_one() -> None:
    entry = ENTRY._replace(
        entry_id=entry_id("padaria", "k1"),
        day=date(2026, 11, 23),
        occurred_at="2026-11-23T14:05:00-03:00",
        recorded_at=datetime(2026, 11, 23, 17, 5, 1, 204000, UTC),
        recorded_by="joana",
        text_digest=text_digest("salt", "Venda balcão", {"order": "A-17"}),
    )
    assert content_digest(entry) == "2Diz-2LxIHL4Jl1S2LzkYu8Iy1R_esC2HGGE3rqLpB4"
    assert content_digest(entry._replace(origin="a trace")) == content_digest(entry)
