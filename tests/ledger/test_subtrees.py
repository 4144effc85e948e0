"""Subtrees lead to the same root and the same paths as all leaves together."""

import itertools
from dataclasses import replace

import pytest

from chalicelib.ledger.merkle import inclusion_path, tree_root
from chalicelib.ledger.seals import leaf_hashes
from chalicelib.ledger.subtrees import LeafRange, Subtree, root_over, subtrees_of


def leaves(count: int) -> list[bytes]:
    return [b'{"entry":"%05d"}' % number for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 255, 256])
def test_small_tree_has_no_subtrees(count: int) -> None:
    assert subtrees_of(leaves(count)) == []


@pytest.mark.parametrize("count", [257, 511, 512, 513, 768, 1000, 1024, 1025, 5000])
def test_subtrees_lead_to_the_root(count: int) -> None:
    subtrees = subtrees_of(leaves(count))
    assert root_over(subtrees) == tree_root(leaf_hashes(leaves(count)))
    ends = [int(subtree.last_entry) for subtree in subtrees]
    assert ends == [*range(255, count - 1, 256), count - 1]


@pytest.mark.parametrize(("count", "first"), [(257, 0), (257, 1), (1025, 0), (1025, 3), (1025, 4)])
def test_paths_are_those_of_the_whole_tree(count: int, first: int) -> None:
    everything, subtrees = leaves(count), subtrees_of(leaves(count))
    start = first * 256
    some = LeafRange(everything[start : start + 512], subtrees, first)
    assert some.is_intact
    assert some.reaches_end == (start + 512 >= count)
    hashes = leaf_hashes(everything)
    for index in range(len(some.leaves)):
        assert some.path(index) == inclusion_path(hashes, start + index)


def test_each_difference_of_the_leaves_is_detected() -> None:
    subtrees = subtrees_of(leaves(1000))
    right = LeafRange(leaves(1000)[256:768], subtrees, 1)
    whole = right.leaves
    for other in (
        whole[1:], whole[:-1], whole[:256], [], [*whole[:300], *whole[301:]], [*whole, whole[0]],
        [whole[1], whole[0], *whole[2:]], [*whole[:511], b'{"entry":"00767", "amount":1}'],
    ):  # fmt: skip
        assert not replace(right, leaves=other).is_intact
    assert not replace(right, first=0).is_intact
    moved = [*subtrees[:2], Subtree("00800", subtrees[2].root), *subtrees[3:]]
    assert not replace(right, subtrees=moved).is_intact
    altered = [*subtrees[:2], Subtree(subtrees[2].last_entry, bytes(32)), *subtrees[3:]]
    assert not replace(right, subtrees=altered).is_intact
    assert root_over(altered) != root_over(subtrees)


def test_leaves_after_the_end_are_none() -> None:
    subtrees = subtrees_of(leaves(600))
    end = LeafRange([], subtrees, len(subtrees))
    assert end.is_intact and end.reaches_end


def test_all_leaves_need_no_subtrees() -> None:
    everything = LeafRange(leaves(5))
    assert everything.reaches_end
    paths = [everything.path(index) for index in range(5)]
    assert paths == [inclusion_path(leaf_hashes(leaves(5)), index) for index in range(5)]
    assert all(first != second for first, second in itertools.pairwise(paths))
