"""Make the read model's closings those of the bucket, before anything is sealed upon them.

PostgreSQL may be restored to an earlier moment, or rebuilt. The closings in the bucket are then
recorded before any new one, so that a merchant's chain never forks. And somebody may alter the
closings in PostgreSQL, which nobody can do in the bucket.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib import observability
from chalicelib.closing.chain import check_continues, head_of
from chalicelib.closing.day_state import ChainHead, DayState
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.openings import check_opening
from chalicelib.closing.outbox import archive_pending
from chalicelib.closing.ports import Ports, SealedClosing
from chalicelib.closing.signed_chain import SignedChain
from chalicelib.ledger.closings import effects_of
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import entries_root
from chalicelib.storage.seal_bucket import (
    ObjectVersion,
    closing_name,
    closings_of,
    first_versions,
    leaves_name,
    numbered_leaves_name,
)

RESTORED_RUN = "brought back"
"""Stored as the run of a restored closing: which execution made it is not known any more."""


def restore(ports: Ports, chain: SignedChain, state: DayState) -> bool:
    """Record the closings in the bucket after the merchant's newest one.

    Returns whether there are any, so that the state is to be read again. They are pending again,
    because how far they were delivered is not known. Raises SealMismatchError for a closing that
    does not continue the merchant's chain, or whose root or signature is wrong; and unless the
    bucket has the read model's keys, its head, and its newest version of the day. Raises
    OpeningMismatchError unless the balances before the day follow from the chain up to the bucket's
    head.
    """
    ports.keys.check()
    item, later = _head_and_later(ports, state)
    if later:
        _record(ports, state, later)
        return True
    _check_newest(ports, state)
    check_opening(ports, chain, state, item)
    return False


def _record(ports: Ports, state: DayState, later: Sequence[ObjectVersion]) -> None:
    head, restored = state.head, 0
    for version in later:
        sealed = _verified(ports, state.merchant_id, head, json.loads(ports.archive.read(version)))
        if not ports.read_model.insert_closing(sealed):
            break  # another run restores them now
        head, restored = head_of(sealed.item), restored + 1
    if restored:
        merchant = observability.merchant_hash(state.merchant_id)
        observability.log("closings_brought_back", merchant=merchant, closings=restored)


def _head_and_later(
    ports: Ports, state: DayState
) -> tuple[Mapping[str, Any] | None, list[ObjectVersion]]:
    """Return the bucket's copy of the read model's newest closing, if any, and all later ones."""
    merchant_id, head = state.merchant_id, state.head
    if head is None:
        return None, first_versions(ports.archive.versions(closings_of(merchant_id)))
    name = closing_name(merchant_id, head.sequence)
    before = closing_name(merchant_id, head.sequence - 1) if head.sequence > 1 else ""
    versions = first_versions(ports.archive.versions(closings_of(merchant_id), before))
    if not versions or versions[0].name != name:
        # A run that recorded it has not archived it yet, or never will.
        return archive_pending(ports, (merchant_id, head.sequence)), []
    item = json.loads(ports.archive.read(versions[0]))
    if head_of(item) != head:
        raise SealMismatchError(
            f"Closing {head.sequence} in the read model must be the one that the bucket retains; "
            "it was replaced, and nothing is sealed upon it."
        )
    return item, versions[1:]


def _check_newest(ports: Ports, state: DayState) -> None:
    if state.newest is None:
        return
    archived = ports.archive.get(closing_name(state.merchant_id, state.newest["sequence"]))
    if archived is None or json.loads(archived) != state.newest:
        raise SealMismatchError(
            f"Version {state.newest['version']} of {state.day} in the read model must be the one "
            "that the bucket retains; it was replaced, and nothing is sealed upon it."
        )


def _verified(
    ports: Ports, merchant_id: str, head: ChainHead | None, item: Mapping[str, Any]
) -> SealedClosing:
    leaves = _leaves(ports, merchant_id, item)
    check_continues(ports.keys, merchant_id, head, item, leaves)
    added = _added(ports, item, [json.loads(leaf)["entry"] for leaf in leaves])
    effects = effects_of(item)
    return SealedClosing(item, leaves, added, effects, change_id=None, run=RESTORED_RUN)


def _added(ports: Ports, item: Mapping[str, Any], entry_ids: list[str]) -> list[str]:
    """Return which of a closing's entries the previous version of its day did not have."""
    if not item["changes"]:
        return entry_ids
    named: list[str] | None = item["changes"]["added"]
    if named is not None:
        return named
    day = date.fromisoformat(item["day"])
    sealed_ids = ports.read_model.day_state(item["merchant"], day).sealed_ids
    return [entry_id for entry_id in entry_ids if entry_id not in sealed_ids]


def _leaves(ports: Ports, merchant_id: str, item: Mapping[str, Any]) -> list[bytes]:
    name = leaves_name(merchant_id, item["entries_root"])
    for named in (name, numbered_leaves_name(merchant_id, item["sequence"])):
        for version in ports.archive.versions(named):
            content = json.loads(ports.archive.read(version))
            leaves = [canonical_json(leaf) for leaf in content["items"]]
            if entries_root(leaves).hex() == item["entries_root"]:
                return leaves
    raise SealMismatchError(
        f"The bucket must have leaves of closing {item['sequence']} that hash to its entries_root."
    )
