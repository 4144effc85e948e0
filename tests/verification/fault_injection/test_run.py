"""Faults are chosen until enough is done; the audit comes before repairs; a small run is clean."""

import itertools
import json
import random
from pathlib import Path

import pytest

from local.paths import PROJECT
from tests.verification.command import completed
from tests.verification.fault_injection.service import CLUSTER
from verification.fault_injection import run
from verification.fault_injection.consolidation_runs import are_timeouts
from verification.fault_injection.context import Context, Extent
from verification.fault_injection.expected_entry import AcceptedEntries
from verification.fault_injection.faults import FAULTS, shuffled
from verification.fault_injection.run_faults import RUN_FAULTS, TASKS
from verification.kit.fault_proxy import fault_proxy


def context(kills: int) -> Context:
    with fault_proxy(1) as proxy:
        chance, extent = random.Random(1), Extent(kills, 0, 1, 1.0)
        return Context(extent, CLUSTER, proxy, proxy, chance, AcceptedEntries(), [])


def test_every_kind_comes_before_any_again() -> None:
    first, same, other = (
        [fault.kind for fault in itertools.islice(shuffled(random.Random(seed)), len(FAULTS))]
        for seed in (1, 1, 2)
    )
    assert set(first) == set(other) == {fault.kind for fault in FAULTS}
    assert first == same != other


def test_faults_come_while_kills_are_missing() -> None:
    assert len(list(itertools.islice(run.chosen(context(12)), 500))) == 500


@pytest.mark.parametrize(("kills", "tries"), [(300, 5), (299, 0)])
def test_full_run_repeats_what_never_struck(kills: int, tries: int) -> None:
    almost = context(kills)
    almost.struck.update({fault.kind: kills for fault in FAULTS if fault.kind != "Valkey slow"})
    assert [fault.kind for fault in run.chosen(almost)] == ["Valkey slow"] * tries
    left = run.chosen(almost)
    next(left, None)
    almost.struck["Valkey slow"] = 1
    assert not list(left)


def test_every_task_of_a_run_is_killed() -> None:
    definition = PROJECT / "stepfunctions" / "daily_consolidation.asl.json"
    states = json.loads(definition.read_text())["States"]
    called = {name for name, state in states.items() if state["Type"] in ("Task", "Map")}
    assert called == TASKS.keys() | {"SweepLedger"}  # which cannot fail the closings
    ranges = states["ConsolidateRanges"]["ItemProcessor"]["States"].items()
    assert [name for name, state in ranges if state["Type"] == "Task"] == ["ConsolidateRange"]
    assert all(fault.kind.endswith("killed") for fault in RUN_FAULTS)  # each counts as a kill


def test_run_may_fail_only_by_timeouts() -> None:
    late = {"reason": None, "errors": ["botocore.exceptions.ReadTimeoutError"]}
    assert are_timeouts([late, late])
    assert not are_timeouts([late, {"reason": "must be closed alone", "errors": ["SomeTimeout"]}])
    assert not are_timeouts([{"reason": None, "errors": ["builtins.KeyError"]}])


def test_audit_comes_before_repairs(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    for step in ("audit", "audit_seals", "with_repairs"):
        monkeypatch.setattr(run, step, lambda *_, step=step: order.append(step))
    run.audit_all(context(1))
    assert order == ["audit", "audit_seals", "with_repairs"]


def test_small_run_loses_and_doubles_nothing(tmp_path: Path) -> None:
    # With this seed the first fault strikes a consolidation run.
    options = ["--kills", "3", "--entries", "60", "--minutes", "3", "--seed", "106"]
    command = completed("verification.fault_injection", *options, LIVRO_PROOF=tmp_path)
    assert command.returncode == 0, command.stderr
    outcome = json.loads((tmp_path / "fault_injection.json").read_text())["outcome"]
    assert outcome["kills"] >= 3 and outcome["audit"]["accepted"] >= 60
    assert outcome["dead_letters"] == 7
    assert (outcome["audit"]["lost"], outcome["audit"]["doubled"]) == (0, 0)
    assert outcome["audit"]["drift_minor"] == 0
    assert outcome["faults"]["consolidate_range killed"] == 1
    assert outcome["runs"]["SUCCEEDED"] >= 2
    assert outcome["seals"]["closings"] > 1 and outcome["seals"]["faults"] == []
    assert "Next: python -m verification --collect" in command.stderr
