"""The report card's figures: what was tried, what went wrong on purpose, and what came of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from verification.fault_injection.outcome import FULL_KILLS, never_hit
from verification.load.search import BEARABLE_LOSS
from verification.thresholds import short_of

Results = Mapping[str, Any]
"""By name, each as it was kept; what is absent is told as missing."""
_NO_DRILL: Mapping[str, Any] = {
    "requests": {}, "faults": {}, "broken": {}, "kills": 0, "largest_lag_seconds": None,
    "seals": {"closings": 0, "faults": []},
}  # fmt: skip
SOURCES = ("simulation", "drill", "load", "bench")


def card(results: Results, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report card as JSON: figures of all parts, and where each comes from."""
    parts = {name: results[name] for name in SOURCES if results.get(name)}
    if "drill" in parts and not parts["drill"]["outcome"]["in_time"]:
        del parts["drill"]
    outcomes = {name: part["outcome"] for name, part in parts.items() if name != "bench"}
    return {
        "about": dict(about),
        "sources": {name: part["about"] for name, part in parts.items()},
        "missing": [name for name in SOURCES if name not in parts],
        "short_of": short_of(parts),
        "totals": _totals(outcomes),
        "simulation": outcomes.get("simulation"),
        "drill": outcomes.get("drill"),
        "load": outcomes.get("load"),
        "bench": _bench(parts.get("bench")),
    }


def is_clean(told: Mapping[str, Any]) -> bool:
    """Say whether nothing is wrong, and all of it was shown at the size that is demanded."""
    return is_right(told) and not told["short_of"]


def is_right(told: Mapping[str, Any]) -> bool:
    """Say whether no part is missing and nothing was lost, doubled, off, or left unseen."""
    totals = told["totals"]
    wrong = (
        "lost", "doubled", "unknown", "uncounted", "drift_minor", "repaired", "repaired_by_nights",
        "contradictions", "requests_lost", "seeds_failed", "mutants_missed", "seal_faults",
        "never_struck",
    )  # fmt: skip
    return not told["missing"] and not any(totals[name] for name in wrong)


def _totals(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    audits = [outcomes[name]["audit"] for name in ("drill", "load") if name in outcomes]
    simulated = outcomes.get("simulation") or {"seeds": 0, "failures": {}, "mutants": {}}
    drill = outcomes.get("drill") or _NO_DRILL
    runs = [phase for _, phase in phases(outcomes.get("load"))]
    return {
        "requests": sum(drill["requests"].values())
        + sum(phase[kind]["requests"] for phase in runs for kind in ("reads", "writes")),
        "simulated_requests": simulated.get("counts", {}).get("requests", 0),
        "faults": sum(drill["faults"].values()),
        "never_struck": _never_struck(drill),
        "accepted": sum(audit["accepted"] for audit in audits),
        "lost": sum(audit["lost"] for audit in audits),
        "doubled": sum(audit["doubled"] for audit in audits),
        "unknown": sum(audit["unknown"] for audit in audits),
        "uncounted": sum(audit["uncounted"] for audit in audits),
        "drift_minor": sum(audit["drift_minor"] for audit in audits),
        "repaired": sum(audit["repaired"] for audit in audits),
        "repaired_by_nights": sum(audit["repaired_by_nights"] for audit in audits),
        "contradictions": sum(audit["contradictions"] for audit in audits),
        "closings": drill["seals"]["closings"],
        "seal_faults": len(drill["seals"]["faults"]),
        "requests_lost": _lost(outcomes.get("load")),
        "largest_lag_seconds": drill["largest_lag_seconds"],
        "seeds": simulated["seeds"],
        "seeds_failed": len(simulated["failures"]),
        "mutants": len(simulated["mutants"]),
        "mutants_missed": [name for name, seed in simulated["mutants"].items() if seed is None],
    }


def _never_struck(drill: Mapping[str, Any]) -> list[str]:
    """Return the kinds of faults that never struck; a small drill may leave some out."""
    return never_hit(drill["faults"], drill["broken"]) if drill["kills"] >= FULL_KILLS else []


def _lost(load: Mapping[str, Any] | None) -> int:
    """Return what was lost beyond what may be: at the highest rate one in a thousand, else none."""
    if not load:
        return 0
    at_rest = [load["http"], load["projector_down"], load["pool"]]
    most = load["highest"]["reads"]
    lost: int = sum(phase[kind]["lost"] for phase in at_rest for kind in ("reads", "writes"))
    if most["lost"] > BEARABLE_LOSS * most["requests"]:
        lost += most["lost"]
    return lost


def phases(load: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """Yield the phases of a load with their titles; none without a load."""
    names = {
        "http": "over HTTP",
        "projector_down": "over HTTP, the projector being down",
        "pool": "through warm functions*",
        "highest": "the highest rate carried*",
    }
    return ((title, load[name]) for name, title in names.items()) if load else iter(())


def _bench(part: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if part is None:
        return None
    targets = [
        {"comparison": finding["title"], **target}
        for finding in part["findings"].values()
        for target in finding["targets"]
    ]
    return {"summary": part["summary"], "targets": targets}
