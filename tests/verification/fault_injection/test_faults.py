"""Faults come by chance, and every kind comes."""

import itertools
import random

from verification.fault_injection.faults import FAULTS, shuffled


def test_every_kind_comes_once_before_any_comes_again() -> None:
    first = itertools.islice(shuffled(random.Random(3)), len(FAULTS))
    assert {fault.kind for fault in first} == {fault.kind for fault in FAULTS}


def test_a_seed_decides_the_order() -> None:
    one, same, other = (
        [fault.kind for fault in itertools.islice(shuffled(random.Random(seed)), 200)]
        for seed in (1, 1, 2)
    )
    assert one == same != other
