"""What a handler costs while its stores respond at once: this project's, and bare Chalice's."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from verification.benchmarks import Extent
from verification.benchmarks.events import BODY, CONTEXT, get_balance, post_batch, post_entry
from verification.benchmarks.handlers import bare_chalice, own_application
from verification.benchmarks.results import Comparison, at_most, microseconds, times
from verification.benchmarks.rounds import Contender, Measured, interleaved, silence_logs

OURS = "this project"
BARE = "bare Chalice + pydantic, over the same commands and queries"
BOUND = 2.0
CALLS = 200
BATCHES = 20
WRITE = "POST an entry"
READ = "GET a day's balance"
BATCH = 100
BATCH_BOUND = 25.0
Handler = Callable[[Any, Any], Any]
_ABOUT = (
    "CPU time of one call from API Gateway's event to its response, with stores that respond at "
    "once. Both handlers run the same commands and queries, so that the difference is the edge: "
    "scope and merchant, strict JSON, field errors, ETags, headers, and a log line with metrics. "
    f"It may cost {BOUND:g} times bare Chalice; it cost 1.4 times before the move to plain Chalice."
)
_WHY = "The difference is what bare Chalice leaves out."
_WHY_BATCH = (
    "Each entry is validated, digested and answered as a single one is; only the handling of the "
    "request is shared. Threads, which wait for the ledger side by side, take the rest."
)


def measure(extent: Extent) -> Comparison:
    """Return the CPU time of a write and of a read, by handler."""
    own: dict[str, Handler] = {OURS: own_application()}
    handlers = own | {BARE: bare_chalice()}
    calls, batches = min(CALLS, extent.entries), min(BATCHES, extent.entries // 10)
    with silence_logs():
        _check(handlers)
        measured = {
            WRITE: interleaved(
                _contenders(handlers, _posts, calls), extent.rounds, time.process_time
            ),
            READ: interleaved(
                _contenders(handlers, _gets, calls), extent.rounds, time.process_time
            ),
        }
        batched = interleaved(_contenders(own, _batches, batches), extent.rounds, time.process_time)
    to_single = batched.best(OURS) / measured[WRITE].best(OURS)
    return Comparison(
        title="CPU time of a handler",
        about=_ABOUT,
        columns=["", *(cell for name in measured for cell in (name, "to bare Chalice"))],
        rows=[_row(name, measured) for name in handlers],
        targets=[
            at_most(f"{name}, to bare Chalice", result.ratio(OURS, BARE), BOUND, _WHY)
            for name, result in measured.items()
        ]
        + [
            at_most(f"POST a batch of {BATCH}, to a single one", to_single, BATCH_BOUND, _WHY_BATCH)
        ],
        notes=[
            f"A batch of {BATCH} entries takes {microseconds(batched.best(OURS))}, "
            f"{to_single:.1f} times a single entry."
        ],
    )


def _posts(calls: int) -> list[dict[str, Any]]:
    return [post_entry(_body()) for _ in range(calls)]


def _batches(calls: int) -> list[dict[str, Any]]:
    return [post_batch([_body()] * BATCH) for _ in range(calls)]


def _gets(calls: int) -> list[dict[str, Any]]:
    return [get_balance("2026-11-23", {"account": "main"}) for _ in range(calls)]


def _body() -> dict[str, Any]:
    return BODY | {"occurred_at": datetime.now(UTC).isoformat(timespec="seconds")}


def _contenders(
    handlers: Mapping[str, Handler], events: Callable[[int], list[dict[str, Any]]], calls: int
) -> list[Contender]:
    def contender(name: str, handler: Handler) -> Contender:
        waiting: list[dict[str, Any]] = []

        def run() -> None:
            for event in waiting:
                handler(event, CONTEXT)

        return Contender(name, run, calls, lambda: waiting.__setitem__(slice(None), events(calls)))

    return [contender(name, handler) for name, handler in handlers.items()]


def _check(handlers: Mapping[str, Handler]) -> None:
    """Raise RuntimeError unless all handlers respond alike."""
    for name, handler in handlers.items():
        posted, read = (handler(events(1)[0], CONTEXT) for events in (_posts, _gets))
        entry, balance = json.loads(posted["body"]), json.loads(read["body"])
        if (posted["statusCode"], read["statusCode"]) != (201, 200):
            raise RuntimeError(f"{name} responded with {posted} and {read}")
        if (entry["amount"], len(entry), balance["closing"]) != ("150.75", 15, "1130.75"):
            raise RuntimeError(f"{name} must respond as the others: {entry} and {balance}")
    results = json.loads(handlers[OURS](_batches(1)[0], CONTEXT)["body"])["results"]
    if [result["status"] for result in results] != [201] * BATCH:
        raise RuntimeError(f"not all entries of a batch were recorded: {results}")


def _row(name: str, measured: Mapping[str, Measured]) -> list[str]:
    cells = [name]
    for result in measured.values():
        cells += [microseconds(result.best(name)), times(result.ratio(name, BARE))]
    return cells
