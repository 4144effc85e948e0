"""Bring closings into the bucket under retention and tell of them, at least once each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import ClosingKey, Ports
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import entries_root

EVENTS_AT_ONCE = 10


def archive(ports: Ports, item: Mapping[str, Any], leaves: Sequence[bytes]) -> None:
    """Keep a closing and its leaves as the routes answer them; doing it again changes nothing.

    The leaves come first: where a closing is, they are. Leaves without their closing are of one
    that was lost before it was kept, and give way.
    """
    merchant_id, sequence = item["merchant"], item["sequence"]
    name, content = leaves_name(merchant_id, sequence), leaves_file(item, leaves)
    try:
        ports.archive(name, content)
    except SealMismatchError:
        if ports.retained(closing_name(merchant_id, sequence)) is not None:
            raise
        ports.supersede(name, content)
    ports.archive(closing_name(merchant_id, sequence), canonical_json(item))


def announce(ports: Ports, items: Sequence[Mapping[str, Any]]) -> None:
    """Tell of archived closings and remember that nothing is left to do for them."""
    for start in range(0, len(items), EVENTS_AT_ONCE):
        some = items[start : start + EVENTS_AT_ONCE]
        ports.announce([day_closed(item) for item in some])
        ports.books.delivered([(item["merchant"], item["sequence"]) for item in some])


def archive_left_over(ports: Ports, key: ClosingKey) -> Mapping[str, Any]:
    """Archive what an earlier run committed and did not deliver; return the closing.

    Raises SealMismatchError when the read model no longer holds what was sealed.
    """
    item, leaves = ports.books.closing(key)
    if entries_root(leaves).hex() != item["entries_root"]:
        raise SealMismatchError(
            f"Version {item['version']} of {item['day']} must be archived with the leaves that it "
            "sealed, and the read model holds others."
        )
    archive(ports, item, leaves)
    return item


def closing_name(merchant_id: str, sequence: int) -> str:
    """Return the name under which the bucket retains a closing."""
    return f"closings/{merchant_id}/{sequence:010d}.json"


def leaves_name(merchant_id: str, sequence: int) -> str:
    """Return the name under which the bucket retains a closing's leaves."""
    return f"leaves/{merchant_id}/{sequence:010d}.json"


def leaves_file(item: Mapping[str, Any], leaves: Sequence[bytes]) -> bytes:
    """Return a closing's leaves as one file, each leaf byte for byte as it was hashed."""
    about = {name: item[name] for name in ("merchant", "day", "version")}
    return json.dumps(about)[:-1].encode() + b', "items": [' + b",".join(leaves) + b"]}"


def day_closed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the detail of the event: which closing there is, and no amount of it."""
    names = ("merchant", "day", "version", "sequence", "root", "entries", "repairs")
    return {name: item[name] for name in names}
