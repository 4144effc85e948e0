"""The tasks of the state machine (stepfunctions/README.md): JSON objects in and out.

What only one task needs is imported inside it, so that the others start faster.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib import observability
from chalicelib.closing import wiring
from chalicelib.ledger.days import business_day
from chalicelib.ledger.instants import format_instant
from chalicelib.runtime import settings

if TYPE_CHECKING:
    from chalicelib.closing.ports import ReadModel, Repair

Event = Mapping[str, Any]


def await_projection(event: Event) -> dict[str, Any]:
    """Check once whether the read model has caught up with what was recorded before the run began.

    `complete` says whether the read model holds the earlier days, without which none is closed;
    `rejection` is null, or the reason for which the run must not begin.
    """
    from chalicelib.closing.lateness import is_complete, late_merchants
    from chalicelib.closing.rejection import rejection

    began = began_at(event)
    reason = rejection(event, business_day(began, settings.current().business_zone))
    if reason is not None:
        return {"caught_up": False, "complete": False, "rejection": reason}
    ledger, read_model, day = wiring.ledger(), wiring.read_model(), date.fromisoformat(event["day"])
    if event["merchant_id"] is None and not is_complete(ledger, read_model):
        return {"caught_up": False, "complete": False, "rejection": None}
    late = late_merchants(ledger, read_model, day, event["merchant_id"], began)
    return {"caught_up": not late, "complete": True, "rejection": None}


def plan_consolidation(event: Event) -> dict[str, Any]:
    """Divide a run into at most 96 ranges of merchants and 4 lanes of the sweep."""
    from chalicelib.closing.ranges import plan, sweep_lanes

    ranges = plan(wiring.read_model(), event["merchant_id"])
    lanes = sweep_lanes(event["merchant_id"], event.get("caught_up", True))
    return {
        "ranges": [part.to_json() for part in ranges],
        "sweeps": [lane.to_json() for lane in lanes],
    }


def consolidate_range(event: Event, repair: "Repair") -> dict[str, Any]:
    """Close the days of a range's merchants, for one pass; `next_after` is null at the end.

    Each day is closed by close_day.close_day().
    """
    from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
    from chalicelib.closing.passes import Progress, run_pass
    from chalicelib.closing.ranges import parse_range

    # Where the projection did not catch up in time, the merchants whose entries are late are left.
    late_before = None if event.get("caught_up", True) else began_at(event)
    run = ConsolidationRun(event["execution"], date.fromisoformat(event["day"]), late_before)
    # By name: another version of the state machine may pass further members.
    before = event["progress"]
    counts = Counts(before["merchants"], before["closed"], before["repaired"], before["failed"])
    progress = Progress(before["next_after"], counts)
    progress = run_pass(wiring.ports(repair), run, parse_range(event["range"]), progress)
    return {"next_after": progress.next_after, **progress.counts._asdict()}


def summarize_consolidation(event: Event) -> dict[str, Any]:
    """Add up the outcomes of a run's ranges, write its metrics, and store a merchant's summary.

    Failures of the sweep are logged and counted, and are not part of the result.
    """
    read_model = wiring.read_model()
    summary = summarize(read_model, event["execution"], event["outcomes"])
    if event["merchant_id"] is not None:  # first, since a repeated call must not count twice
        ended = {
            "succeeded": summary["failed"] == summary["failed_ranges"] == 0,
            "started_at": format_instant(began_at(event)),
            "stopped_at": format_instant(datetime.now(UTC)),
        }
        wiring.run_summaries().store(event["execution"], {**summary, **ended})
    sweeps = event.get("sweeps", [])
    observability.count("MerchantsConsolidated", summary["merchants"])
    observability.count("DaysClosed", summary["closed"])
    observability.count("DayLinesRepaired", summary["repaired"])
    observability.count("MerchantsFailed", summary["failed"] + sum(s["failed"] for s in sweeps))
    if event["merchant_id"] is None:
        overdue = read_model.sweep_overdue(date.fromisoformat(event["day"]))
        observability.count("SweepDaysOverdue", overdue)
    observability.log(
        "consolidated",
        execution=event["execution"],
        day=event["day"],
        failed_sweeps=sum(sweep["error"] is not None for sweep in sweeps),
        **summary,
    )
    return {"day": event["day"], **summary}


def began_at(event: Event) -> datetime:
    """Return when the execution began: an execution of an earlier release does not say it."""
    began = event.get("began_at")
    return datetime.fromisoformat(began) if began else datetime.now(UTC)


def summarize(
    read_model: "ReadModel", run: str, outcomes: Iterable[Mapping[str, Any]]
) -> dict[str, int]:
    """Return the numbers of merchants consolidated and failed, days closed and lines repaired.

    Closings and repairs are counted in the read model, because a pass that was killed may have made
    some. `failed_ranges` are those that did not reach their end; that of a single merchant means
    that this merchant failed.
    """
    ranges = list(outcomes)
    alone = sum(o["error"] is not None and "merchant" in o.get("range", ()) for o in ranges)
    closed, repaired = read_model.counts(run)
    return {
        "merchants": sum(outcome["merchants"] for outcome in ranges) + alone,
        "closed": closed,
        "repaired": repaired,
        "failed": sum(outcome["failed"] for outcome in ranges) + alone,
        "failed_ranges": sum(outcome["error"] is not None for outcome in ranges),
    }
