"""What the service tells is read before anything repairs it."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from local.paths import Paths
from verification.fault_injection import run
from verification.fault_injection.audit import Audit
from verification.fault_injection.book import Book
from verification.fault_injection.context import Drill
from verification.fault_injection.fault_proxy import wire
from verification.fault_injection.local_stage import Stage
from verification.fault_injection.outcome import Extent
from verification.fault_injection.seal_audit import SealAudit
from verification.local_cluster import Laptop

FOUND = Audit(1, 1, lost=0, doubled=0, unknown=0, uncounted=0, drift_minor=0, contradictions=0)


def test_the_audit_comes_before_days_are_closed_and_the_rebuild_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def audit(*_: object) -> Audit:
        done.append("audit")
        return FOUND

    def audit_seals(*_: object) -> SealAudit:
        done.append("close all days")
        return SealAudit(0, 0, 0, ())

    def with_repairs(found: Audit, *_: object) -> Audit:
        done.append("rebuild")
        return found

    monkeypatch.setattr(run, "audit", audit)
    monkeypatch.setattr(run, "audit_seals", audit_seals)
    monkeypatch.setattr(run, "with_repairs", with_repairs)
    laptop = Laptop(Paths(Path("none")), Path("none"))
    with wire(1) as postgres, wire(2) as valkey:
        stage = Stage(laptop, postgres, valkey, random.Random(1), lambda: 0)
        drill = Drill(Extent(1, 1, 1, 1.0), laptop, stage, Book(), [])
        assert run.audited(drill)[0] == FOUND
    assert done == ["audit", "close all days", "rebuild"]


@pytest.mark.parametrize(
    "found", [replace(FOUND, repaired=1), replace(FOUND, repaired_by_nights=1)]
)
def test_a_repair_is_a_finding(found: Audit) -> None:
    assert FOUND.clean
    assert not found.clean
