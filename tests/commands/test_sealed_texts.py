"""The texts behind sealed digests: the owner's, from the ledger, and only if they are unaltered."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.commands.erase import erase
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.sealed_texts import SealedText, sealed_texts
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import TextsDifferError
from tests.commands.examples import PADARIA
from tests.fixtures.ledger_table import LedgerTable


def test_texts_and_salt_are_those_sealed(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    table.wire.calls.clear()
    texts = sealed_texts(ports, "padaria", {sold.entry_id: sold.text_digest})
    assert sold.text_salt and sold.description
    expected = SealedText(sold.text_salt, sold.description, sold.metadata)
    assert texts == {sold.entry_id: expected}
    assert table.wire.calls == ["BatchGetItem"]


def test_erased_texts_are_none(ports: CommandPorts, sold: Entry) -> None:
    erase(ports, PADARIA, sold.entry_id, "e1")
    assert sealed_texts(ports, "padaria", {sold.entry_id: sold.text_digest}) == {
        sold.entry_id: None
    }


@pytest.mark.parametrize(
    "attributes",
    [
        {"description": {"S": "another"}}, {"description": None}, {"text_salt": {"S": "another"}},
        {"text_salt": None}, {"metadata": {"M": {"order": {"S": "another"}}}},
        {"merchant_id": {"S": "rival"}},
    ],
)  # fmt: skip
def test_altered_texts_are_not_returned(
    table: LedgerTable, ports: CommandPorts, sold: Entry, attributes: Mapping[str, Any]
) -> None:
    (item,) = table.items()
    altered = {**item, **attributes}
    table.put({name: value for name, value in altered.items() if value is not None})
    with pytest.raises(TextsDifferError, match=sold.entry_id):
        sealed_texts(ports, "padaria", {sold.entry_id: sold.text_digest})


def test_missing_entry_has_no_texts(ports: CommandPorts, sold: Entry) -> None:
    with pytest.raises(TextsDifferError):
        sealed_texts(ports, "padaria", {sold.entry_id: sold.text_digest, "a" * 32: "digest"})
