"""The report card as a Markdown page, docs/proof.md."""

from collections.abc import Mapping, Sequence
from typing import Any

from proof.card import is_clean, phases


def markdown(told: Mapping[str, Any]) -> str:
    """Return the card as a Markdown page."""
    sections = [_head(told), _at_a_glance(told)]
    if told["simulation"]:
        sections.append(_simulation(told["simulation"]))
    if told["drill"]:
        sections.append(_drill(told["drill"]))
    if told["load"]:
        sections.append(_load(told["load"]))
    if told["bench"]:
        sections.append(_speed(told["bench"]))
    return "\n\n".join(sections) + "\n"


def _head(told: Mapping[str, Any]) -> str:
    about = told["about"]
    verdict = (
        "Nothing lost, nothing doubled, no drift."
        if is_clean(told)
        else "Not clean: see the figures below."
    )
    lines = [
        "# Proof",
        f"**{verdict}** Written by `make proof` on {about['date']} at commit {about['commit']}, "
        f"on {about['machine']}, Python {about['python']}; the same in "
        "[proof.json](proof.json). What each part does is said in its own command's help.",
    ]
    if told["missing"]:
        lines.append(f"Missing: {', '.join(told['missing'])}.")
    sources = [[name, about["date"], about["commit"]] for name, about in told["sources"].items()]
    return "\n\n".join([*lines, _table(["part", "measured", "commit"], sources)])


def _at_a_glance(told: Mapping[str, Any]) -> str:
    totals = told["totals"]
    shown = totals["mutants"] - len(totals["mutants_missed"])
    rows = [
        ["requests sent to the service", f"{totals['requests']:,}"],
        ["requests simulated", f"{totals['simulated_requests']:,}"],
        ["faults made", f"{totals['faults']:,}"],
        ["entries accepted", f"{totals['accepted']:,}"],
        ["**lost**", f"**{totals['lost']}**"],
        ["**doubled**", f"**{totals['doubled']}**"],
        ["**drift, in minor units (cents)**", f"**{totals['drift_minor']}**"],
        ["unknown to who wrote, not in the totals, answered otherwise", _others(totals)],
        ["repaired by nights, by a rebuild at the end", _repairs(totals)],
        ["closings made, with faults", f"{totals['closings']:,}, {totals['seal_faults']}"],
        ["requests lost at 50/s, at 200/s and without a projector", f"{totals['requests_lost']}"],
        ["largest projection lag", f"{totals['largest_lag_seconds']} s"],
        ["seeds simulated, failed", f"{totals['seeds']:,}, {totals['seeds_failed']}"],
        ["planted mistakes shown", f"{shown} of {totals['mutants']}"],
    ]
    return "## At a glance\n\n" + _table(["", ""], rows)


def _others(totals: Mapping[str, Any]) -> str:
    names = ("unknown", "uncounted", "contradictions")
    return ", ".join(str(totals[name]) for name in names)


def _repairs(totals: Mapping[str, Any]) -> str:
    return f"{totals['repaired_by_nights']}, {totals['repaired']}"


def _simulation(outcome: Mapping[str, Any]) -> str:
    counts = [[f"{number:,}", what] for what, number in outcome["counts"].items()]
    mutants = [
        [name, "not shown" if seed is None else f"seed {seed}"]
        for name, seed in outcome["mutants"].items()
    ]
    return "\n\n".join(
        [
            "## Simulation",
            f"{outcome['seeds']:,} seeds in {outcome['seconds']:.0f} s over stores in memory and "
            "the real code. `make simulate SEED=7` tells one again.",
            _table(["number", "of what"], counts),
            "Mistakes planted, and the first seed that showed them:",
            _table(["mistake", "shown by"], mutants),
        ]
    )


