"""The report as a Markdown page, docs/report.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PHASES = {
    "http": "over HTTP",
    "projector_down": "over HTTP, projector down",
    "pool": "through warm functions",
    "highest": "highest rate without loss, warm functions",
}


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as a Markdown page."""
    sections = [section(part, result["outcome"]) for part, result in report["parts"].items()]
    return "\n\n".join([*_head(report), *sections]) + "\n"


def section(part: str, outcome: Mapping[str, Any]) -> str:
    """Return the section of a part."""
    writers = {
        "simulation": _simulation,
        "fault_injection": _fault_injection,
        "load": _load,
        "benchmarks": _benchmarks,
    }
    return "\n\n".join(writers[part](outcome))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under their columns as a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _head(report: Mapping[str, Any]) -> Iterator[str]:
    about = report["about"]
    yield "# Verification report"
    yield f"**{report['verdict']}**"
    yield (
        f"Written by `python -m verification` on {about['date']} at commit {about['commit']}, on "
        f"{about['machine']}, Python {about['python']}. The same figures are in "
        "[report.json](report.json)."
    )
    parts = report["parts"].items()
    measured = [
        [part, result["about"]["date"], result["about"]["commit"]] for part, result in parts
    ]
    yield table(["part", "measured", "commit"], measured)
    yield "## Targets"
    yield "Missed targets come first. A missed speed target has its reason under Benchmarks."
    rows = [
        ["met" if target["met"] else "**missed**", target["name"], target["measured"],
         target["bound"]]
        for target in report["targets"]
    ]  # fmt: skip
    yield table(["", "target", "measured", "bound"], rows)
    yield "## Totals"
    yield table(["", ""], [[name, f"{number:,}"] for name, number in report["totals"].items()])


def _simulation(outcome: Mapping[str, Any]) -> Iterator[str]:
    yield "## Simulation"
    yield (
        f"{outcome['seeds']:,} seeds in {outcome['seconds']:.0f} s. The code of commands, "
        "projection and closing is real; the stores are in memory. SQL and HTTP are not simulated, "
        "but part of fault injection. Repeat a seed: `python -m verification.simulation --seed 7`."
    )
    counts = [[name, f"{number:,}"] for name, number in outcome["counts"].items()]
    yield table(["counted", "number"], counts)
    mutants = [
        [name, "not detected" if seed is None else f"seed {seed}"]
        for name, seed in outcome["mutants"].items()
    ]
    yield table(["planted mistake", "detected by"], mutants)


def _fault_injection(outcome: Mapping[str, Any]) -> Iterator[str]:
    yield "## Fault injection"
    yield (
        f"{outcome['kills']} processes killed among {sum(outcome['faults'].values())} faults in "
        f"{outcome['seconds']:.0f} s, on a laptop cloud with real stores (seed {outcome['seed']})."
    )
    yield table(["", ""], list(_injection_figures(outcome)))
    slowest, interrupted = outcome["slowest_recovery_seconds"], outcome["interrupted"]
    rows = [
        [kind, str(times), str(interrupted.get(kind, "")),
         f"{slowest[kind]} s" if kind in slowest else ""]
        for kind, times in outcome["faults"].items()
    ]  # fmt: skip
    yield table(["fault", "times", "batches or requests interrupted", "slowest recovery"], rows)
    yield (
        "A fault counts if it struck something. Recovery lasts from the fault until the newest "
        "entry is in the balance and both stores respond; after a killed consolidation run, until "
        "a run has succeeded."
    )


def _injection_figures(outcome: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    audit, seals = outcome["audit"], outcome["seals"]
    runs = ", ".join(f"{count} {status.lower()}" for status, count in outcome["runs"].items())
    yield "entries accepted", f"{audit['accepted']:,}"
    yield "requests repeated under the same key", f"{outcome['replays']:,}"
    yield "reversals", f"{outcome['reversals']:,}"
    yield "invalid stream records sent to the dead-letter queue", str(outcome["dead_letters"])
    yield "consolidation runs", runs
    yield "closings created", f"{seals['closings']:,} of {seals['days']} days"
    yield "closings created for late entries", f"{seals['restated']:,}"


def _load(outcome: Mapping[str, Any]) -> Iterator[str]:
    yield "## Load"
    yield (
        "Arrival times are fixed in advance, and latency counts from them. A response after 1 s, "
        "or with balances that do not add up, counts as lost. Warm functions receive the gateway's "
        "events through pipes, without HTTP and without token verification."
    )
    rows = [
        [title, kind, f"{run['rate']:,.0f}/s", f"{run['requests']:,}", str(run["lost"]),
         *(f"{run[name]} ms" for name in ("p50_ms", "p99_ms", "longest_ms"))]
        for phase, title in PHASES.items()
        for kind, run in outcome[phase].items()
    ]  # fmt: skip
    yield table(["phase", "", "rate", "requests", "lost", "p50", "p99", "longest"], rows)
    cost = outcome["cost"]
    yield (
        f"One warm function takes {cost['cpu'] * 1000:.2f} ms of CPU and "
        f"{cost['waiting'] * 1000:.2f} ms of waiting a request. The next table is **calculated "
        "from this, not measured**; `verification/load/sizing.py` states its assumptions."
    )
    columns = [
        "rate", "memory", "time of a request", "concurrent functions", "quota must be raised",
        "pooler", "PostgreSQL processors, at most",
    ]  # fmt: skip
    needs = [
        [f"{need['rate']:,}/s", f"{need['memory_mb']:,} MB", f"{need['request_ms']} ms",
         f"{need['functions']:,}", "no" if need["within_quota"] else "**yes**",
         "yes" if need["pooler"] else "no", f"{need['database_processors']:,}"]
        for need in outcome["needs"]
    ]  # fmt: skip
    yield table(columns, needs)


def _benchmarks(outcome: Mapping[str, Any]) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in outcome["versions"].items())
    yield "## Benchmarks"
    yield (
        "The contenders of a comparison take turns within one run; each is represented by its best "
        f"of {outcome['rounds']} rounds. Read the ratios: times belong to the machine. "
        f"Large comparisons have {outcome['entries']:,} entries. Versions: {versions}."
    )
    for comparison in outcome["comparisons"]:
        yield from comparison_section(comparison)


def comparison_section(comparison: Mapping[str, Any]) -> Iterator[str]:
    """Yield the blocks of a benchmark's comparison; missed targets have their reasons."""
    yield f"### {comparison['title']}"
    yield comparison["about"]
    yield table(comparison["columns"], comparison["rows"])
    reasons: dict[str, list[str]] = {}
    for target in comparison["targets"]:
        if not target["met"]:
            reasons.setdefault(target["reason"], []).append(target["name"])
    yield from (f"Missed: {'; '.join(names)}. {reason}" for reason, names in reasons.items())
    yield from comparison["notes"]
