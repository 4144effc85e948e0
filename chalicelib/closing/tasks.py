"""What the state machine calls: one function a task, dict in, dict out (stepfunctions/)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib import observability
from chalicelib.closing import wiring

if TYPE_CHECKING:
    from chalicelib.closing.ports import Repair
    from chalicelib.closing.ranges import Progress

Event = Mapping[str, Any]


def await_projection(event: Event) -> dict[str, Any]:
    """Look once whether the read model has caught up with the day's entries."""
    from chalicelib.closing.await_projection import has_caught_up

    day = date.fromisoformat(event["day"])
    ledger, books = wiring.ledger(), wiring.books()
    return {"caught_up": has_caught_up(ledger, books, day, event["merchant_id"])}


def plan_consolidation(event: Event) -> dict[str, Any]:
    """Divide the night's work into at most 100 ranges."""
    from chalicelib.closing.planning import plan

    return {"ranges": plan(wiring.books(), event["merchant_id"])}


def consolidate_range(event: Event, repair: "Repair") -> dict[str, Any]:
    """Go on with a range for one pass; `next_after` is null once it is done."""
    from chalicelib.closing.consolidate import Night
    from chalicelib.closing.ranges import run_pass

    night = Night(run=event["execution"], day=date.fromisoformat(event["day"]))
    done = run_pass(wiring.real(repair), night, event["range"], _progress(event["progress"]))
    return {"next_after": done.next_after, **asdict(done.counts)}


def summarize_consolidation(event: Event) -> dict[str, Any]:
    """Add up the ranges, and write the night's metrics."""
    from chalicelib.closing.summary import summarize

    summary = summarize(wiring.books(), event["execution"], event["outcomes"])
    observability.count("MerchantsConsolidated", summary["merchants"])
    observability.count("DaysClosed", summary["closed"])
    observability.count("DayLinesRepaired", summary["repaired"])
    observability.count("MerchantsFailed", summary["failed"])
    observability.log("consolidated", execution=event["execution"], day=event["day"], **summary)
    return {"day": event["day"], **summary}


def _progress(told: Event) -> "Progress":
    from chalicelib.closing.consolidate import Counts
    from chalicelib.closing.ranges import Progress

    counts = Counts(told["merchants"], told["closed"], told["repaired"], told["failed"])
    return Progress(told["next_after"], counts)
