"""Three ways to carry a month's work, each as a list of what it is billed for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from infrastructure.cost.measured import BATCH, Measured, Operation
from infrastructure.cost.standing import Standing
from infrastructure.cost.workload import (
    CANARY_REQUESTS,
    CANARY_TOKENS,
    COLD_SECONDS,
    COLD_SHARE,
    DAYS,
    HOURS,
    NODE_UTILISATION,
    ROUND_TRIP_SECONDS,
    TRACED_SHARE,
    Workload,
)
from infrastructure.functions import REST, function

GB = 1e9
# What Lambda itself and the access log write about a call (START, END, REPORT, one line).
PLATFORM_LOG_BYTES = 700
NIGHT_TRANSITIONS, RANGE_TRANSITIONS, MOST_RANGES = 8, 3, 200
SWEEP_ENTRIES_A_UNIT = 4096
VCPUS_OF_A_NODE = 2


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


def ours(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """Return the bill of this project."""
    yield Line("gateway", "api_gateway_rest_request", work.requests)
    yield from _functions(work, measured)
    yield from _ledger(work, measured)
    yield from _read_model(work, measured, standing)
    yield from _night(work, measured)
    if standing.fast_memory_nodes:
        hours = standing.fast_memory_nodes * HOURS
        yield Line("fast memory", "valkey_t4g_small_hour", hours)
    yield Line("network", "interface_endpoint_hour", standing.endpoints * HOURS)
    yield from _people(work)
    yield from _sight(work, measured, standing)
    yield Line("data out", "transfer_out_gb", _answers_gb(work, measured))


def eks(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """Return the bill of the same code in pods, in two zones, with PostgreSQL alone."""
    cpu = (
        work.entries * (measured.record.cpu_seconds + _cpu_an_entry(measured))
        + work.balances * measured.balance.cpu_seconds
        + work.pages * measured.page.cpu_seconds
    )
    peak_cpu = work.peak_requests * cpu / work.requests
    nodes = max(3, math.ceil(peak_cpu / NODE_UTILISATION / VCPUS_OF_A_NODE) + 2)
    node = "ec2_t4g_medium_hour" if work.entries <= 1_000_000 else "ec2_m7g_large_hour"
    yield Line("cluster", "eks_cluster_hour", HOURS)
    yield Line("cluster", node, nodes * HOURS)
    yield Line("cluster", "ebs_gb_month", nodes * 20)
    yield Line("gateway", "load_balancer_hour", HOURS)
    yield Line("gateway", "load_balancer_unit_hour", max(1, work.peak_requests / 25) * HOURS)
    yield Line("network", "nat_gateway_hour", 2 * HOURS)
    yield Line("network", "nat_gateway_gb", _answers_gb(work, measured))
    yield Line("events", "sqs_request", 3 * work.entries)
    both = measured.ledger_bytes / 2 + measured.read_model_bytes
    yield Line("read model", standing.database_price, 2 * HOURS)
    yield Line("read model", "rds_gb_month", 2 * max(20, work.kept_entries * both / GB))
    yield Line("fast memory", "valkey_t4g_small_hour", 2 * HOURS)
    yield from _seals(work)
    yield from _people(work)
    yield from _sight(work, measured, standing)
    yield Line("data out", "transfer_out_gb", _answers_gb(work, measured))


def naive(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """Return the bill of one transaction and one execution an entry, with running balances.

    An entry, its idempotency record and its day's balance in one DynamoDB transaction; a standard
    execution of five transitions and three functions for each; a network with two NAT gateways.
    """
    yield Line("gateway", "api_gateway_rest_request", work.requests)
    calls = work.entries * 4 + work.balances + work.pages
    seconds = duration(measured.record, REST) * 2
    yield Line("functions", "lambda_request", calls)
    yield Line("functions", "lambda_gb_second", calls * (seconds + _cold()))
    writes = measured.record.write_units + 1 + 2
    yield Line("ledger", "dynamodb_write_unit", 2 * writes * work.entries)
    yield Line("ledger", "dynamodb_read_unit", work.entries + work.balances + 6 * work.pages)
    yield from _ledger_storage(work, 1.5 * measured.ledger_bytes)
    yield Line("night", "step_functions_transition", 5 * work.entries)
    yield Line("events", "eventbridge_event", work.entries)
    yield Line("network", "nat_gateway_hour", 2 * HOURS)
    yield Line("network", "nat_gateway_gb", 4 * work.entries * 2000 / GB)
    yield Line("fast memory", "valkey_t4g_small_hour", 2 * HOURS)
    yield from _people(work)
    yield from _sight(work, measured, standing, calls_an_entry=4)
    yield Line("data out", "transfer_out_gb", _answers_gb(work, measured))


def _functions(work: Workload, measured: Measured) -> Iterator[Line]:
    rest = function(REST).memory_mb / 1024
    projector = function("projector").memory_mb / 1024
    seconds = (
        (work.entries + CANARY_REQUESTS) * duration(measured.record, REST)
        + work.balances * duration(measured.balance, REST)
        + work.pages * duration(measured.page, REST)
        + work.requests * _cold()
    )
    alone = duration(measured.project_one, "projector")
    added = (duration(measured.project_batch, "projector") - alone) / BATCH
    projecting = work.batches * (alone + _cold()) + work.entries * added
    yield Line("functions", "lambda_request", work.requests + work.batches)
    yield Line("functions", "lambda_gb_second", seconds * rest + projecting * projector)


def _ledger(work: Workload, measured: Measured) -> Iterator[Line]:
    yield Line("ledger", "dynamodb_write_unit", work.entries * measured.record.write_units)
    yield from _ledger_storage(work, measured.ledger_bytes)


def _ledger_storage(work: Workload, an_entry: float) -> Iterator[Line]:
    stored = work.kept_entries * an_entry / GB
    yield Line("ledger", "dynamodb_gb_month", stored)
    yield Line("ledger", "dynamodb_backup_gb_month", stored)


def _read_model(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    zones = standing.database_zones
    stored = max(standing.database_gb, work.kept_entries * measured.read_model_bytes / GB)
    yield Line("read model", standing.database_price, zones * HOURS)
    yield Line("read model", "rds_gb_month", zones * stored)


def _night(work: Workload, measured: Measured) -> Iterator[Line]:
    ranges = min(MOST_RANGES, work.merchants + 4)
    transitions = DAYS * (NIGHT_TRANSITIONS + RANGE_TRANSITIONS * ranges)
    closing = function("consolidate_range")
    seconds = work.closings * duration(measured.close_merchant, closing.name)
    # A thirtieth of the whole table each night.
    swept = work.kept_entries * measured.ledger_bytes / 2 / SWEEP_ENTRIES_A_UNIT / 2
    reads = work.closings * measured.close_merchant.read_units + swept
    yield Line("night", "step_functions_transition", transitions)
    yield Line("night", "lambda_request", DAYS * (ranges + 3) + 24 * DAYS)
    yield Line("night", "lambda_gb_second", seconds * closing.memory_mb / 1024)
    yield Line("night", "dynamodb_read_unit", reads)
    yield from _seals(work)


def _seals(work: Workload) -> Iterator[Line]:
    yield Line("seals", "kms_key_month", 1)
    yield Line("seals", "kms_asymmetric_request", work.closings)
    yield Line("seals", "s3_put", work.closings)
    yield Line("seals", "s3_gb_month", 12 * work.closings * 5000 / GB)
    yield Line("seals", "eventbridge_event", work.closings)


def _people(work: Workload) -> Iterator[Line]:
    yield Line("people", "cognito_user_month", work.paid_users)
    yield Line("people", "cognito_machine_month", 2)
    yield Line("people", "cognito_machine_token", CANARY_TOKENS)


def _sight(
    work: Workload, measured: Measured, standing: Standing, calls_an_entry: int = 1
) -> Iterator[Line]:
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


def _answers_gb(work: Workload, measured: Measured) -> float:
    sent = (
        work.entries * measured.record.answer_bytes
        + work.balances * measured.balance.answer_bytes
        + work.pages * measured.page.answer_bytes
    )
    return sent / GB


def _cpu_an_entry(measured: Measured) -> float:
    return measured.project_batch.cpu_seconds / BATCH


def _cold() -> float:
    return COLD_SHARE * COLD_SECONDS
