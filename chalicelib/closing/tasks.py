"""The tasks of the state machine (stepfunctions/README.md): JSON objects in and out.

What only one task needs is imported inside it, so that the others start faster.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib import observability
from chalicelib.closing import wiring
from chalicelib.ledger.instants import format_instant

if TYPE_CHECKING:
    from chalicelib.closing.ports import Ledger, ReadModel, Repair

Event = Mapping[str, Any]
SAMPLE_SIZE = 20
"""Number of merchants sampled; a single-merchant run checks only that merchant."""


def await_projection(event: Event) -> dict[str, Any]:
    """Check once whether the read model has caught up with the day's entries."""
    day = date.fromisoformat(event["day"])
    is_caught_up = has_caught_up(wiring.ledger(), wiring.read_model(), day, event["merchant_id"])
    return {"caught_up": is_caught_up}


def plan_consolidation(event: Event) -> dict[str, Any]:
    """Divide a run into at most 100 ranges."""
    from chalicelib.closing.ranges import plan

    ranges = plan(wiring.read_model(), event["merchant_id"])
    return {"ranges": [part.to_json() for part in ranges]}


def consolidate_range(event: Event, repair: "Repair") -> dict[str, Any]:
    """Close the days of a range's merchants, for one pass; `next_after` is null at the end.

    Each day is closed by close_day.close_day().
    """
    from chalicelib.closing.consolidate import ConsolidationRun, Counts
    from chalicelib.closing.passes import Progress, run_pass
    from chalicelib.closing.ranges import parse_range

    run = ConsolidationRun(event["execution"], date.fromisoformat(event["day"]))
    # By name: another version of the state machine may pass further members.
    before = event["progress"]
    counts = Counts(before["merchants"], before["closed"], before["repaired"], before["failed"])
    progress = Progress(before["next_after"], counts)
    progress = run_pass(wiring.ports(repair), run, parse_range(event["range"]), progress)
    return {"next_after": progress.next_after, **asdict(progress.counts)}


def summarize_consolidation(event: Event) -> dict[str, Any]:
    """Add up the outcomes of a run's ranges, write its metrics, and store a merchant's summary."""
    summary = summarize(wiring.read_model(), event["execution"], event["outcomes"])
    observability.count("MerchantsConsolidated", summary["merchants"])
    observability.count("DaysClosed", summary["closed"])
    observability.count("DayLinesRepaired", summary["repaired"])
    observability.count("MerchantsFailed", summary["failed"])
    observability.log("consolidated", execution=event["execution"], day=event["day"], **summary)
    if event["merchant_id"] is not None:
        ended = {
            "succeeded": summary["failed"] == summary["failed_ranges"] == 0,
            "stopped_at": format_instant(datetime.now(UTC)),
        }
        wiring.run_summaries().store(event["execution"], {**summary, **ended})
    return {"day": event["day"], **summary}


def has_caught_up(
    ledger: "Ledger", read_model: "ReadModel", day: date, merchant_id: str | None
) -> bool:
    """Return whether the read model is complete, and holds each sampled merchant's newest entry.

    For all merchants, it is not complete while it is empty or being rebuilt and the ledger has
    entries: days would be closed before the earlier ones are known.

    Reconciliation finds missing entries anyway, but would report a late entry as lost. An entry
    missing among older ones is not late: it was lost, and will be repaired.
    """
    if merchant_id is None and not _is_complete(ledger, read_model):
        return False
    for merchant, projected in read_model.newest_projected(merchant_id, SAMPLE_SIZE).items():
        recorded = ledger.newest_recorded(merchant, day)
        if recorded is not None and (projected is None or projected < recorded):
            return False
    return True


def _is_complete(ledger: "Ledger", read_model: "ReadModel") -> bool:
    is_empty, is_being_rebuilt = read_model.rebuild_status()
    if not (is_empty or is_being_rebuilt) or ledger.is_empty():
        return True
    observability.log("read_model_incomplete", empty=is_empty, rebuilding=is_being_rebuilt)
    return False


def summarize(
    read_model: "ReadModel", run: str, outcomes: Iterable[Mapping[str, Any]]
) -> dict[str, int]:
    """Return the numbers of merchants consolidated and failed, days closed and lines repaired.

    Closings and repairs are counted in the read model, because a pass that was killed may have made
    some. `failed_ranges` are those that did not reach their end.
    """
    ranges = list(outcomes)
    closed, repaired = read_model.counts(run)
    return {
        "merchants": sum(outcome["merchants"] for outcome in ranges),
        "closed": closed,
        "repaired": repaired,
        "failed": sum(outcome["failed"] for outcome in ranges),
        "failed_ranges": sum(outcome["error"] is not None for outcome in ranges),
    }
