"""The report card as a Markdown page, docs/proof.md."""

from collections.abc import Mapping
from typing import Any

from verification.fault_injection.outcome import never_hit
from verification.load_section import load_section
from verification.report import is_right
from verification.tables import table


def markdown(told: Mapping[str, Any]) -> str:
    """Return the card as a Markdown page."""
    sections = [_head(told), _at_a_glance(told)]
    if told["simulation"]:
        sections.append(_simulation(told["simulation"]))
    if told["drill"]:
        sections.append(_drill(told["drill"]))
    if told["load"]:
        sections.append(load_section(told["load"]))
    if told["bench"]:
        sections.append(_speed(told["bench"]))
    return "\n\n".join(sections) + "\n"


def _head(told: Mapping[str, Any]) -> str:
    about = told["about"]
    lines = [
        "# Proof",
        f"**{_verdict(told)}** Written by `make proof` on {about['date']} at commit "
        f"{about['commit']}, on {about['machine']}, Python {about['python']}; the same in "
        "[verification.json](verification.json). What each part does is said in its own command's help.",
    ]
    if told["missing"]:
        lines.append(f"Missing: {', '.join(told['missing'])}.")
    sources = [[name, about["date"], about["commit"]] for name, about in told["sources"].items()]
    return "\n\n".join([*lines, table(["part", "measured", "commit"], sources)])


def _verdict(told: Mapping[str, Any]) -> str:
    if not is_right(told):
        return "Not clean: see the figures below."
    if told["short_of"]:
        return f"Clean, but short of: {'; '.join(told['short_of'])}."
    return "Nothing lost, nothing doubled, no drift."


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
        [f"requests lost at {_rates(told['load'])}", f"{totals['requests_lost']}"],
        ["largest projection lag", _lag(totals["largest_lag_seconds"])],
        ["seeds simulated, failed", f"{totals['seeds']:,}, {totals['seeds_failed']}"],
        ["planted mistakes shown", f"{shown} of {totals['mutants']}"],
    ]
    return "## At a glance\n\n" + table(["", ""], rows)


def _lag(seconds: float | None) -> str:
    return "not measured, for there was no drill" if seconds is None else f"{seconds} s"


def _rates(load: Mapping[str, Any] | None) -> str:
    if not load:
        return "no rate, for there was no load"
    http, pool = (load[name]["reads"]["rate"] for name in ("http", "pool"))
    return f"{http:,.0f}/s over HTTP, with and without a projector, and {pool:,.0f}/s without HTTP"


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
            "the real code of commands, projection and consolidation. The SQL and the web edge are "
            "not in it; the drill has both. `make simulate SEED=7` tells one again.",
            table(["number", "of what"], counts),
            "Mistakes planted, and the first seed that showed them:",
            table(["mistake", "shown by"], mutants),
        ]
    )


def _drill(outcome: Mapping[str, Any]) -> str:
    slowest = outcome["slowest_recovery_seconds"]
    broken = outcome["broken"]
    rows = [
        [
            kind,
            str(hits),
            str(broken.get(kind, "")),
            f"{slowest[kind]} s" if kind in slowest else "",
        ]
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
            f"{audit['doubled']} doubled, {audit['unknown']} unknown, {audit['uncounted']} not in "
            f"the totals, {audit['drift_minor']} minor units of drift; {audit['contradictions']} "
            "answers said otherwise than what was sent. That was read before anything was "
            f"repaired; nights found {audit['repaired_by_nights']} lines to put right, and a "
            f"rebuild at the end {audit['repaired']} rows. "
            f"{outcome['poison_parked']} poison records were parked, and nothing else.",
            _nights(outcome),
            table(["fault", "times", "broke off in the midst", "well again within"], rows),
            "A fault counts where it struck something. Processes of the projector and of requests "
            "are killed whatever they are at; how many batches and requests that broke off stands "
            "beside them. The time to be well again runs from the last blow until the newest entry "
            "of the writing that it struck is in the balance and both stores answer; for a night, "
            "until the night is made good.",
            *_never_struck(outcome),
        ]
    )


def _never_struck(outcome: Mapping[str, Any]) -> list[str]:
    kinds = never_hit(outcome["faults"], outcome["broken"])
    return [f"Never struck: {'; '.join(kinds)}."] if kinds else []


def _nights(outcome: Mapping[str, Any]) -> str:
    nights, seals = outcome["nights"], outcome["seals"]
    result = ", ".join(f"{number} {status.lower()}" for status, number in sorted(nights.items()))
    text = (
        f"{sum(nights.values())} nights ({result}) were struck at each of their states and started "
        f"again until they succeeded. They made {seals['closings']:,} closings of {seals['days']} "
        f"days, {seals['restated']:,} of them for late entries; held against what was accepted and "
        f"checked by `verify.py`, up to the head under retention: {len(seals['faults'])} faults."
    )
    return "\n".join([text, *(f"- {fault}" for fault in seals["faults"])])


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
            table(["comparison", "ratio of", "ratio", "target", ""], rows),
        ]
    )
