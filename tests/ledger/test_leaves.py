"""An entry's leaf: the bytes, what is in them, and what cannot be."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.ledger.seals import UnsealableError, entries_root, leaf_hashes, leaf_of, leaves_of
from verification.kit.strategies import entries_of_a_day

DAY = date(2026, 11, 22)
ENTRY = Entry(
    entry_id="a" * 32,
    merchant_id="padaria",
    type="credit",
    amount_minor=15075,
    currency="BRL",
    account="main",
    day=DAY,
    occurred_at="2026-11-22T14:05:00-03:00",
    recorded_at=datetime(2026, 11, 22, 17, 5, 1, 204000, tzinfo=UTC),
    recorded_by="ana",
    text_digest="d" * 43,
    text_salt="salt",
    description="Venda balcão 123.456.789-09",
)


@given(entries_of_a_day(DAY))
def test_a_leaf_has_the_bytes_that_a_json_encoder_gives(entries: list[Entry]) -> None:
    for leaf in leaves_of(entries):
        assert leaf == canonical_json(json.loads(leaf))


@given(entries_of_a_day(DAY))
def test_the_order_in_which_entries_come_changes_nothing(entries: list[Entry]) -> None:
    assert leaves_of(entries) == leaves_of(entries[::-1])
    assert [json.loads(leaf)["entry"] for leaf in leaves_of(entries)] == sorted(
        entry.entry_id for entry in entries
    )


def test_a_leaf_says_all_that_decides_a_balance_and_no_text() -> None:
    assert json.loads(leaf_of(ENTRY)) == {
        "account": "main",
        "amount": "150.75",
        "currency": "BRL",
        "day": "2026-11-22",
        "entry": "a" * 32,
        "occurred_at": "2026-11-22T14:05:00-03:00",
        "recorded_at": "2026-11-22T17:05:01.204Z",
        "reverses": None,
        "text_digest": "d" * 43,
        "type": "credit",
    }


def test_erasing_the_texts_leaves_the_leaf_as_it_is() -> None:
    assert leaf_of(without_texts(ENTRY)) == leaf_of(ENTRY)


@pytest.mark.parametrize(
    "changed",
    [
        ENTRY._replace(entry_id="b" * 32),
        ENTRY._replace(type="debit"),
        ENTRY._replace(amount_minor=15076),
        ENTRY._replace(currency="USD"),
        ENTRY._replace(account="bank"),
        ENTRY._replace(day=date(2026, 11, 23)),
        ENTRY._replace(occurred_at="2026-11-22T14:05:00-02:00"),
        ENTRY._replace(recorded_at=datetime(2026, 11, 22, tzinfo=UTC)),
        ENTRY._replace(reverses="c" * 32),
        ENTRY._replace(text_digest="e" * 43),
    ],
)
def test_whatever_decides_a_balance_changes_the_root(changed: Entry) -> None:
    assert entries_root([leaf_of(changed)]) != entries_root([leaf_of(ENTRY)])


@pytest.mark.parametrize(
    "account",
    ['x","amount":"1.00', "x\\u0022", "são-paulo", "x\n", "x\x00", "x\x7f", '"', "\ud800"],
)
def test_a_text_that_would_need_an_escape_is_not_sealed(account: str) -> None:
    with pytest.raises(UnsealableError, match="a" * 32):
        leaf_of(ENTRY._replace(account=account))


def test_hashes_come_in_the_order_of_the_leaves() -> None:
    other = leaf_of(ENTRY._replace(account="bank"))
    assert leaf_hashes([leaf_of(ENTRY), other]) == leaf_hashes([other, leaf_of(ENTRY)])[::-1]
