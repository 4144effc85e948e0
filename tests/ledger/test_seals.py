"""Leaves, roots and proofs: their exact content, and what is never sealed."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger import seals
from chalicelib.ledger.closings import Changes, Closing, balance_lines
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.ledger.errors import NotFoundError
from chalicelib.ledger.merkle import Step
from chalicelib.ledger.seals import UnsealableError, leaf_hashes, leaf_of, leaves_of
from tests.ledger.examples import DAY, ENTRY, OTHER, closing_of, root_by_path
from verification.kit.strategies import entries_of_a_day

MAIN = {"account": "main", "currency": "BRL"}


@given(entries_of_a_day(DAY))
def test_leaves_are_canonical_json_in_order(entries: list[Entry]) -> None:
    leaves = leaves_of(entries)
    assert leaves == leaves_of(entries[::-1])
    assert leaves == [canonical_json(json.loads(leaf)) for leaf in leaves]
    ids = sorted(entry.entry_id for entry in entries)
    assert [json.loads(leaf)["entry"] for leaf in leaves] == ids


def test_leaf_has_no_texts() -> None:
    assert leaf_of(without_texts(ENTRY)) == leaf_of(ENTRY)
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


def test_leaf_covers_every_field() -> None:
    texts: dict[str, Any] = {
        "entry_id": "b" * 32,
        "account": "bank",
        "currency": "JPY",
        "reverses": "c" * 32,
    }
    texts |= {"text_digest": "e" * 43, "type": "debit", "occurred_at": "2026-11-21T23:00:00Z"}
    day, recorded_at = date(2026, 11, 21), datetime(2026, 11, 22, tzinfo=UTC)
    changed = ENTRY._replace(**texts, day=day, recorded_at=recorded_at, amount_minor=7)
    shown = {"day": "2026-11-21", "recorded_at": "2026-11-22T00:00:00.000Z", "amount": "7"}
    assert json.loads(leaf_of(changed)) == {"entry": texts.pop("entry_id"), **texts, **shown}


@pytest.mark.parametrize(
    "account",
    ['x","amount":"1.00', "x\\u0022", "são-paulo", "x\n", "x\x00", "x\x7f", '"', "\ud800"],
)
def test_text_with_an_escape_is_not_sealed(account: str) -> None:
    with pytest.raises(UnsealableError, match="a" * 32):
        leaf_of(ENTRY._replace(account=account))


FIRST = closing_of([ENTRY])


def item_of(entries: list[Entry]) -> tuple[seals.JsonObject, seals.Seal]:
    sealed = seals.seal(closing_of(entries), entries)
    return seals.closing_item(sealed, "c2lnbmVk", "key-1"), sealed


def test_published_closing_has_header_and_seal() -> None:
    item, sealed = item_of([ENTRY, OTHER])
    assert item == {
        "format": 1,
        "merchant": "padaria",
        "day": "2026-11-22",
        "version": 1,
        "sequence": 1,
        "previous_root": None,
        "closed_at": "2026-11-23T03:10:00.000Z",
        "entries": 2,
        "balances": [
            {**MAIN, "opening": "10.00", "unsealed": "0.00", "credits": "150.75"}
            | {"debits": "0.75", "closing": "160.00", "entries": 2}
        ],
        "changes": None,
        "repairs": 0,
        "signature": "c2lnbmVk",
        "key_id": "key-1",
        **{name: item[name] for name in seals.SEAL_FIELDS if name not in ("signature", "key_id")},
    }
    assert item["root"] == sealed.root


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("merchant", "rival"), ("day", "2026-11-21"), ("version", 2), ("sequence", 2)),
        *(("previous_root", "0" * 64), ("closed_at", "2026-11-23T03:10:00.001Z"), ("entries", 3)),
        *(("balances", []), ("changes", {}), ("repairs", 1), ("format", 2)),
    ],
)
def test_each_field_of_the_header_changes_the_root(name: str, value: Any) -> None:
    header = seals.header_of(closing_of([ENTRY]))
    assert seals.closing_root({**header, name: value}, b"") != seals.closing_root(header, b"")


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
    path: list[Step] = [(step["side"], bytes.fromhex(step["hash"])) for step in proof["path"]]
    leaf = sealed.leaves[[json.loads(x)["entry"] for x in sealed.leaves].index(entry.entry_id)]
    assert proof["leaf"] == json.loads(leaf)
    assert root_by_path(leaf_hashes([leaf])[0], path).hex() == item["root"]
    altered = leaf.replace(b"credit", b"debit") + b" "
    assert root_by_path(leaf_hashes([altered])[0], path).hex() != item["root"]


def test_proof_reveals_no_balance() -> None:
    item, sealed = item_of([ENTRY, OTHER])
    proof = seals.proof_of(item, sealed.leaves, OTHER.entry_id)
    assert proof["path"][-1] == {"side": "left", "hash": seals.header_hash(sealed.header).hex()}
    assert set(proof) == {
        "merchant", "day", "version", "sequence", "entry", "leaf", "path", "root", "signature",
        "key_id",
    }  # fmt: skip


@pytest.mark.parametrize("entry_id", ["z" * 32, "", 'a","occurred_at":"2026'])
def test_entry_of_no_closing_has_no_proof(entry_id: str) -> None:
    item, sealed = item_of([ENTRY])
    with pytest.raises(NotFoundError, match="Version 1 of 2026-11-22 does not hold this entry"):
        seals.proof_of(item, sealed.leaves, entry_id)


@pytest.mark.parametrize(
    ("closing", "entries", "message"),
    [
        (FIRST, [ENTRY._replace(merchant_id="rival")], "merchant and day"),
        (FIRST, [ENTRY._replace(day=date(2026, 11, 21))], "merchant and day"),
        (closing_of([ENTRY, ENTRY]), [ENTRY, ENTRY], "once"),
        (FIRST, [OTHER], "add up to"),
        (FIRST, [], "add up to"),
        (replace(FIRST, version=2), [ENTRY], "from version 2 on"),
        (replace(FIRST, changes=Changes((), ())), [ENTRY], "from version 2 on"),
        (replace(FIRST, sequence=2), [ENTRY], "from sequence 2 on"),
        (replace(FIRST, previous_root="0" * 64), [ENTRY], "from sequence 2 on"),
    ],
)
def test_inconsistent_closing_is_not_sealed(
    closing: Closing, entries: list[Entry], message: str
) -> None:
    with pytest.raises(UnsealableError, match=message):
        seals.seal(closing, entries)


@pytest.mark.parametrize(
    ("count", "named"), [(1000, {}), (1001, {"added": None, "added_count": 1001})]
)
def test_at_most_1000_added_entries_are_named(count: int, named: seals.JsonObject) -> None:
    added = tuple(f"{number:032}" for number in range(count))
    closing = replace(closing_of([ENTRY]), version=2, changes=Changes(added, ()))
    changes = seals.header_of(closing)["changes"]
    assert changes == {"added": list(added), "effect": []} | named


def test_changes_of_a_version_have_no_unsealed() -> None:
    lines = balance_lines([OTHER], {})
    closing = replace(closing_of([ENTRY, OTHER]), version=2, changes=Changes(("b" * 32,), lines))
    effect = {**MAIN, "opening": "0.00", "credits": "0.00", "debits": "0.75", "closing": "-0.75"}
    assert seals.header_of(closing)["changes"] == {
        "added": ["b" * 32],
        "effect": [{**effect, "entries": 1}],
    }
