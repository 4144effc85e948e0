"""The line items of a bill, of which the designs are made."""

from collections.abc import Iterator
from dataclasses import dataclass

from infrastructure.cost.fixed_costs import FixedCosts
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
# Bytes that Lambda (START, END, REPORT) and the access log write per call.
PLATFORM_LOG_BYTES = 700
RUN_TRANSITIONS, RANGE_TRANSITIONS, MOST_RANGES = 8, 3, 100
READ_UNIT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Line:
    """One line item: the part of the bill, the name of the price, and the number of units."""

    part: str
    price: str
    units: float


def duration(operation: Operation, name: str) -> float:
    """Return the billed seconds of a warm call of a function."""
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
    """Return the costs of the REST function and the projector."""
    rest = function(REST).memory_mb / 1024
    projector = function("projector").memory_mb / 1024
    seconds = (
        (work.entries + CANARY_REQUESTS) * duration(measured.record, REST)
        + work.balances * duration(measured.balance, REST)
        + work.pages * duration(measured.page, REST)
        + work.statements * duration(measured.statement, REST)
        + work.bank_files * duration(measured.bank_file, REST)
        + work.web_pages * duration(measured.web_page, REST)
        + work.requests * cold_start_seconds()
    )
    single = duration(measured.project_one, "projector")
    per_entry = (duration(measured.project_batch, "projector") - single) / BATCH
    projecting = work.batches * (single + cold_start_seconds()) + work.entries * per_entry
    yield Line("functions", "lambda_request", work.requests + work.batches)
    yield Line("functions", "lambda_gb_second", seconds * rest + projecting * projector)


def ledger(work: Workload, measured: Measured) -> Iterator[Line]:
    """Return the costs of the DynamoDB table."""
    yield Line("ledger", "dynamodb_write_unit", work.entries * measured.record.write_units)
    yield from ledger_storage(work, measured.ledger_bytes)


def bank_files(work: Workload, measured: Measured) -> Iterator[Line]:
    """Return the costs of imports beside the function: their items, their entries, their file."""
    calls = measured.bank_file.calls
    puts = sum(count for name, count in calls.items() if name.startswith("s3:"))
    yield Line(
        "bank files", "dynamodb_write_unit", work.bank_files * measured.bank_file.write_units
    )
    yield Line("bank files", "dynamodb_read_unit", work.bank_files * measured.bank_file.read_units)
    yield Line("bank files", "s3_put", work.bank_files * puts)  # a GET costs less


def ledger_storage(work: Workload, bytes_per_entry: float) -> Iterator[Line]:
    """Return the costs of the table's storage and backups."""
    stored = work.stored_entries * bytes_per_entry / GB
    yield Line("ledger", "dynamodb_gb_month", stored)
    yield Line("ledger", "dynamodb_backup_gb_month", stored)


def read_model(work: Workload, measured: Measured, fixed: FixedCosts) -> Iterator[Line]:
    """Return the costs of PostgreSQL."""
    zones = fixed.database_zones
    stored = max(fixed.database_gb, work.stored_entries * measured.read_model_bytes / GB)
    yield Line("read model", fixed.database_price, zones * HOURS)
    yield Line("read model", "rds_gb_month", zones * stored)


def consolidation(work: Workload, measured: Measured) -> Iterator[Line]:
    """Return the costs of the nightly runs, each of which reads a thirtieth of the table."""
    ranges = min(MOST_RANGES, work.merchants + 4)
    transitions = DAYS * (RUN_TRANSITIONS + RANGE_TRANSITIONS * ranges)
    closing = function("consolidate_range")
    seconds = work.closings * duration(measured.close_merchant, closing.name)
    swept = work.stored_entries * measured.ledger_bytes / 2 / READ_UNIT_BYTES / 2
    reads = work.closings * measured.close_merchant.read_units + swept
    yield Line("consolidation", "step_functions_transition", transitions)
    yield Line("consolidation", "lambda_request", DAYS * (ranges + 3) + 24 * DAYS)
    yield Line("consolidation", "lambda_gb_second", seconds * closing.memory_mb / 1024)
    yield Line("consolidation", "dynamodb_read_unit", reads)
    yield from seals(work)


def seals(work: Workload) -> Iterator[Line]:
    """Return the costs of the signing key, the bucket and the events."""
    yield Line("seals", "kms_key_month", 1)
    yield Line("seals", "kms_asymmetric_request", work.closings)
    yield Line("seals", "s3_put", 3 * work.closings)  # leaves, closing; a LIST costs as much
    yield Line("seals", "s3_gb_month", 12 * work.closings * 5000 / GB)
    yield Line("seals", "eventbridge_event", work.closings)


def sign_in(work: Workload) -> Iterator[Line]:
    """Return the costs of Cognito."""
    yield Line("sign-in", "cognito_user_month", work.paid_users)
    yield Line("sign-in", "cognito_machine_token", CANARY_TOKENS)


def observability(
    work: Workload, measured: Measured, fixed: FixedCosts, calls_per_entry: int = 1
) -> Iterator[Line]:
    """Return the costs of logs, metrics, alarms and traces."""
    written = (
        work.entries * calls_per_entry * (measured.record.log_bytes + PLATFORM_LOG_BYTES)
        + work.balances * (measured.balance.log_bytes + PLATFORM_LOG_BYTES)
        + work.pages * (measured.page.log_bytes + PLATFORM_LOG_BYTES)
        + work.statements * (measured.statement.log_bytes + PLATFORM_LOG_BYTES)
        + work.bank_files * (measured.bank_file.log_bytes + 2 * PLATFORM_LOG_BYTES)
        + work.web_pages * (measured.web_page.log_bytes + PLATFORM_LOG_BYTES)
        + work.batches * (measured.project_batch.log_bytes + PLATFORM_LOG_BYTES)
    ) / GB
    yield Line("observability", "logs_gb", written)
    yield Line("observability", "logs_gb_month", written * fixed.log_days / DAYS)
    yield Line("observability", "metric_month", fixed.metrics)
    yield Line("observability", "alarm_metric_month", fixed.alarm_metrics)
    yield Line("observability", "composite_alarm_month", fixed.composite_alarms)
    yield Line("observability", "dashboard_month", fixed.dashboards)
    yield Line("observability", "trace", TRACED_SHARE * work.requests)


def responses_gb(work: Workload, measured: Measured) -> float:
    """Return the gigabytes of all responses."""
    sent = (
        work.entries * measured.record.response_bytes
        + work.balances * measured.balance.response_bytes
        + work.pages * measured.page.response_bytes
        + work.statements * measured.statement.response_bytes
        + work.web_pages * measured.web_page.response_bytes
    )
    return sent / GB


def cpu_per_entry(measured: Measured) -> float:
    """Return the CPU seconds of projecting one entry of a full batch."""
    return measured.project_batch.cpu_seconds / BATCH


def cold_start_seconds() -> float:
    """Return the seconds that cold starts add to an average call."""
    return COLD_SHARE * COLD_SECONDS
