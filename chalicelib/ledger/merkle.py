"""Merkle trees over the entries of a day, in the shape and with the prefixes of RFC 6962, 2.1.

A tree of n leaves splits at the largest power of two below n, so that no leaf is duplicated to fill
a level. Leaves and nodes are hashed with different prefixes, so that neither passes as the other.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

Side = Literal["left", "right"]
Step = tuple[Side, bytes]
"""One level of a path: the side of the sibling, and its hash."""

LEAF = b"\x00"
"""The prefix of a leaf's content (RFC 6962)."""
_NODE = b"\x01"


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in their order; without leaves, SHA-256 of no bytes."""
    if not hashes:
        return hashlib.sha256().digest()
    level = list(hashes)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def inclusion_path(hashes: Sequence[bytes], index: int) -> list[Step]:
    """Return the siblings from the leaf at `index` up to the root; IndexError if there is none."""
    if not 0 <= index < len(hashes):
        raise IndexError(f"There is no leaf {index} in a tree of {len(hashes)}.")
    steps: list[Step] = []
    level = list(hashes)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            steps.append(("right" if sibling > index else "left", level[sibling]))
        level, index = _level_above(level), index // 2
    return steps


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf's content."""
    return hashlib.sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two hashes side by side."""
    return hashlib.sha256(_NODE + left + right).digest()


def _level_above(level: list[bytes]) -> list[bytes]:
    # Pairing neighbours and passing an odd last hash up unchanged gives the tree that RFC 6962
    # defines by splitting; a test compares the two.
    sha256, hashes = hashlib.sha256, iter(level)
    above = [sha256(_NODE + left + right).digest() for left, right in zip(hashes, hashes)]  # noqa: B905
    return [*above, level[-1]] if len(level) % 2 else above
