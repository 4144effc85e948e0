"""The subtrees of a large day's Merkle tree, so that a few of its leaves lead to the whole root.

A tree of the shape of RFC 6962 consists of complete subtrees over a power of two of leaves each,
and a last one. Their roots are stored with a closing. They contain neither texts nor salts, and
need not be trusted: a page of leaves leads to them, and they lead to the sealed root.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.ledger.merkle import Step, inclusion_path, tree_root
from chalicelib.ledger.seals import leaf_hashes

SUBTREE_LEAVES = 256
"""More than a page of leaves. It is part of what is stored, so it never changes."""


class Subtree(NamedTuple):
    """Up to 256 consecutive leaves: the id of the last entry, and the root over them."""

    last_entry: str
    root: bytes


def subtrees_of(leaves: Sequence[bytes]) -> list[Subtree]:
    """Return the subtrees of a tree; none where one would be the whole tree."""
    return _subtrees(leaves) if len(leaves) > SUBTREE_LEAVES else []


def root_over(subtrees: Sequence[Subtree]) -> bytes:
    """Return the root of the tree that consists of these subtrees."""
    return tree_root([subtree.root for subtree in subtrees])


def entry_of(leaf: bytes) -> str:
    """Return the id of a leaf's entry."""
    entry_id: str = json.loads(leaf)["entry"]
    return entry_id


@dataclass(frozen=True, slots=True)
class LeafRange:
    """Consecutive leaves from the start of subtree number `first` on; all leaves if it has none."""

    leaves: Sequence[bytes]
    subtrees: Sequence[Subtree] = ()
    first: int = 0

    @property
    def is_intact(self) -> bool:
        """Whether the leaves are all of one or two subtrees, as many as there are, unchanged."""
        return _subtrees(self.leaves) == list(self.subtrees[self.first : self.first + 2])

    @property
    def reaches_end(self) -> bool:
        """Whether the last leaf of the tree is among the leaves."""
        return self.first + 2 >= len(self.subtrees)

    def path(self, index: int) -> list[Step]:
        """Return the siblings from the leaf at `index` up to the root over all leaves."""
        if not self.subtrees:
            return inclusion_path(leaf_hashes(self.leaves), index)
        number, place = divmod(index, SUBTREE_LEAVES)
        start = number * SUBTREE_LEAVES
        part = leaf_hashes(self.leaves[start : start + SUBTREE_LEAVES])
        roots = [subtree.root for subtree in self.subtrees]
        return [*inclusion_path(part, place), *inclusion_path(roots, self.first + number)]


def _subtrees(leaves: Sequence[bytes]) -> list[Subtree]:
    starts = range(0, len(leaves), SUBTREE_LEAVES)
    parts = [leaves[start : start + SUBTREE_LEAVES] for start in starts]
    return [Subtree(entry_of(part[-1]), tree_root(leaf_hashes(part))) for part in parts]
