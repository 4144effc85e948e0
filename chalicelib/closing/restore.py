"""Restore closings that the bucket retains and the read model has lost.

PostgreSQL may be restored to an earlier moment, or rebuilt. The closings in the bucket are then
recorded before any new one, so that a merchant's chain never forks.
"""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib import observability
from chalicelib.closing.day_state import ChainHead, DayState
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.outbox import closing_name, leaves_name
from chalicelib.closing.ports import Ports, SealedClosing
from chalicelib.ledger.closings import effects_of
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import SEAL_FIELDS, closing_root, entries_root, statement_digest

RESTORED_RUN = "brought back"
"""Stored as the run of a restored closing: which execution made it is not known any more."""


def restore(ports: Ports, state: DayState) -> int:
    """Record the closings in the bucket after the merchant's newest one; return their number.

    They are pending again, because how far they were delivered is not known. Raises
    SealMismatchError for a closing that does not continue the merchant's chain, or whose root or
    signature is wrong.
    """
    head, restored = state.head, 0
    while (content := ports.archive.get(closing_name(state.merchant_id, _next(head)))) is not None:
        sealed = _verified(ports, state.merchant_id, head, json.loads(content))
        if not ports.read_model.insert_closing(sealed):
            break  # another run restores them now
        item = sealed.item
        head, restored = ChainHead(_next(head), item["root"], item["closed_at"]), restored + 1
    if restored:
        merchant = observability.merchant_hash(state.merchant_id)
        observability.log("closings_brought_back", merchant=merchant, closings=restored)
    return restored


def _next(head: ChainHead | None) -> int:
    return head.sequence + 1 if head else 1


def _verified(
    ports: Ports, merchant_id: str, head: ChainHead | None, item: Mapping[str, Any]
) -> SealedClosing:
    leaves = _leaves(ports, merchant_id, head)
    header = {name: value for name, value in item.items() if name not in SEAL_FIELDS}
    root = entries_root(leaves)
    place = (item["merchant"], item["sequence"], item["previous_root"])
    if (
        place != (merchant_id, _next(head), head.root if head else None)
        or (item["entries_root"], item["root"]) != (root.hex(), closing_root(header, root))
        or not ports.verifier.verify(statement_digest(item), item["signature"], item["key_id"])
    ):
        raise SealMismatchError(
            f"Closing {_next(head)} in the bucket, of {item['day']}, must continue the chain of "
            "the read model and have a valid root and signature."
        )
    changes = item["changes"]
    added = changes["added"] if changes else [json.loads(leaf)["entry"] for leaf in leaves]
    effects = effects_of(item)
    return SealedClosing(item, leaves, added, effects, change_id=None, run=RESTORED_RUN)


def _leaves(ports: Ports, merchant_id: str, head: ChainHead | None) -> list[bytes]:
    content = ports.archive.get(leaves_name(merchant_id, _next(head)))
    if content is None:
        raise SealMismatchError(
            f"The bucket holds closing {_next(head)} without its leaves; both must be there."
        )
    return [canonical_json(leaf) for leaf in json.loads(content)["items"]]
