"""What each operation takes, counted while the real handlers run."""

import contextlib
import io
import json
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infrastructure.cost.capacity import stored_bytes
from infrastructure.cost.measurement import Laboratory
from infrastructure.cost.meter import Meter, Reading
from infrastructure.cost.sample_events import (
    balance_request,
    copied,
    ledger,
    request,
    stream_record,
)

WARM_CALLS = 40
BATCH = 100
MERCHANTS = 8
ENTRIES_OF_A_MERCHANT = 12
# A sale as a shop records it.
SALE = {
    "type": "credit",
    "amount": "150.75",
    "description": "Venda balcão, cartão de débito",
    "category": "sales",
    "metadata": {"order": "A-1729", "terminal": "caixa-2"},
}


@dataclass(frozen=True)
class Operation:
    """One operation, warm: what it takes in the median of its calls."""

    calls: Counter[str]
    write_units: float
    read_units: float
    statements: float
    cpu_seconds: float
    log_bytes: float
    answer_bytes: float = 0.0


@dataclass(frozen=True)
class Measured:
    """All that the cost of a month is made of; `project_batch` is of BATCH entries."""

    record: Operation
    balance: Operation
    page: Operation
    project_one: Operation
    project_batch: Operation
    close_merchant: Operation
    ledger_bytes: float
    read_model_bytes: float


def measure(laboratory: Laboratory) -> Measured:
    """Run every operation in a laboratory, and return what each took."""
    import app

    meter = laboratory.meter
    yesterday = datetime.now(UTC) - timedelta(days=1)
    record = _warm(meter, lambda: app.app(request("POST", "/v1/entries", SALE), None))
    items = ledger()
    project_one = _project(meter, app, items[:WARM_CALLS], 1)
    copies = [copied(items[0], number) for number in range(BATCH * 12)]
    project_batch = _project(meter, app, copies, BATCH)
    return Measured(
        record=record,
        balance=_warm(meter, lambda: app.app(balance_request(yesterday), None)),
        page=_warm(meter, lambda: app.app(request("GET", "/v1/entries"), None)),
        project_one=project_one,
        project_batch=project_batch,
        close_merchant=_close(meter, app, yesterday),
        ledger_bytes=statistics.fmean(map(stored_bytes, items)),
        read_model_bytes=_read_model_bytes(laboratory),
    )


def _warm(meter: Meter, call: Callable[[], Any]) -> Operation:
    readings, answers = [], []
    for number in range(WARM_CALLS + 5):
        with _silent() as lines, meter.reading() as reading:
            answer = call()
        if number >= 5:
            reading.log_bytes = len(lines.getvalue().encode())
            readings.append(reading)
            answers.append(len(json.dumps(answer)) if isinstance(answer, dict) else 0)
    return _median(readings, statistics.median(answers))


def _project(meter: Meter, app: Any, items: list[Any], batch: int) -> Operation:
    readings = []
    for start in range(0, len(items), batch):
        records = [stream_record(item) for item in items[start : start + batch]]
        with _silent() as lines, meter.reading() as reading:
            app.projector({"Records": records}, None)
        reading.log_bytes = len(lines.getvalue().encode())
        readings.append(reading)
    return _median(readings[1:])


def _close(meter: Meter, app: Any, yesterday: datetime) -> Operation:
    for number in range(MERCHANTS):
        for _ in range(ENTRIES_OF_A_MERCHANT):
            sale = SALE | {"occurred_at": yesterday.isoformat()}
            with _silent():
                app.app(request("POST", "/v1/entries", sale, f"shop-{number}"), None)
    mine = [item for item in ledger() if item["merchant_id"]["S"].startswith("shop-")]
    day = mine[0]["day"]["S"]
    with _silent():
        app.projector({"Records": [stream_record(item) for item in mine]}, None)
    query = {"day": day, "execution": f"{day}-0", "merchant_id": None}
    nothing = {"next_after": None, "merchants": 0, "closed": 0, "repaired": 0, "failed": 0}
    closed = 0
    with _silent() as lines, meter.reading() as reading:
        for number in range(MERCHANTS):
            part = {"merchant": f"shop-{number}"}
            result = app.consolidate_range({**query, "range": part, "progress": nothing}, None)
            closed += result["closed"]
    assert closed == MERCHANTS, f"{closed} of {MERCHANTS} closed: {lines.getvalue()}"
    reading.log_bytes = len(lines.getvalue().encode())
    return _share(reading, MERCHANTS)


def _median(readings: list[Reading], answer_bytes: float = 0.0) -> Operation:
    middle = statistics.median_low
    return Operation(
        calls=readings[-1].calls,
        write_units=middle(one.write_units for one in readings),
        read_units=middle(one.read_units for one in readings),
        statements=middle(one.statements for one in readings),
        cpu_seconds=middle(one.cpu_seconds for one in readings),
        log_bytes=middle(reading.log_bytes for reading in readings),
        answer_bytes=answer_bytes,
    )


def _share(reading: Reading, among: int) -> Operation:
    return Operation(
        calls=Counter({name: count / among for name, count in reading.calls.items()}),
        write_units=reading.write_units / among,
        read_units=reading.read_units / among,
        statements=reading.statements / among,
        cpu_seconds=reading.cpu_seconds / among,
        log_bytes=reading.log_bytes / among,
    )


@contextlib.contextmanager
def _silent() -> Any:
    lines = io.StringIO()
    with contextlib.redirect_stdout(lines):
        yield lines


def _read_model_bytes(laboratory: Laboratory) -> float:
    """Return what an entry takes of the database's disk, its indexes and totals included."""
    size, entries = laboratory.sql(
        "SELECT sum(pg_total_relation_size(c.oid)), (SELECT count(*) FROM read_model.entries)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'read_model' AND c.relkind = 'r'"
    )[0]
    return float(size) / float(entries)
