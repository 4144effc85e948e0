"""The tree against the definition of RFC 6962, section 2.1, and against forged proofs."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.merkle import (
    inclusion_path,
    leaf_hash,
    node_hash,
    tree_root,
)
from tests.ledger.examples import root_by_path


def hashes_of(size: int) -> list[bytes]:
    return [leaf_hash(bytes([number])) for number in range(size)]


def root_by_definition(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962: split at the largest power of two below the number of leaves."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256().digest()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_by_definition(hashes[:split]), root_by_definition(hashes[split:]))


def test_root_and_paths_equal_the_rfc_definition() -> None:
    for size in range(201):
        hashes = hashes_of(size)
        root = tree_root(hashes)
        assert root == root_by_definition(hashes)
        assert size == 0 or root != tree_root([*hashes, hashes[-1]])
        for index in range(0, size, max(1, size // 16)):
            assert root_by_path(hashes[index], inclusion_path(hashes, index)) == root


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_vectors_of_certificate_transparency_hold(size: int, root: str) -> None:
    """Roots of the first leaves that Certificate Transparency's own tests have."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves.append("606162636465666768696a6b6c6d6e6f")
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in leaves]
    assert tree_root(hashes[:size]).hex() == root


@given(st.integers(2, 200), st.data())
def test_flipped_bit_or_side_breaks_the_proof(size: int, draw: st.DataObject) -> None:
    hashes = hashes_of(size)
    index = draw.draw(st.integers(0, size - 1))
    path = inclusion_path(hashes, index)
    forged = bytearray(b"".join([hashes[index], *(hashed for _, hashed in path)]))
    bit = draw.draw(st.integers(0, len(forged) * 8 - 1))
    forged[bit // 8] ^= 1 << bit % 8
    leaf, *parts = (bytes(forged[at : at + 32]) for at in range(0, len(forged), 32))
    steps = [(side, part) for (side, _), part in zip(path, parts, strict=True)]
    assert root_by_path(leaf, steps) != tree_root(hashes)
    step = draw.draw(st.integers(0, len(path) - 1))
    side, hashed = path[step]
    path[step] = ("left" if side == "right" else "right", hashed)
    assert root_by_path(hashes[index], path) != tree_root(hashes)


def test_node_cannot_pass_as_a_leaf() -> None:
    left, right = hashes_of(2)
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("size", "index"), [(0, 0), (3, 3), (3, -1)])
def test_missing_leaf_has_no_path(size: int, index: int) -> None:
    with pytest.raises(IndexError, match=f"no leaf {index} in a tree of {size}"):
        inclusion_path(hashes_of(size), index)
