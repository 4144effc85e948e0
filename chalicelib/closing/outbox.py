"""Archive closings under retention and announce them, again until both are done."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import ClosingKey, Ports
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import entries_root

EVENTS_AT_ONCE = 10


def archive(ports: Ports, item: Mapping[str, Any], leaves: Sequence[bytes]) -> None:
    """Store a closing and its leaves as the API returns them; a repetition changes nothing.

    Leaves are stored first, so a closing in the bucket always has its leaves. Leaves without a
    closing belong to one that was lost before it was archived, and are replaced.
    """
    merchant_id, sequence = item["merchant"], item["sequence"]
    name, content = leaves_name(merchant_id, sequence), leaves_file(item, leaves)
    try:
        ports.archive.put(name, content)
    except SealMismatchError:
        if ports.archive.get(closing_name(merchant_id, sequence)) is not None:
            raise
        ports.archive.replace(name, content)
    ports.archive.put(closing_name(merchant_id, sequence), canonical_json(item))


def archive_pending(ports: Ports, key: ClosingKey) -> Mapping[str, Any]:
    """Archive what an earlier run recorded and did not deliver; return the closing.

    Raises SealMismatchError when the read model no longer holds what was sealed.
    """
    item, leaves = ports.read_model.closing(key)
    if entries_root(leaves).hex() != item["entries_root"]:
        raise SealMismatchError(
            f"Version {item['version']} of {item['day']} must be archived with the leaves that it "
            "sealed; the read model holds others."
        )
    archive(ports, item, leaves)
    return item


def announce(ports: Ports, items: Sequence[Mapping[str, Any]]) -> None:
    """Publish an event of each archived closing, and mark it as delivered."""
    for start in range(0, len(items), EVENTS_AT_ONCE):
        batch = items[start : start + EVENTS_AT_ONCE]
        ports.events.publish([day_closed(item) for item in batch])
        ports.read_model.mark_delivered([(item["merchant"], item["sequence"]) for item in batch])


def closing_name(merchant_id: str, sequence: int) -> str:
    """Return the object key of a closing: closings/<merchant>/<sequence, 10 digits>.json."""
    return f"closings/{merchant_id}/{sequence:010d}.json"


def leaves_name(merchant_id: str, sequence: int) -> str:
    """Return the object key of a closing's leaves: leaves/<merchant>/<sequence, 10 digits>.json."""
    return f"leaves/{merchant_id}/{sequence:010d}.json"


def leaves_file(item: Mapping[str, Any], leaves: Sequence[bytes]) -> bytes:
    """Return a closing's leaves as one file, each leaf byte for byte as it was hashed."""
    header = {name: item[name] for name in ("merchant", "day", "version")}
    return json.dumps(header)[:-1].encode() + b', "items": [' + b",".join(leaves) + b"]}"


def day_closed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the detail of the event: it names the closing and contains no amounts."""
    names = ("merchant", "day", "version", "sequence", "root", "entries", "repairs")
    return {name: item[name] for name in names}
