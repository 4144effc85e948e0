"""The parts of a bill, which the designs are put together from."""

from collections.abc import Iterator
from dataclasses import dataclass

from infrastructure.cost.fixed_costs import Standing
from infrastructure.cost.measured import BATCH, Measured, Operation
from infrastructure.cost.workload import (
    CANARY_REQUESTS,
    CANARY_TOKENS,
    COLD_SECONDS,
    COLD_SHARE,
    DAYS,
    HOURS,
    ROUND_TRIP_SECONDS,
    TRACED_SHARE,
    Workload,
)
from infrastructure.functions import REST, function

GB = 1e9
# What Lambda itself and the access log write about a call (START, END, REPORT, one line).
PLATFORM_LOG_BYTES = 700
NIGHT_TRANSITIONS, RANGE_TRANSITIONS, MOST_RANGES = 8, 3, 100
READ_UNIT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: what for, which price, and how many units of it."""

    part: str
    price: str
    units: float


def duration(operation: Operation, name: str) -> float:
    """Return the seconds that a call of a function is billed for, warm."""
    share = min(1.0, function(name).memory_mb / 1769)
    waits = sum(
        count * ROUND_TRIP_SECONDS[call.partition(":")[0]]
        for call, count in operation.calls.items()
    )
    return (
        operation.cpu_seconds / share
        + waits
        + operation.statements * ROUND_TRIP_SECONDS["postgresql"]
    )


def functions(work: Workload, measured: Measured) -> Iterator[Line]:
    """The REST function and the projector."""
    rest = function(REST).memory_mb / 1024
    projector = function("projector").memory_mb / 1024
    seconds = (
        (work.entries + CANARY_REQUESTS) * duration(measured.record, REST)
        + work.balances * duration(measured.balance, REST)
        + work.pages * duration(measured.page, REST)
        + work.requests * cold()
    )
    alone = duration(measured.project_one, "projector")
    added = (duration(measured.project_batch, "projector") - alone) / BATCH
    projecting = work.batches * (alone + cold()) + work.entries * added
    yield Line("functions", "lambda_request", work.requests + work.batches)
    yield Line("functions", "lambda_gb_second", seconds * rest + projecting * projector)


def ledger(work: Workload, measured: Measured) -> Iterator[Line]:
    """The DynamoDB table."""
    yield Line("ledger", "dynamodb_write_unit", work.entries * measured.record.write_units)
    yield from ledger_storage(work, measured.ledger_bytes)


def ledger_storage(work: Workload, an_entry: float) -> Iterator[Line]:
    """What the table keeps, and its backups."""
    stored = work.kept_entries * an_entry / GB
    yield Line("ledger", "dynamodb_gb_month", stored)
    yield Line("ledger", "dynamodb_backup_gb_month", stored)


def read_model(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """PostgreSQL."""
    zones = standing.database_zones
    stored = max(standing.database_gb, work.kept_entries * measured.read_model_bytes / GB)
    yield Line("read model", standing.database_price, zones * HOURS)
    yield Line("read model", "rds_gb_month", zones * stored)


def night(work: Workload, measured: Measured) -> Iterator[Line]:
    """The state machine, its functions and what they read; a thirtieth of the table each night."""
    ranges = min(MOST_RANGES, work.merchants + 4)
    transitions = DAYS * (NIGHT_TRANSITIONS + RANGE_TRANSITIONS * ranges)
    closing = function("consolidate_range")
    seconds = work.closings * duration(measured.close_merchant, closing.name)
    swept = work.kept_entries * measured.ledger_bytes / 2 / READ_UNIT_BYTES / 2
    reads = work.closings * measured.close_merchant.read_units + swept
    yield Line("night", "step_functions_transition", transitions)
    yield Line("night", "lambda_request", DAYS * (ranges + 3) + 24 * DAYS)
    yield Line("night", "lambda_gb_second", seconds * closing.memory_mb / 1024)
    yield Line("night", "dynamodb_read_unit", reads)
    yield from seals(work)


def seals(work: Workload) -> Iterator[Line]:
    """The signing key, the bucket and the announcements."""
    yield Line("seals", "kms_key_month", 1)
    yield Line("seals", "kms_asymmetric_request", work.closings)
    yield Line("seals", "s3_put", work.closings)
    yield Line("seals", "s3_gb_month", 12 * work.closings * 5000 / GB)
    yield Line("seals", "eventbridge_event", work.closings)


def people(work: Workload) -> Iterator[Line]:
    """Signing in."""
    yield Line("people", "cognito_user_month", work.paid_users)
    yield Line("people", "cognito_machine_month", 2)
    yield Line("people", "cognito_machine_token", CANARY_TOKENS)


def sight(
    work: Workload, measured: Measured, standing: Standing, calls_an_entry: int = 1
) -> Iterator[Line]:
    """Logs, metrics, alarms and traces."""
    written = (
        work.entries * calls_an_entry * (measured.record.log_bytes + PLATFORM_LOG_BYTES)
        + work.balances * (measured.balance.log_bytes + PLATFORM_LOG_BYTES)
        + work.pages * (measured.page.log_bytes + PLATFORM_LOG_BYTES)
        + work.batches * (measured.project_batch.log_bytes + PLATFORM_LOG_BYTES)
    ) / GB
    yield Line("sight", "logs_gb", written)
    yield Line("sight", "logs_gb_month", written * standing.log_days / DAYS)
    yield Line("sight", "metric_month", standing.metrics)
    yield Line("sight", "alarm_month", standing.alarms)
    yield Line("sight", "dashboard_month", standing.dashboards)
    yield Line("sight", "trace", TRACED_SHARE * work.requests)


def answers_gb(work: Workload, measured: Measured) -> float:
    """Return how many gigabytes go out."""
    sent = (
        work.entries * measured.record.answer_bytes
        + work.balances * measured.balance.answer_bytes
        + work.pages * measured.page.answer_bytes
    )
    return sent / GB


def cpu_an_entry(measured: Measured) -> float:
    """Return the CPU time of projecting an entry, in batches."""
    return measured.project_batch.cpu_seconds / BATCH


def cold() -> float:
    """Return the seconds that cold starts add to a call."""
    return COLD_SHARE * COLD_SECONDS
