"""An entry and a closing for the tests of closings and seals; `root_by_path` checks proofs."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from chalicelib.ledger.closings import Closing, Opening, balance_lines
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.merkle import Step, node_hash

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
OTHER = ENTRY._replace(entry_id="b" * 32, type="debit", amount_minor=75)


def closing_of(entries: list[Entry]) -> Closing:
    """Return the first closing of these entries of the day, which opens with BRL 10.00."""
    return Closing(
        merchant_id="padaria",
        day=DAY,
        version=1,
        sequence=1,
        previous_root=None,
        closed_at=datetime(2026, 11, 23, 3, 10, tzinfo=UTC),
        lines=balance_lines(entries, {("main", "BRL"): Opening(1000)}),
    )


def root_by_path(leaf_hash: bytes, path: Iterable[Step]) -> bytes:
    """Return the root that a hash and its siblings lead to."""
    for side, sibling in path:
        pair = (sibling, leaf_hash) if side == "left" else (leaf_hash, sibling)
        leaf_hash = node_hash(*pair)
    return leaf_hash
