"""What a handler costs by itself, its stores answering at once: ours and other frameworks'."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from verification.benchmarks.events import BODY, CONTEXT, get_balance, post_entry
from verification.benchmarks.handlers import bare_chalice, fastapi_mangum, own, powertools
from verification.benchmarks.peers import has
from verification.benchmarks.results import Finding, Target, microseconds, times
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.benchmarks.silence_logs import quiet

OURS = "Livro Caixa"
BARE = "bare Chalice + pydantic, over the same commands and queries"
ALONE = "bare Chalice + pydantic, with nothing behind"
CALLS = 200
WRITE = "POST an entry"
READ = "GET a day's balance"
Handler = Callable[[Any, Any], Any]


def measure(rounds: int) -> Finding:
    """Return the CPU time of a call, by framework, for a write and for a read."""
    result = {name: handler for name, needs, handler in _makers() if all(map(has, needs))}
    made = {name: make() for name, make in result.items()}
    with quiet():
        _check(made)
        measured = {
            WRITE: interleaved(_contenders(made, _posts), rounds, time.process_time),
            READ: interleaved(_contenders(made, _gets), rounds, time.process_time),
        }
    return _finding(measured)


def _makers() -> list[tuple[str, Sequence[str], Callable[[], Handler]]]:
    return [
        (OURS, (), own.make),
        (BARE, ("chalice",), bare_chalice.over_the_ledger),
        (ALONE, ("chalice",), bare_chalice.with_nothing_behind),
        ("Powertools' REST resolver", ("aws_lambda_powertools",), powertools.make),
        ("FastAPI + Mangum", ("fastapi", "mangum"), fastapi_mangum.make),
    ]


def _posts() -> list[dict[str, Any]]:
    body = BODY | {"occurred_at": datetime.now(UTC).isoformat(timespec="seconds")}
    return [post_entry(body) for _ in range(CALLS)]


def _gets() -> list[dict[str, Any]]:
    return [get_balance("2026-11-23", {"account": "main"}) for _ in range(CALLS)]


def _contenders(
    made: Mapping[str, Handler], events: Callable[[], list[dict[str, Any]]]
) -> list[Contender]:
    def contender(name: str, handler: Handler) -> Contender:
        waiting: list[dict[str, Any]] = []

        def run() -> None:
            for event in waiting:
                handler(event, CONTEXT)

        return Contender(name, run, CALLS, lambda: waiting.__setitem__(slice(None), events()))

    return [contender(name, handler) for name, handler in made.items()]


def _check(made: Mapping[str, Handler]) -> None:
    """Refuse to compare handlers that do not answer alike."""
    for name, handler in made.items():
        posted, got = (handler(make()[0], CONTEXT) for make in (_posts, _gets))
        entry, balance = json.loads(posted["body"]), json.loads(got["body"])
        if (posted["statusCode"], got["statusCode"]) != (201, 200):
            raise RuntimeError(f"{name} answered {posted} and {got}")
        if (entry["amount"], len(entry), balance["closing"]) != ("150.75", 14, "1130.75"):
            raise RuntimeError(f"{name} answered otherwise: {entry} and {balance}")


def _finding(measured: Mapping[str, Measured]) -> Finding:
    names = list(measured[WRITE].seconds)
    return Finding(
        title="A handler's own cost",
        about=_ABOUT,
        columns=["", *(cell for what in measured for cell in (what, _SAME, _NOTHING))],
        rows=[_row(name, measured) for name in names],
        targets=[
            Target(f"{what}, to {bare}", one.ratio(OURS, bare), "at most", limit, why)
            for bare, limit, why in ((BARE, 2.0, _WHY_EDGE), (ALONE, 1.5, _WHY_LEDGER))
            for what, one in measured.items()
        ],
    )


def _row(name: str, measured: Mapping[str, Measured]) -> list[str]:
    cells = [name]
    for one in measured.values():
        cells += [microseconds(one.best(name))]
        cells += [times(one.ratio(name, bare)) for bare in (BARE, ALONE)]
    return cells


_SAME, _NOTHING = "to bare, same work behind", "to bare, nothing behind"
_ABOUT = (
    "CPU time of one call from API Gateway's event to its answer, with stores that answer at once. "
    "The peers read and answer the same JSON with pydantic models. All but one of them then run "
    "Livro Caixa's own commands and queries (ids, fingerprints, sealed texts, days, sums), so that "
    "the difference is the edge: scope and merchant, strict JSON, a fault for each field, ETags, "
    "headers, and a log line with metrics. One has nothing behind it and keeps nothing: the "
    "difference to it is all that a ledger does for a request."
)
_WHY_EDGE = (
    "The difference is what the others leave out: scopes, strict JSON, problems, ETags, and one "
    "log line with metrics a request. The limit is 2.0, because requests pass through Chalice's "
    "dispatcher; before they did, it was 1.4."
)
_WHY_LEDGER = (
    "Most of the difference is the ledger's own: an id and a fingerprint by SHA-256, texts sealed "
    "with a salt, instants and days, the running balance, and the read's ETag. What answers "
    "without them cannot tell a replay from a new request, or a changed balance from an old one."
)
