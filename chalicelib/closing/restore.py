"""Closings that the bucket retains and the read model lost: proven by their seals, and recorded.

PostgreSQL may be restored to an earlier moment, or made anew. What was sealed and archived goes
before any new closing then, so that no second chain of a merchant begins beside the bucket's.
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

BROUGHT_BACK = "brought back"
"""What stands in the place of the execution that made a closing, which nobody knows any more."""


def bring_back(ports: Ports, state: DayState) -> int:
    """Record what the bucket retains beyond the merchant's newest closing; return how many it is.

    They wait to be archived and told of once more, for nobody knows how far that had come. Raises
    SealMismatchError for a closing that does not go on where the merchant's chain ends, or whose
    root or signature is not its own.
    """
    head, number = state.head, 0
    while (kept := ports.retained(closing_name(state.merchant_id, _next(head)))) is not None:
        sealed = _proven(ports, state.merchant_id, head, json.loads(kept))
        if not ports.books.record(sealed):
            break  # somebody else records them now
        head, number = ChainHead(_next(head), sealed.item["root"]), number + 1
    if number:
        merchant = observability.merchant_hash(state.merchant_id)
        observability.log("closings_brought_back", merchant=merchant, closings=number)
    return number


def _next(head: ChainHead | None) -> int:
    return head.sequence + 1 if head else 1


def _proven(
    ports: Ports, merchant_id: str, head: ChainHead | None, item: Mapping[str, Any]
) -> SealedClosing:
    leaves = _leaves(ports, merchant_id, head)
    header = {name: value for name, value in item.items() if name not in SEAL_FIELDS}
    below = entries_root(leaves)
    about = (item["merchant"], item["sequence"], item["previous_root"])
    if (
        about != (merchant_id, _next(head), head.root if head else None)
        or (item["entries_root"], item["root"]) != (below.hex(), closing_root(header, below))
        or not ports.verify(statement_digest(item), item["signature"], item["key_id"])
    ):
        raise SealMismatchError(
            f"The closing of {item['day']} that the bucket retains as number {_next(head)} must "
            "go on from the newest one of the read model, under a root and a signature of its own."
        )
    changes = item["changes"]
    added = changes["added"] if changes else [json.loads(leaf)["entry"] for leaf in leaves]
    effects = effects_of(item)
    return SealedClosing(item, leaves, added, effects, mark=None, run=BROUGHT_BACK)


def _leaves(ports: Ports, merchant_id: str, head: ChainHead | None) -> list[bytes]:
    kept = ports.retained(leaves_name(merchant_id, _next(head)))
    if kept is None:
        raise SealMismatchError(
            f"The bucket must retain the leaves of closing {_next(head)} beside it, and does not."
        )
    return [canonical_json(leaf) for leaf in json.loads(kept)["items"]]
