"""Texts that can name a person are digested with a salt, so that they can be erased (LGPD)."""

import pytest

from chalicelib.api.entry_batch import BatchItem
from chalicelib.api.reversals import ReversalBody
from chalicelib.api.validation import RequestBody
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.idempotency import PERSONAL_FIELDS
from chalicelib.storage.dynamodb_items import TEXT_ATTRIBUTES

PLAIN = {"idempotency_key", "type", "currency", "amount", "account", "occurred_at", "category"}
PLAIN_OF_ENTRIES = {
    "entry_id", "merchant_id", "type", "amount_minor", "currency", "account", "day", "occurred_at",
    "recorded_at", "recorded_by", "text_digest", "category", "reverses", "origin",
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "texts"), [(BatchItem, {"description", "metadata"}), (ReversalBody, {"reason"})]
)
def test_field_of_a_request_is_plain_or_personal(body: type[RequestBody], texts: set[str]) -> None:
    """Decide for a new field of a request, and add it to PLAIN here or to PERSONAL_FIELDS."""
    assert {*body.model_fields} - PLAIN == texts
    assert texts <= PERSONAL_FIELDS


def test_erasure_removes_what_is_not_plain() -> None:
    """Decide for a new field of entries, and add it to PLAIN_OF_ENTRIES or to TEXT_ATTRIBUTES."""
    assert {*Entry._fields} - PLAIN_OF_ENTRIES == {"description", "metadata", "text_salt"}
    assert {"description", "metadata", "text_salt", "request_text_digest"} == {*TEXT_ATTRIBUTES}
