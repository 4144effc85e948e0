"""The root that a leaf's path leads to, as who holds a proof finds it."""

from collections.abc import Iterable

from chalicelib.ledger.merkle import Step, node_hash


def root_by_path(hashed: bytes, path: Iterable[Step]) -> bytes:
    """Return the root that a hash and its siblings lead to."""
    for side, sibling in path:
        hashed = node_hash(sibling, hashed) if side == "left" else node_hash(hashed, sibling)
    return hashed
