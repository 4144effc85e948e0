"""Three ways to carry a month's work, each as a list of what it is billed for."""

import math
from collections.abc import Iterator

from infrastructure.cost.fixed_costs import Standing
from infrastructure.cost.line_items import (
    GB,
    Line,
    answers_gb,
    cold,
    cpu_an_entry,
    duration,
    functions,
    ledger,
    ledger_storage,
    night,
    people,
    read_model,
    seals,
    sight,
)
from infrastructure.cost.measured import Measured
from infrastructure.cost.workload import HOURS, NODE_UTILISATION, Workload
from infrastructure.functions import REST

VCPUS_OF_A_NODE = 2


def ours(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """Return the bill of this project."""
    yield Line("gateway", "api_gateway_rest_request", work.requests)
    yield from functions(work, measured)
    yield from ledger(work, measured)
    yield from read_model(work, measured, standing)
    yield from night(work, measured)
    if standing.fast_memory_nodes:
        hours = standing.fast_memory_nodes * HOURS
        yield Line("fast memory", "valkey_t4g_small_hour", hours)
    yield Line("network", "interface_endpoint_hour", standing.endpoints * HOURS)
    yield from people(work)
    yield from sight(work, measured, standing)
    yield Line("data out", "transfer_out_gb", answers_gb(work, measured))


def eks(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """Return the bill of the same code in pods, in two zones, with PostgreSQL alone."""
    cpu = (
        work.entries * (measured.record.cpu_seconds + cpu_an_entry(measured))
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
    yield Line("network", "nat_gateway_gb", answers_gb(work, measured))
    yield Line("events", "sqs_request", 3 * work.entries)
    both = measured.ledger_bytes / 2 + measured.read_model_bytes
    yield Line("read model", standing.database_price, 2 * HOURS)
    yield Line("read model", "rds_gb_month", 2 * max(20, work.kept_entries * both / GB))
    yield Line("fast memory", "valkey_t4g_small_hour", 2 * HOURS)
    yield from seals(work)
    yield from people(work)
    yield from sight(work, measured, standing)
    yield Line("data out", "transfer_out_gb", answers_gb(work, measured))


def naive(work: Workload, measured: Measured, standing: Standing) -> Iterator[Line]:
    """Return the bill of one transaction and one execution an entry, with running balances.

    An entry, its idempotency record and its day's balance in one DynamoDB transaction; a standard
    execution of five transitions and three functions for each; a network with two NAT gateways.
    """
    yield Line("gateway", "api_gateway_rest_request", work.requests)
    calls = work.entries * 4 + work.balances + work.pages
    seconds = duration(measured.record, REST) * 2
    yield Line("functions", "lambda_request", calls)
    yield Line("functions", "lambda_gb_second", calls * (seconds + cold()))
    writes = measured.record.write_units + 1 + 2
    yield Line("ledger", "dynamodb_write_unit", 2 * writes * work.entries)
    yield Line("ledger", "dynamodb_read_unit", work.entries + work.balances + 6 * work.pages)
    yield from ledger_storage(work, 1.5 * measured.ledger_bytes)
    yield Line("night", "step_functions_transition", 5 * work.entries)
    yield Line("events", "eventbridge_event", work.entries)
    yield Line("network", "nat_gateway_hour", 2 * HOURS)
    yield Line("network", "nat_gateway_gb", 4 * work.entries * 2000 / GB)
    yield Line("fast memory", "valkey_t4g_small_hour", 2 * HOURS)
    yield from people(work)
    yield from sight(work, measured, standing, calls_an_entry=4)
    yield Line("data out", "transfer_out_gb", answers_gb(work, measured))
