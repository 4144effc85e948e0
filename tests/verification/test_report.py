"""The report lists missed targets first, and is never clean when something is wrong or missing."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from tests.verification.command import completed
from verification.fault_injection.audit import Audit
from verification.fault_injection.seals import SealAudit
from verification.load.open_loop import LoadResult
from verification.load.sizing import Need
from verification.report import build_report, is_clean, show
from verification.report_page import markdown
from verification.results import read_result, remove_result, write_result
from verification.simulation_run import Outcome

ABOUT = {"date": "2026-11-23", "commit": "abc", "machine": "a machine", "python": "3.11"}
AUDIT = asdict(Audit(20_000, 20_000, 0, 0, 0, 0, 0, 0))
RUN = asdict(LoadResult(50.0, 1.0, 50, 0, p50_ms=1.0, p90_ms=2.0, p99_ms=3.0, longest_ms=4.0))
SEALS = asdict(SealAudit(closings=12, days=8, restated=4, faults=()))
SIMULATED = Outcome(5, 1.0, failures={}, counts={}, digest="d", mutants={"no deduplication": 3})
TOO_SMALL = "Nothing is wrong, but the run was too small"
PHASE = {"reads": RUN, "writes": RUN | {"requests": 5}}
TARGET = {"name": "x", "ratio": 2.0, "side": "at most", "bound": 1.5, "met": False, "reason": "y"}


def results() -> dict[str, Any]:
    """Return clean results of all parts; the benchmark misses a target."""
    simulation = asdict(replace(SIMULATED, seeds=2000, counts={"requests": 30}))
    injection = {
        "seed": 1, "seconds": 9.0, "requests": {"2xx": 40, "5xx": 2}, "faults": {"x killed": 300},
        "kills": 300, "interrupted": {"x killed": 9}, "replays": 1,
        "reversals": 1, "dead_letters": 7, "audit": dict(AUDIT),
        "slowest_recovery_seconds": {"x killed": 1.5}, "largest_lag_seconds": 2.5,
        "runs": {"SUCCEEDED": 3, "ABORTED": 1},
        "seals": SEALS,
    }  # fmt: skip
    need = asdict(Need(50, 512, 4.0, 1, pooler=False, within_quota=True, database_processors=0.1))
    load = {
        "http": PHASE, "projector_down": PHASE, "highest": PHASE,
        "pool": {"reads": RUN | {"rate": 200.0}, "writes": RUN | {"requests": 5}},
        "cost": {"cpu": 0.001, "waiting": 0.001}, "needs": [need], "audit": dict(AUDIT),
    }  # fmt: skip
    comparison = {"title": "A comparison", "about": "About.", "columns": ["", "time"],
               "rows": [["ours", "1 s"]], "targets": [TARGET], "notes": []}  # fmt: skip
    benchmarks = {"rounds": 5, "entries": 1000, "versions": {"a": "1"}, "comparisons": [comparison]}
    outcomes = {"simulation": simulation, "fault_injection": injection, "load": load,
                "benchmarks": benchmarks}  # fmt: skip
    return {part: {"about": ABOUT, "outcome": outcome} for part, outcome in outcomes.items()}


def changed(part: str, **fields: Any) -> dict[str, Any]:
    """Return clean results with other fields in the outcome of one part."""
    parts = results()
    parts[part]["outcome"] |= fields
    return parts


def verdict(parts: dict[str, Any]) -> str:
    report = build_report(parts, ABOUT)
    assert f"**{report['verdict']}**" in markdown(report)
    assert is_clean(report) == (report["verdict"] == "Nothing lost, nothing doubled, no drift.")
    return str(report["verdict"])


def test_complete_results_are_clean_despite_slowness() -> None:
    assert verdict(results()) == "Nothing lost, nothing doubled, no drift."


def test_missed_targets_come_first() -> None:
    report = build_report(results(), ABOUT)
    assert [target["met"] for target in report["targets"][:2]] == [False, True]
    page = markdown(report)
    assert "| **missed** | A comparison: x | 2.00 × | at most 1.5 × |" in page
    assert "Missed: x. y" in page
    assert page.index("**missed**") < page.index("| met |")


def test_figures_of_all_parts_are_added() -> None:
    report = build_report(results(), ABOUT)
    totals = report["totals"]
    assert totals["requests during fault injection"] == 42
    assert totals["requests under load"] == 4 * 55
    assert (totals["entries accepted"], totals["faults injected"]) == (40_000, 300)
    assert (totals["seeds simulated"], totals["closings created"]) == (2000, 12)
    assert totals["largest projection lag in seconds"] == 2.5
    assert "| consolidation runs | 3 succeeded, 1 aborted |" in markdown(report)


@pytest.mark.parametrize("part", ["fault_injection", "load"])
@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("lost", "accepted entries lost"),
        ("doubled", "accepted entries doubled"),
        ("unknown", "entries listed and never accepted"),
        ("uncounted", "entries listed and not in the totals"),
        ("drift_minor", "drift of balances and cash flows, in minor units"),
        ("contradictions", "responses that contradict the request or an earlier response"),
        ("repaired", "rows that a rebuild had to repair at the end"),
        ("repaired_by_closing", "lines that consolidation runs had to repair"),
    ],
)
def test_one_wrong_entry_is_named(part: str, field: str, name: str) -> None:
    assert verdict(changed(part, audit=AUDIT | {field: 1})) == f"Wrong: {name} (1)."


@pytest.mark.parametrize(
    ("part", "fields", "expected"),
    [
        ("fault_injection", {"seals": SEALS | {"faults": ["day 1 must have a closing"]}},
         "Wrong: faults of closings (1: day 1 must have a closing)."),
        ("fault_injection", {"faults": {"x killed": 300, "Valkey slow": 0}},
         "Wrong: kinds of faults that never struck (1: Valkey slow)."),
        ("fault_injection", {"interrupted": {"x killed": 0}},
         "Wrong: kinds of faults that never struck (1: x killed during work)."),
        ("simulation", {"failures": {"7": "lost"}}, "Wrong: simulated seeds that failed (1: 7)."),
        ("simulation", {"mutants": {"no deduplication": None}},
         "Wrong: planted mistakes that no seed detected (1: no deduplication)."),
        ("fault_injection", {"kills": 299, "faults": {"Valkey slow": 0}},
         f"{TOO_SMALL}: processes killed (299)."),
        ("fault_injection", {"audit": AUDIT | {"accepted": 19_999}},
         f"{TOO_SMALL}: entries accepted during fault injection (19,999)."),
        ("simulation", {"seeds": 1999}, f"{TOO_SMALL}: seeds simulated (1,999)."),
        ("load", {"http": PHASE | {"reads": RUN | {"rate": 49.0}}},
         f"{TOO_SMALL}: reads a second over HTTP (49)."),
        ("load", {"pool": PHASE}, f"{TOO_SMALL}: reads a second through warm functions (50)."),
    ],
)  # fmt: skip
def test_every_other_flaw_is_named(part: str, fields: dict[str, Any], expected: str) -> None:
    assert verdict(changed(part, **fields)) == expected


@pytest.mark.parametrize("phase", ["http", "projector_down", "pool"])
@pytest.mark.parametrize("kind", ["reads", "writes"])
def test_no_request_may_be_lost(phase: str, kind: str) -> None:
    parts = results()
    measured = parts["load"]["outcome"][phase]
    parts["load"]["outcome"][phase] = measured | {kind: measured[kind] | {"lost": 1}}
    assert verdict(parts) == "Wrong: requests lost under load (1)."


@pytest.mark.parametrize(("lost", "clean"), [(1, True), (2, False)])
def test_highest_rate_may_lose_one_in_thousand(lost: int, clean: bool) -> None:
    highest = {"reads": RUN | {"requests": 1000, "lost": lost}, "writes": RUN | {"lost": 9}}
    assert is_clean(build_report(changed("load", highest=highest), ABOUT)) == clean


@pytest.mark.parametrize(
    ("parts", "commit", "shown"), [(["load"], "def", "abc, def"), (list(results()), "abc+", "abc+")]
)
def test_report_is_of_one_commit(parts: list[str], commit: str, shown: str) -> None:
    measured = results()
    for part in parts:
        measured[part]["about"] = ABOUT | {"commit": commit}
    expected = f"{TOO_SMALL}: measured at one commit without changes ({shown})."
    assert verdict(measured) == expected


@pytest.mark.parametrize("part", ["simulation", "fault_injection", "load", "benchmarks"])
def test_missing_part_is_named(part: str) -> None:
    assert verdict(results() | {part: None}) == f"Incomplete: {part} missing."


def test_part_shows_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert show("simulation", SIMULATED)
    assert not show("simulation", replace(SIMULATED, failures={"7": "lost"}))
    printed = capsys.readouterr()
    assert "5 seeds in 1 s" in printed.out
    assert printed.err == "Wrong: simulated seeds that failed (1: 7)\n"


def test_result_is_stored_until_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVRO_PROOF", str(tmp_path))
    write_result("simulation", SIMULATED)
    result = read_result("simulation")
    assert result is not None and result["outcome"]["seeds"] == 5
    assert result["about"]["commit"] and result["about"]["date"]
    remove_result("simulation")
    assert read_result("simulation") is None


def test_collecting_nothing_names_missing_parts(tmp_path: Path) -> None:
    options = ("--collect", "--folder", f"{tmp_path}")
    command = completed("verification", *options, LIVRO_PROOF=tmp_path)
    assert command.returncode == 1
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["missing"] == ["simulation", "fault_injection", "load", "benchmarks"]
    verdict = "Incomplete: simulation, fault_injection, load, benchmarks missing."
    assert verdict in (tmp_path / "report.md").read_text() and verdict in command.stderr
