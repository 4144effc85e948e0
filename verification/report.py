"""The report: the targets of all parts, missed ones first, and the figures that they come from."""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from local.emulator import forget_real_aws
from verification.commands import progress
from verification.report_page import section
from verification.results import PARTS, remove_result, write_result
from verification.thresholds import all_targets, correctness_targets

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Results = Mapping[str, Any]
"""Stored results by part; None where there is none."""


def build_report(results: Results, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report as JSON."""
    parts = {part: results[part] for part in PARTS if results.get(part)}
    targets = sorted(all_targets(parts), key=lambda target: target.met)
    report = {
        "about": dict(about),
        "missing": [part for part in PARTS if part not in parts],
        "targets": [target._asdict() for target in targets],
        "totals": _totals({part: result["outcome"] for part, result in parts.items()}),
        "parts": parts,
    }
    return report | {"verdict": verdict(report)}


def show(part: str, outcome: "DataclassInstance") -> bool:
    """Print the section of one part and what is wrong in it; return whether nothing is."""
    figures = asdict(outcome)
    print(section(part, figures), flush=True)
    wrong = [
        target for target in correctness_targets({part: {"outcome": figures}}) if not target.met
    ]
    for target in wrong:
        progress(f"Wrong: {target.name} ({target.measured})")
    for example in figures.get("audit", {}).get("examples", ()):
        progress(f"  {example}")
    return not wrong


def run_part(part: str, run: Callable[[Callable[[str], None]], "DataclassInstance"]) -> int:
    """Run a part, show and store its result; return 0 when nothing is wrong in it."""
    forget_real_aws(os.environ)
    remove_result(part)
    outcome = run(progress)
    is_right = show(part, outcome)
    path = write_result(part, outcome)
    progress(f"Written: {path}. Next: python -m verification --collect")
    return 0 if is_right else 1


def is_clean(report: Mapping[str, Any]) -> bool:
    """Return whether all parts are present, correct and large enough; speed does not matter."""
    return not report["missing"] and not _missed(report, "correctness", "extent")


def verdict(report: Mapping[str, Any]) -> str:
    """Return a sentence: what is missing, wrong or too small, or that nothing is."""
    if report["missing"]:
        return f"Incomplete: {', '.join(report['missing'])} missing."
    if wrong := _missed(report, "correctness"):
        return f"Wrong: {'; '.join(wrong)}."
    if short := _missed(report, "extent"):
        return f"Nothing is wrong, but the run was too small: {'; '.join(short)}."
    return "Nothing lost, nothing doubled, no drift."


def _missed(report: Mapping[str, Any], *kinds: str) -> list[str]:
    return [
        f"{target['name']} ({target['measured']})"
        for target in report["targets"]
        if target["kind"] in kinds and not target["met"]
    ]


def _totals(outcomes: Mapping[str, Any]) -> dict[str, int | float]:
    totals: dict[str, int | float] = {}
    if simulation := outcomes.get("simulation"):
        totals |= {"seeds simulated": simulation["seeds"], "mistakes planted in the simulation":
                   len(simulation["mutants"]), "requests simulated":
                   simulation["counts"]["requests"]}  # fmt: skip
    if injection := outcomes.get("fault_injection"):
        totals["requests during fault injection"] = sum(injection["requests"].values())
        totals["faults injected"] = sum(injection["faults"].values())
        totals["closings created"] = injection["seals"]["closings"]
        totals["largest projection lag in seconds"] = injection["largest_lag_seconds"]
    if load := outcomes.get("load"):
        phases = [load[name] for name in ("http", "projector_down", "pool", "highest")]
        counts = [phase[kind]["requests"] for phase in phases for kind in ("reads", "writes")]
        totals["requests under load"] = sum(counts)
        totals["highest rate of reads a second"] = round(load["highest"]["reads"]["rate"])
    audits = [outcomes[part]["audit"] for part in ("fault_injection", "load") if part in outcomes]
    if audits:
        totals["entries accepted"] = sum(audit["accepted"] for audit in audits)
    return totals
