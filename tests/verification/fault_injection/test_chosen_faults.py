"""Faults are chosen until enough is done, and a full drill ends with what never struck."""

import itertools
import random
from pathlib import Path

import pytest

from local.paths import Paths
from verification.fault_injection.book import Book
from verification.fault_injection.context import Drill
from verification.fault_injection.fault_proxy import wire
from verification.fault_injection.faults import FAULTS
from verification.fault_injection.local_stage import Stage
from verification.fault_injection.outcome import Extent
from verification.fault_injection.run import chosen
from verification.local_cluster import Laptop


def drill(kills: int) -> Drill:
    laptop = Laptop(Paths(Path("none")), Path("none"))
    with wire(1) as postgres, wire(2) as valkey:
        stage = Stage(laptop, postgres, valkey, random.Random(1), lambda: 0)
        return Drill(Extent(kills, 0, 1, 1.0), laptop, stage, Book(), [])


def strike_all_but(one: Drill, missed: str) -> None:
    for fault in FAULTS:
        one.stage.done[fault.kind] = 0 if fault.kind == missed else one.extent.kills


def test_faults_come_as_long_as_kills_are_missing() -> None:
    assert len(list(itertools.islice(chosen(drill(12)), 500))) == 500


@pytest.mark.parametrize(("kills", "tries"), [(300, 5), (299, 0)])
def test_what_never_struck_is_tried_again_at_the_end_of_a_full_drill(
    kills: int, tries: int
) -> None:
    one = drill(kills)
    strike_all_but(one, "Valkey slow")
    assert [fault.kind for fault in chosen(one)] == ["Valkey slow"] * tries


def test_it_is_tried_no_longer_than_it_has_to() -> None:
    one = drill(300)
    strike_all_but(one, "Valkey slow")
    left = chosen(one)
    assert next(left).kind == "Valkey slow"
    one.stage.done["Valkey slow"] = 1
    assert not list(left)
