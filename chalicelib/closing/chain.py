"""The head of a merchant's chain, and whether a closing continues it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.closing.day_state import ChainHead
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.seal_ports import Keys
from chalicelib.ledger.ecdsa import verify
from chalicelib.ledger.seals import SEAL_FIELDS, closing_root, entries_root, statement_digest


def head_of(item: Mapping[str, Any]) -> ChainHead:
    """Return a closing as the head of a chain that ends with it."""
    return ChainHead(item["sequence"], item["root"], item["closed_at"])


def check_continues(
    keys: Keys,
    merchant_id: str,
    head: ChainHead | None,
    item: Mapping[str, Any],
    leaves: Sequence[bytes],
) -> None:
    """Raise SealMismatchError unless a closing is the next one after `head`, and valid.

    Valid: its leaves and header have its root, which is signed by a key that the bucket holds.
    """
    number = head.sequence + 1 if head else 1
    header = {name: value for name, value in item.items() if name not in SEAL_FIELDS}
    root = entries_root(leaves)
    place = (item["merchant"], item["sequence"], item["previous_root"])
    if (
        place != (merchant_id, number, head.root if head else None)
        or (item["entries_root"], item["root"]) != (root.hex(), closing_root(header, root))
        or not verify(keys.get(item["key_id"]), statement_digest(item), item["signature"])
    ):
        raise SealMismatchError(
            f"Closing {number}, of {item['day']}, must continue the merchant's chain, and have the "
            "root of its leaves and a valid signature."
        )
