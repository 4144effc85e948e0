"""Archive closings under retention and announce them, again until both are done."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.closing.chain import check_continues, head_of
from chalicelib.closing.day_state import ChainHead
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import ClosingKey, Ports
from chalicelib.ledger.encoding import canonical_json
from chalicelib.storage.seal_bucket import closing_name, leaves_name

EVENTS_AT_ONCE = 10


def archive(ports: Ports, item: Mapping[str, Any], leaves: Sequence[bytes]) -> None:
    """Store a closing and its leaves; a repetition changes nothing.

    Leaves are stored first, so a closing in the bucket always has its leaves. Leaves without a
    closing belong to one that was lost before it was archived, and disturb nothing.
    """
    merchant_id = item["merchant"]
    ports.archive.put(leaves_name(merchant_id, item["entries_root"]), leaves_file(item, leaves))
    ports.archive.put(closing_name(merchant_id, item["sequence"]), canonical_json(item))


def archive_pending(ports: Ports, key: ClosingKey) -> Mapping[str, Any]:
    """Archive what an earlier run recorded and did not deliver; return the closing.

    Raises SealMismatchError when the bucket has another closing of that number. When it has none,
    also if the closing does not continue the bucket's chain, or its entries have changed since.
    """
    item, leaves = ports.read_model.closing(key)
    ports.keys.get(item["key_id"])  # with which it is announced
    archived = ports.archive.get(closing_name(*key))
    if archived is None:
        check_continues(ports.keys, key[0], _head_before(ports, key), item, leaves)
        archive(ports, item, leaves)
    elif archived != canonical_json(item):
        raise SealMismatchError(
            f"Closing {key[1]} in the read model must be the one that the bucket retains."
        )
    return item


def _head_before(ports: Ports, key: ClosingKey) -> ChainHead | None:
    merchant_id, sequence = key[0], key[1] - 1
    if sequence == 0:
        return None
    archived = ports.archive.get(closing_name(merchant_id, sequence))
    if archived is None:
        raise SealMismatchError(f"Closing {sequence} must be in the bucket before {sequence + 1}.")
    return head_of(json.loads(archived))


def announce(ports: Ports, items: Sequence[Mapping[str, Any]]) -> None:
    """Publish an event of each archived closing, and mark it as delivered."""
    for start in range(0, len(items), EVENTS_AT_ONCE):
        batch = items[start : start + EVENTS_AT_ONCE]
        ports.events.publish([day_closed(item, ports.keys.get(item["key_id"])) for item in batch])
        ports.read_model.mark_delivered([(item["merchant"], item["sequence"]) for item in batch])


def leaves_file(item: Mapping[str, Any], leaves: Sequence[bytes]) -> bytes:
    """Return a closing's leaves as one file, each leaf byte for byte as it was hashed.

    It says nothing about the closing except what the leaves determine: closings with the same
    leaves have the same file.
    """
    header = {name: item[name] for name in ("merchant", "day", "entries_root")}
    return json.dumps(header)[:-1].encode() + b', "items": [' + b",".join(leaves) + b"]}"


def day_closed(item: Mapping[str, Any], public_key: str) -> dict[str, Any]:
    """Return the detail of the event: it names the closing and contains no amounts.

    A merchant that keeps it can prove later which closing was the newest, and by which key.
    """
    names = ("merchant", "day", "version", "sequence", "root", "entries", "repairs")
    signed = {name: item[name] for name in (*names, "signature", "key_id")}
    return {**signed, "public_key": public_key}