def _drill(outcome: Mapping[str, Any]) -> str:
    slowest = outcome["slowest_recovery_seconds"]
    rows = [
        [kind, str(hits), f"{slowest[kind]} s" if kind in slowest else ""]
        for kind, hits in outcome["faults"].items()
    ]
    audit = outcome["audit"]
    return "\n\n".join(
        [
            "## Real faults",
            f"`make drill SEED={outcome['seed']}`: {outcome['kills']} kills with -9 among "
            f"{sum(outcome['faults'].values())} faults in {outcome['seconds']:.0f} s, "
            f"{audit['accepted']:,} entries accepted meanwhile, {outcome['replays']:,} requests "
            f"sent again and {outcome['reversals']:,} reversals. {audit['lost']} lost, "
            f"{audit['doubled']} doubled, {audit['unknown']} unknown, {audit['drift_minor']} minor "
            f"units of drift. That was read before anything was repaired; nights found "
            f"{audit['repaired_by_nights']} lines to put right, and a rebuild at the end "
            f"{audit['repaired']} rows. "
            f"{outcome['poison_parked']} poison records were parked, and nothing else.",
            _nights(outcome),
            _table(["fault", "times", "well again within"], rows),
        ]
    )


def _nights(outcome: Mapping[str, Any]) -> str:
    nights, seals = outcome["nights"], outcome["seals"]
    told = ", ".join(f"{number} {status.lower()}" for status, number in sorted(nights.items()))
    text = (
        f"{sum(nights.values())} nights ({told}) were struck at each of their states and started "
        f"again until they succeeded. They made {seals['closings']:,} closings of {seals['days']} "
        f"days, {seals['restated']:,} of them for late entries; held against what was accepted and "
        f"checked by `verify.py`, up to the head under retention: {len(seals['faults'])} faults."
    )
    return "\n".join([text, *(f"- {fault}" for fault in seals["faults"])])


def _load(outcome: Mapping[str, Any]) -> str:
    rows = [
        _phase_row(title, kind, phase[kind])
        for title, phase in phases(outcome)
        for kind in ("reads", "writes")
    ]
    cost = outcome["cost"]
    needs = [
        [f"{need['rate']:,}/s", f"{need['memory_mb']:,} MB", f"{need['request_ms']} ms",
         f"{need['functions']:,}", "yes" if need["pooler"] else "no"]
        for need in outcome["needs"]
    ]  # fmt: skip
    return "\n\n".join(
        [
            "## Load",
            "Moments of arrival are fixed in advance, and latency counts from them. An answer "
            "after 1 s, or one whose balances do not add up, counts as lost.",
            _table(["", "", "rate", "requests", "lost", "p50", "p99", "longest"], rows),
            f"One warm function took {cost['cpu'] * 1000:.2f} ms of CPU and "
            f"{cost['waiting'] * 1000:.2f} ms of waiting a request. What follows from it in AWS, "
            "**calculated, not measured**: 3 ms of network and 1 ms of Lambda's own CPU a request "
            "are assumed, functions are busy for 70 % of their time, and a processor is as fast as "
            "this machine's.",
            _table(["rate", "memory", "a request", "functions at once", "pooler"], needs),
        ]
    )


def _phase_row(title: str, kind: str, told: Mapping[str, Any]) -> list[str]:
    latencies = [f"{told[name]} ms" for name in ("p50_ms", "p99_ms", "longest_ms")]
    return [
        title,
        kind,
        f"{told['rate']:,.0f}/s",
        f"{told['requests']:,}",
        str(told["lost"]),
        *latencies,
    ]


def _speed(bench: Mapping[str, Any]) -> str:
    rows = [
        [target["comparison"], target["name"], f"{target['ratio']:.2f} ×",
         f"{target['side']} {target['bound']:g} ×", "met" if target["met"] else "**missed**"]
        for target in bench["targets"]
    ]  # fmt: skip
    return "\n\n".join(
        [
            "## Speed beside peers",
            f"{bench['summary']} Reasons and all figures: [benchmarks.md](benchmarks.md).",
            _table(["comparison", "ratio of", "ratio", "target", ""], rows),
        ]
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
