"""What is under a seal, what is signed, and what is never sealed."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger import seals
from chalicelib.ledger.closings import Changes, Closing, Opening, balance_lines
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import NotFoundError
from chalicelib.ledger.merkle import Step
from chalicelib.ledger.seals import UnsealableError, leaf_hashes
from tests.ledger.paths import root_by_path
from tests.ledger.test_leaves import ENTRY
from verification.kit.strategies import entries_of_a_day

DAY = date(2026, 11, 22)
OTHER = ENTRY._replace(entry_id="b" * 32, type="debit", amount_minor=75)


def closing_of(entries: list[Entry]) -> Closing:
    return Closing(
        merchant_id="padaria",
        day=DAY,
        version=1,
        sequence=1,
        previous_root=None,
        closed_at=datetime(2026, 11, 23, 3, 10, tzinfo=UTC),
        lines=balance_lines(entries, {("main", "BRL"): Opening(1000)}),
    )


def item_of(entries: list[Entry]) -> tuple[seals.JsonObject, seals.Seal]:
    sealed = seals.seal(closing_of(entries), entries)
    return seals.closing_item(sealed, "c2lnbmVk", "key-1"), sealed


def path_of(proof: seals.JsonObject) -> list[Step]:
    return [(step["side"], bytes.fromhex(step["hash"])) for step in proof["path"]]


def test_a_closing_is_published_with_all_that_its_root_covers() -> None:
    item, sealed = item_of([ENTRY, OTHER])
    assert {name: item[name] for name in item if name not in seals.SEAL_FIELDS} == {
        "format": 1,
        "merchant": "padaria",
        "day": "2026-11-22",
        "version": 1,
        "sequence": 1,
        "previous_root": None,
        "closed_at": "2026-11-23T03:10:00.000Z",
        "entries": 2,
        "balances": [
            {
                "account": "main",
                "currency": "BRL",
                "opening": "10.00",
                "unsealed": "0.00",
                "credits": "150.75",
                "debits": "0.75",
                "closing": "160.00",
                "entries": 2,
            }
        ],
        "changes": None,
        "repairs": 0,
    }
    assert (item["signature"], item["key_id"]) == ("c2lnbmVk", "key-1")
    assert item["root"] == sealed.root


@pytest.mark.parametrize(
    "changed",
    [
        {"merchant": "rival"},
        {"day": "2026-11-21"},
        {"version": 2},
        {"sequence": 2},
        {"previous_root": "0" * 64},
        {"closed_at": "2026-11-23T03:10:00.001Z"},
        {"entries": 3},
        {"balances": []},
        {"changes": {}},
        {"repairs": 1},
        {"format": 2},
    ],
)
def test_each_field_of_the_header_is_under_the_root(changed: dict[str, Any]) -> None:
    header = seals.header_of(closing_of([ENTRY]))
    assert seals.closing_root({**header, **changed}, b"") != seals.closing_root(header, b"")


@pytest.mark.parametrize("name", ["merchant", "day", "version", "sequence", "root"])
def test_each_part_of_the_statement_is_signed(name: str) -> None:
    item, sealed = item_of([ENTRY])
    assert seals.statement_digest(item) == sealed.digest
    assert seals.statement_digest({**item, name: "other"}) != sealed.digest


@given(entries_of_a_day(DAY).filter(bool), st.data())
def test_each_entry_has_a_proof(entries: list[Entry], draw: st.DataObject) -> None:
    item, sealed = item_of(entries)
    entry = draw.draw(st.sampled_from(entries))
    proof = seals.proof_of(item, sealed.leaves, entry.entry_id)
    leaf = sealed.leaves[[json.loads(x)["entry"] for x in sealed.leaves].index(entry.entry_id)]
    assert proof["leaf"] == json.loads(leaf)
    assert root_by_path(leaf_hashes([leaf])[0], path_of(proof)).hex() == item["root"]
    altered = leaf.replace(b"credit", b"debit") + b" "
    assert root_by_path(leaf_hashes([altered])[0], path_of(proof)).hex() != item["root"]


def test_a_proof_ends_with_the_header_and_gives_no_balance_away() -> None:
    item, sealed = item_of([ENTRY, OTHER])
    proof = seals.proof_of(item, sealed.leaves, OTHER.entry_id)
    assert proof["path"][-1] == {"side": "left", "hash": seals.header_hash(sealed.header).hex()}
    assert set(proof) == {
        "merchant", "day", "version", "sequence", "entry", "leaf", "path", "root", "signature",
        "key_id",
    }  # fmt: skip


@pytest.mark.parametrize("entry_id", ["z" * 32, "", 'a","occurred_at":"2026'])
def test_an_entry_that_a_closing_does_not_hold_has_no_proof(entry_id: str) -> None:
    item, sealed = item_of([ENTRY])
    with pytest.raises(NotFoundError, match="Version 1 of 2026-11-22 does not hold this entry"):
        seals.proof_of(item, sealed.leaves, entry_id)


@pytest.mark.parametrize(
    ("closing", "entries", "message"),
    [
        (closing_of([ENTRY]), [ENTRY._replace(merchant_id="rival")], "merchant and day"),
        (closing_of([ENTRY]), [ENTRY._replace(day=date(2026, 11, 21))], "merchant and day"),
        (closing_of([ENTRY, ENTRY]), [ENTRY, ENTRY], "once"),
        (closing_of([ENTRY]), [OTHER], "add up to"),
        (closing_of([ENTRY]), [], "add up to"),
        (replace(closing_of([ENTRY]), version=2), [ENTRY], "from version 2 on"),
        (replace(closing_of([ENTRY]), changes=Changes((), ())), [ENTRY], "from version 2 on"),
        (replace(closing_of([ENTRY]), sequence=2), [ENTRY], "from sequence 2 on"),
        (replace(closing_of([ENTRY]), previous_root="0" * 64), [ENTRY], "from sequence 2 on"),
    ],
)
def test_what_could_never_be_right_is_not_sealed(
    closing: Closing, entries: list[Entry], message: str
) -> None:
    with pytest.raises(UnsealableError, match=message):
        seals.seal(closing, entries)


def test_a_version_tells_its_changes_without_repeating_what_was_unsealed() -> None:
    lines = balance_lines([OTHER], {})
    closing = replace(closing_of([ENTRY, OTHER]), version=2, changes=Changes(("b" * 32,), lines))
    assert seals.header_of(closing)["changes"] == {
        "added": ["b" * 32],
        "effect": [
            {
                "account": "main",
                "currency": "BRL",
                "opening": "0.00",
                "credits": "0.00",
                "debits": "0.75",
                "closing": "-0.75",
                "entries": 1,
            }
        ],
    }
