"""The use of AWS by each operation, measured while the real handlers run."""

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
from infrastructure.cost.measurement import EmulatedStage
from infrastructure.cost.meter import Meter, Reading
from infrastructure.cost.sample_events import (
    balance_request,
    bank_file_request,
    copy_entry,
    ledger,
    recording_request,
    request,
    statement_request,
    stream_record,
)
from infrastructure.cost.workload import FILE_ROWS

WARM_CALLS = 40
BATCH = 100
MERCHANTS = 8
ENTRIES_OF_A_MERCHANT = 12
# As after an ordinary night: no day before the closed one is left to be compared.
_RECONCILED = """
    INSERT INTO read_model.reconciliations
    SELECT DISTINCT merchant_id, day - 1 FROM read_model.entries WHERE merchant_id LIKE 'shop-%'
"""
# A typical sale of a shop.
SALE = {
    "type": "credit",
    "amount": "150.75",
    "description": "Venda balcão, cartão de débito",
    "category": "sales",
    "metadata": {"order": "A-1729", "terminal": "caixa-2"},
}


@dataclass(frozen=True)
class Operation:
    """The median use of AWS by the warm calls of one operation."""

    calls: Counter[str]
    write_units: float
    read_units: float
    statements: float
    cpu_seconds: float
    log_bytes: float
    response_bytes: float = 0.0


@dataclass(frozen=True)
class Measured:
    """The measurements from which costs are computed; `project_batch` is of BATCH entries.

    `bank_file` is the preview and the recording of a file of FILE_ROWS rows, and `statement` a PDF
    of the entries of `project_batch`. `web_page` is the dashboard; its assets cost less.
    """

    record: Operation
    balance: Operation
    page: Operation
    project_one: Operation
    project_batch: Operation
    close_merchant: Operation
    statement: Operation
    bank_file: Operation
    web_page: Operation
    ledger_bytes: float
    read_model_bytes: float


def measure(stage: EmulatedStage) -> Measured:
    """Run every operation on an emulated stage, and return the measurements."""
    import app

    meter = stage.meter
    yesterday = datetime.now(UTC) - timedelta(days=1)
    record = _warm(meter, lambda: app.app(request("POST", "/v1/entries", SALE), None))
    items = ledger()
    project_one = _project(meter, app, items[:WARM_CALLS], 1)
    copies = [copy_entry(items[0], number) for number in range(BATCH * 12)]
    project_batch = _project(meter, app, copies, BATCH)
    return Measured(
        record=record,
        balance=_warm(meter, lambda: app.app(balance_request(yesterday), None)),
        page=_warm(meter, lambda: app.app(request("GET", "/v1/entries"), None)),
        project_one=project_one,
        project_batch=project_batch,
        close_merchant=_close(stage, app, yesterday),
        statement=_warm(meter, lambda: app.app(statement_request(yesterday), None), 5),
        bank_file=_import(meter, app),
        web_page=_warm(meter, lambda: app.app(request("GET", "/"), None)),
        ledger_bytes=statistics.fmean(map(stored_bytes, items)),
        read_model_bytes=_read_model_bytes(stage),
    )


def _warm(meter: Meter, call: Callable[[], Any], calls: int = WARM_CALLS) -> Operation:
    readings, sizes = [], []
    for number in range(calls + 5):
        with _silent() as lines, meter.reading() as reading:
            response = call()
        if number >= 5:
            reading.log_bytes = len(lines.getvalue().encode())
            readings.append(reading)
            sizes.append(len(json.dumps(response)) if isinstance(response, dict) else 0)
    return _median(readings, statistics.median(sizes))


def _project(meter: Meter, app: Any, items: list[Any], batch: int) -> Operation:
    readings = []
    for start in range(0, len(items), batch):
        records = [stream_record(item) for item in items[start : start + batch]]
        with _silent() as lines, meter.reading() as reading:
            app.projector({"Records": records}, None)
        reading.log_bytes = len(lines.getvalue().encode())
        readings.append(reading)
    return _median(readings[1:])


def _import(meter: Meter, app: Any) -> Operation:
    """Preview and record files, each with new rows."""
    readings = []
    for number in range(4):
        with _silent() as lines, meter.reading() as reading:
            preview = app.app(bank_file_request(number), None)
            assert preview["statusCode"] == 201, preview["body"]
            recorded = app.app(recording_request(json.loads(preview["body"])["id"]), None)
        assert recorded["statusCode"] == 200, recorded["body"]
        assert json.loads(recorded["body"])["rows"]["created"] == FILE_ROWS, recorded["body"]
        reading.log_bytes = len(lines.getvalue().encode())
        readings.append(reading)
    return _median(readings[1:])


def _close(stage: EmulatedStage, app: Any, yesterday: datetime) -> Operation:
    for number in range(MERCHANTS):
        for _ in range(ENTRIES_OF_A_MERCHANT):
            sale = SALE | {"occurred_at": yesterday.isoformat()}
            with _silent():
                app.app(request("POST", "/v1/entries", sale, f"shop-{number}"), None)
    items = [item for item in ledger() if item["merchant_id"]["S"].startswith("shop-")]
    day = items[0]["day"]["S"]
    with _silent():
        app.projector({"Records": [stream_record(item) for item in items]}, None)
    stage.sql(_RECONCILED)
    run = {"day": day, "execution": f"{day}-0", "merchant_id": None}
    start = {"next_after": None, "merchants": 0, "closed": 0, "repaired": 0, "failed": 0}
    closed = 0
    with _silent() as lines, stage.meter.reading() as reading:
        for number in range(MERCHANTS):
            part = {"merchant": f"shop-{number}"}
            progress = app.consolidate_range({**run, "range": part, "progress": start}, None)
            closed += progress["closed"]
    assert closed == MERCHANTS, f"{closed} of {MERCHANTS} closed: {lines.getvalue()}"
    reading.log_bytes = len(lines.getvalue().encode())
    return _divided(reading, MERCHANTS)


def _median(readings: list[Reading], response_bytes: float = 0.0) -> Operation:
    middle = statistics.median_low
    return Operation(
        calls=readings[-1].calls,
        write_units=middle(reading.write_units for reading in readings),
        read_units=middle(reading.read_units for reading in readings),
        statements=middle(reading.statements for reading in readings),
        cpu_seconds=middle(reading.cpu_seconds for reading in readings),
        log_bytes=middle(reading.log_bytes for reading in readings),
        response_bytes=response_bytes,
    )


def _divided(reading: Reading, count: int) -> Operation:
    return Operation(
        calls=Counter({name: calls / count for name, calls in reading.calls.items()}),
        write_units=reading.write_units / count,
        read_units=reading.read_units / count,
        statements=reading.statements / count,
        cpu_seconds=reading.cpu_seconds / count,
        log_bytes=reading.log_bytes / count,
    )


@contextlib.contextmanager
def _silent() -> Any:
    lines = io.StringIO()
    with contextlib.redirect_stdout(lines):
        yield lines


def _read_model_bytes(stage: EmulatedStage) -> float:
    """Return the bytes per entry in the database, indexes and totals included."""
    size, entries = stage.sql(
        "SELECT sum(pg_total_relation_size(c.oid)), (SELECT count(*) FROM read_model.entries)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'read_model' AND c.relkind = 'r'"
    )[0]
    return float(size) / float(entries)
