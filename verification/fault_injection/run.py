"""The run: random faults while entries are written, and after each the recovery."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from verification.commands import VerificationError
from verification.fault_injection.audit import Audit, audit, with_repairs
from verification.fault_injection.consolidation_runs import count_runs
from verification.fault_injection.context import (
    RECOVERY_SECONDS,
    Context,
    Extent,
    Fault,
    open_context,
)
from verification.fault_injection.dead_letters import POISON, dead_letters, poison_each_place
from verification.fault_injection.faults import FAULTS, shuffled
from verification.fault_injection.recovery import Deadline, await_recovery, await_visible
from verification.fault_injection.seals import SealAudit, audit_seals
from verification.fault_injection.writing import Writer
from verification.kit.reference_model import ExpectedEntry
from verification.local_cluster import Progress, local_cluster
from verification.thresholds import KILLS

MOST_TRIES = 5
"""How often a fault that never struck is tried again at the end of a full run."""
KINDS = frozenset({POISON, *(fault.kind for fault in FAULTS)})
ENTRIES_FOR_MORE_POISON = 1000
DELAY_SECONDS = (0.0, 0.25)
"""How long after the first request of a write a fault strikes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures for the report.

    `faults` counts by kind what struck, `interrupted` the batches or requests that kills broke off;
    other killed processes were idle. `runs` counts consolidation runs by status.
    """

    seed: int
    seconds: float
    requests: Mapping[str, int]
    faults: Mapping[str, int]
    kills: int
    interrupted: Mapping[str, int]
    replays: int
    reversals: int
    dead_letters: int
    slowest_recovery_seconds: Mapping[str, float]
    largest_lag_seconds: float
    runs: Mapping[str, int]
    seals: SealAudit
    audit: Audit


def run(extent: Extent, progress: Progress) -> Outcome:
    """Run on a temporary cluster; raise VerificationError if it cannot end or recover in time."""
    started = time.monotonic()
    with local_cluster(progress) as cluster, open_context(cluster, extent) as context:
        progress(f"  seed {extent.seed}: at least {extent.kills} kills, {extent.entries:,} entries")
        poison_each_place(context)
        _inject(context, started + extent.minutes * 60, progress)
        if extent.entries >= ENTRIES_FOR_MORE_POISON:
            poison_each_place(context)
        progress("  comparing everything that was accepted with what the service returns …")
        audited, seals = audit_all(context)
        return _outcome(context, audited, seals, time.monotonic() - started)


def audit_all(context: Context) -> tuple[Audit, SealAudit]:
    """Audit what nothing has repaired; only then close all days, and rebuild last."""
    clients = [writer.client for writer in context.writers]
    audited = audit(context.accepted, clients)
    seals = audit_seals(context.cluster, context.accepted, clients)  # closing a day repairs it
    return with_repairs(audited, context.cluster), seals


def chosen(context: Context) -> Iterator[Fault]:
    """Yield faults until enough is done; at the end of a full run those that never struck."""
    at_random = shuffled(context.chance)
    while context.is_short:
        yield next(at_random)
    if context.extent.kills >= KILLS:
        for fault in FAULTS:
            for _ in range(MOST_TRIES):
                if not context.struck[fault.kind]:
                    yield fault


def _inject(context: Context, end: float, progress: Progress) -> None:
    """Inject faults until enough is done; raise VerificationError when time runs out."""
    reported = time.monotonic()
    for fault in chosen(context):
        if time.monotonic() > end:
            raise VerificationError("time ran out. Next: run it again with more --minutes.")
        _inject_one(context, fault)
        if time.monotonic() - reported > 10:
            reported = time.monotonic()
            progress(
                f"  {context.kills:4} kills, {context.struck.total():4} faults, "
                f"{len(context.accepted.by_id):6,} entries accepted"
            )


def _inject_one(context: Context, fault: Fault) -> None:
    """Write, let a fault strike meanwhile, and wait for the recovery."""
    writer = context.chance.choice(context.writers)
    count_interrupted = fault.watch(context) if fault.watch else None
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(_write_until_visible, context, writer)
        time.sleep(context.chance.uniform(*DELAY_SECONDS))
        context.fault()
        hits = fault.strike(context, writing)
        newest, lag_seconds = writing.result()
    context.struck[fault.kind] += hits
    deadline = Deadline(context.fault_at, fault.within, fault.kind)
    seconds = await_recovery(writer.client, newest, deadline)
    context.lag_seconds = max(context.lag_seconds, lag_seconds)
    if count_interrupted:
        context.interrupted[fault.kind] += count_interrupted()
    if hits:
        context.recovered(fault.kind, seconds)


def _write_until_visible(context: Context, writer: Writer) -> tuple[ExpectedEntry, float]:
    """Return the newest entry, and the seconds from its acceptance until it was visible."""
    newest = writer.write(_entries_now(context))
    accepted_at = time.monotonic()
    await_visible(writer.client, newest, Deadline(accepted_at, RECOVERY_SECONDS, "it was written"))
    return newest, time.monotonic() - accepted_at


def _entries_now(context: Context) -> int:
    """Return how many entries to write, so that kills and entries are done together."""
    kills_left = max(1, context.extent.kills - context.kills)
    entries_left = max(1, context.extent.entries - len(context.accepted.by_id))
    # A fault kills twice on average.
    return min(500, max(5, 2 * entries_left // kills_left))


def _outcome(context: Context, audited: Audit, seals: SealAudit, seconds: float) -> Outcome:
    requests = sum((writer.client.attempts for writer in context.writers), Counter[str]())
    return Outcome(
        seed=context.extent.seed,
        seconds=round(seconds, 1),
        requests=dict(requests),
        faults={kind: context.struck[kind] for kind in sorted(KINDS)},
        kills=context.kills,
        interrupted=dict(sorted(context.interrupted.items())),
        replays=sum(writer.replays for writer in context.writers),
        reversals=sum(writer.reversals for writer in context.writers),
        dead_letters=len(dead_letters(context.cluster, context.poison)),
        slowest_recovery_seconds=dict(sorted(context.recoveries.items())),
        largest_lag_seconds=round(context.lag_seconds, 1),
        runs=dict(sorted(count_runs(context.cluster).items())),
        seals=seals,
        audit=audited,
    )
