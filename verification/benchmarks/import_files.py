"""What the largest import takes: its preview, and its recording beside a batch of entries."""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import cache, partial
from typing import Any

from chalicelib.bank_files.errors import MAX_ROWS
from infrastructure.functions import REST, function
from verification.benchmarks import Extent
from verification.benchmarks.beside_statements import AT_ONCE, on_cores, others, post_seconds
from verification.benchmarks.events import BODY, CONTEXT, api_event
from verification.benchmarks.instant_aws import instant_aws
from verification.benchmarks.results import Comparison, Target, at_most
from verification.benchmarks.rounds import Contender, Measured, interleaved, silence_logs
from verification.benchmarks.servers import read_model_server
from verification.kit.api_client import fresh_account, fresh_key

MOST_SECONDS, MOST_SECONDS_IN_LAMBDA, MOST_MB = 5.0, 20.0, 400
MOST_SLOWER = 1.2
"""How many times as long a POST may take beside previews."""
_CORE_MB = 1769
_ROUNDS = 3
_RECORDED = 2000
_BATCH = 100
_LAST = date(2026, 11, 23)
_PREVIEW, _RECORDING, _ENTRIES = "preview", "recording", "POST /v1/entries/batch"
_ABOUT = (
    "CPU time of POST /v1/imports through the warm handler, with PostgreSQL on this machine and "
    "AWS clients that respond at once: an OFX file of {rows:,} new rows, of which none was "
    "recorded before. The estimate for Lambda divides by the function's share of a core ({memory:,}"
    " of 1,769 MB). Then the rows and entries that one core records in a second, without waiting "
    "for DynamoDB."
)
_WHY = "Two thirds of it is reading the file; the rest looks up 50,000 identities."
_WHY_POST = "They share only the processor's caches and memory, or the core where there is one."


def measure(extent: Extent) -> Comparison:
    """Return the CPU time of previewing the largest file, and the rates of recording."""
    count, rounds = min(extent.entries, MAX_ROWS), min(extent.rounds, _ROUNDS)
    recorded = min(count, _RECORDED)
    with ExitStack() as stack:
        with on_cores(others):
            stack.enter_context(read_model_server(durable=False))
        stack.enter_context(silence_logs())
        stack.enter_context(instant_aws())
        previews = interleaved(
            [Contender(_PREVIEW, partial(preview, count))], rounds, time.process_time
        )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rates = interleaved(list(_recorders(recorded)), rounds, time.process_time)
        posts = post_seconds(4 * rounds, extent.entries, "imports")
    seconds = previews.best(_PREVIEW)
    return Comparison(
        title=f"Imports of {count:,} rows",
        about=_ABOUT.format(rows=count, memory=function(REST).memory_mb),
        columns=["", "CPU", "estimated in Lambda", "a second"],
        rows=[
            [_PREVIEW, f"{seconds:.2f} s", f"{_in_lambda(seconds):.1f} s", ""],
            *([name, "", "", f"{rates.speed(name):,.0f}"] for name in (_RECORDING, _ENTRIES)),
        ],
        targets=[*_targets(seconds, memory, rates), _post_target(posts[1] / posts[0])],
        notes=[
            f"The process that previewed the file took {memory:,} MB at most.",
            f"The 95th percentile of POST /v1/entries was {posts[0] * 1000:.2f} ms alone and "
            f"{posts[1] * 1000:.2f} ms beside {AT_ONCE} processes that previewed files on another "
            "core, as every instance in Lambda has its own.",
        ],
    )


def preview(rows: int) -> dict[str, Any]:
    """Preview a file of new rows; return the import."""
    query = {"account": fresh_account()}
    headers = {"Content-Type": "application/x-ofx", "Idempotency-Key": fresh_key()}
    return _sent("POST", "/v1/imports", 201, headers=headers, query=query, body=_file(rows))


@cache
def _file(rows: int) -> str:
    """Return an OFX file; the largest has 4 MiB."""
    transactions = "".join(
        f"<STMTTRN><DTPOSTED>{_LAST - timedelta(days=number % 365):%Y%m%d}"
        f"<TRNAMT>-{number}.{number % 100:02}<FITID>{number}<MEMO>PIX {number}\n"
        for number in range(1, rows + 1)
    )
    return f"OFXHEADER:100\n<OFX><STMTRS><BANKTRANLIST>{transactions}</BANKTRANLIST></STMTRS></OFX>"


def _recorders(rows: int) -> Iterator[Contender]:
    previewed: list[dict[str, Any]] = []

    def record() -> None:
        parameters = {"import_id": previewed[-1]["id"]}
        headers = {"Content-Type": "application/json"}
        route = "/v1/imports/{import_id}/recording"
        done = _sent("PUT", route, 200, headers=headers, body="{}", parameters=parameters)
        if done["rows"]["created"] != rows:
            raise RuntimeError(f"The import recorded {done['rows']}.")

    yield Contender(_RECORDING, record, rows, lambda: previewed.append(preview(rows)))
    yield Contender(_ENTRIES, partial(_record_batches, rows), rows)


def _record_batches(rows: int) -> None:
    for start in range(0, rows, _BATCH):
        size = min(_BATCH, rows - start)
        entries = [{"idempotency_key": fresh_key(), **BODY} for _ in range(size)]
        body = json.dumps({"entries": entries})
        headers = {"Content-Type": "application/json"}
        _sent("POST", "/v1/entries/batch", 200, headers=headers, body=body)


def _sent(method: str, route: str, status: int, **parts: Any) -> dict[str, Any]:
    import app

    response = app.app(api_event(method, route, **parts), CONTEXT)
    if response["statusCode"] != status:
        raise RuntimeError(f"{method} {route} returned {response}")
    body: dict[str, Any] = json.loads(response["body"])
    return body


def _in_lambda(seconds: float) -> float:
    return seconds / min(1, function(REST).memory_mb / _CORE_MB)


def _targets(seconds: float, memory: int, rates: Measured) -> Iterator[Target]:
    yield at_most(f"a preview, to {MOST_SECONDS:g} s of CPU", seconds / MOST_SECONDS, 1, _WHY)
    slowest = _in_lambda(seconds) / MOST_SECONDS_IN_LAMBDA
    yield at_most(f"a preview in Lambda, to {MOST_SECONDS_IN_LAMBDA:g} s", slowest, 1, _WHY)
    yield at_most(f"its memory, to {MOST_MB} MB", memory / MOST_MB, 1, _WHY)
    yield at_most("a recorded row, to an entry of a batch", rates.ratio(_RECORDING, _ENTRIES), 2)


def _post_target(ratio: float) -> Target:
    name = f"POST beside {AT_ONCE} previews, to alone"
    return at_most(name, ratio, MOST_SLOWER, _WHY_POST)
