"""Three designs of the same service, each as the line items of its monthly bill."""

import math
from collections.abc import Iterator

from infrastructure.cost.fixed_costs import FixedCosts
from infrastructure.cost.line_items import (
    GB,
    Line,
    bank_files,
    cold_start_seconds,
    consolidation,
    cpu_per_entry,
    duration,
    functions,
    ledger,
    ledger_storage,
    observability,
    read_model,
    responses_gb,
    seals,
    sign_in,
)
from infrastructure.cost.measured import Measured
from infrastructure.cost.workload import HOURS, NODE_UTILISATION, Workload
from infrastructure.functions import REST

VCPUS_OF_A_NODE = 2


def livro_caixa(work: Workload, measured: Measured, fixed: FixedCosts) -> Iterator[Line]:
    """Return the bill of this project."""
    yield Line("gateway", "api_gateway_rest_request", work.requests)
    yield from functions(work, measured)
    yield from ledger(work, measured)
    yield from bank_files(work, measured)
    yield from read_model(work, measured, fixed)
    yield from consolidation(work, measured)
    if fixed.redis_nodes:
        hours = fixed.redis_nodes * HOURS
        yield Line("Redis", "valkey_t4g_small_hour", hours)
    yield Line("network", "interface_endpoint_hour", fixed.endpoints * HOURS)
    yield from sign_in(work)
    yield from observability(work, measured, fixed)
    yield Line("data out", "transfer_out_gb", responses_gb(work, measured))


def eks(work: Workload, measured: Measured, fixed: FixedCosts) -> Iterator[Line]:
    """Return the bill of the same code in pods in two zones, with only PostgreSQL."""
    cpu = (
        work.entries * (measured.record.cpu_seconds + cpu_per_entry(measured))
        + work.balances * measured.balance.cpu_seconds
        + work.pages * measured.page.cpu_seconds
        + work.statements * measured.statement.cpu_seconds
        + work.bank_files * measured.bank_file.cpu_seconds
        + work.web_pages * measured.web_page.cpu_seconds
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
    yield Line("network", "nat_gateway_gb", responses_gb(work, measured))
    yield Line("events", "sqs_request", 3 * work.entries)
    bytes_per_entry = measured.ledger_bytes / 2 + measured.read_model_bytes
    yield Line("read model", fixed.database_price, 2 * HOURS)
    yield Line(
        "read model", "rds_gb_month", 2 * max(20, work.stored_entries * bytes_per_entry / GB)
    )
    yield Line("Redis", "valkey_t4g_small_hour", 2 * HOURS)
    yield from seals(work)
    yield from sign_in(work)
    yield from observability(work, measured, fixed)
    yield Line("data out", "transfer_out_gb", responses_gb(work, measured))


def naive(work: Workload, measured: Measured, fixed: FixedCosts) -> Iterator[Line]:
    """Return the bill of a transaction and a state machine execution per entry.

    A DynamoDB transaction writes the entry, its idempotency record and its day's balance; each
    entry starts a standard execution with five transitions and three functions; two NAT gateways.
    """
    yield Line("gateway", "api_gateway_rest_request", work.requests)
    calls = work.entries * 4 + work.requests - work.entries
    seconds = duration(measured.record, REST) * 2
    yield Line("functions", "lambda_request", calls)
    yield Line("functions", "lambda_gb_second", calls * (seconds + cold_start_seconds()))
    writes = measured.record.write_units + 1 + 2
    yield Line("ledger", "dynamodb_write_unit", 2 * writes * work.entries)
    yield Line("ledger", "dynamodb_read_unit", work.entries + work.balances + 6 * work.pages)
    yield from ledger_storage(work, 1.5 * measured.ledger_bytes)
    yield Line("consolidation", "step_functions_transition", 5 * work.entries)
    yield Line("events", "eventbridge_event", work.entries)
    yield Line("network", "nat_gateway_hour", 2 * HOURS)
    yield Line("network", "nat_gateway_gb", 4 * work.entries * 2000 / GB)
    yield Line("Redis", "valkey_t4g_small_hour", 2 * HOURS)
    yield from sign_in(work)
    yield from observability(work, measured, fixed, calls_per_entry=4)
    yield Line("data out", "transfer_out_gb", responses_gb(work, measured))
