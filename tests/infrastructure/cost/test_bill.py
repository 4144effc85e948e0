"""The bill: each line item has a price, and totals are the sums of the parts."""

from collections import Counter
from dataclasses import replace

import pytest

from infrastructure.cost import designs
from infrastructure.cost.fixed_costs import fixed_costs
from infrastructure.cost.measured import Measured, Operation
from infrastructure.cost.page import DESIGNS, dollars, page
from infrastructure.cost.prices import prices
from infrastructure.cost.workload import VOLUMES, Workload

NOTHING = Operation(Counter(), 0, 0, 0, 0.001, 200, 700)
MEASURED = Measured(
    record=replace(NOTHING, calls=Counter({"dynamodb:PutItem": 1}), write_units=2),
    balance=replace(NOTHING, statements=1),
    page=replace(NOTHING, statements=1),
    project_one=replace(NOTHING, statements=1),
    project_batch=replace(NOTHING, statements=1, cpu_seconds=0.004),
    close_merchant=replace(NOTHING, statements=4, read_units=2),
    statement=replace(NOTHING, statements=3, cpu_seconds=0.2),
    bank_file=replace(NOTHING, calls=Counter({"s3:PutObject": 2}), write_units=300, read_units=60),
    web_page=NOTHING,
    ledger_bytes=1400,
    read_model_bytes=1000,
)


def total(name: str, entries: int) -> float:
    """Return the monthly cost of a design."""
    lines = DESIGNS[name](Workload(entries), MEASURED, fixed_costs(entries))
    return sum(dollars(lines, prices()).values())


def test_prices_have_sources_and_uses() -> None:
    lines = [
        line
        for design in DESIGNS.values()
        for entries in VOLUMES
        for line in design(Workload(entries), MEASURED, fixed_costs(entries))
    ]
    assert all(line.units >= 0 for line in lines)
    assert {line.price for line in lines} == set(prices().dollars)
    assert all("aws.amazon.com/" in source for source in prices().sources.values())
    assert len(prices().as_of) == len("2026-11-23")


@pytest.mark.parametrize("entries", VOLUMES)
def test_naive_design_costs_more(entries: int) -> None:
    assert total("Livro Caixa", entries) < total("naive serverless", entries)


def test_unused_small_stage_pays_only_fixed_costs() -> None:
    lines = list(designs.livro_caixa(Workload(0), MEASURED, fixed_costs(0)))
    costs = {line.price for line in lines if line.units * prices().dollars[line.price] > 0.1}
    assert costs == {
        "rds_t4g_small_hour", "rds_gb_month", "kms_key_month", "metric_month",
        "alarm_metric_month", "composite_alarm_month", "dashboard_month", "cognito_machine_token",
        "api_gateway_rest_request",
    }  # fmt: skip


def test_bank_files_and_pages_are_paid() -> None:
    """A merchant imports four files of 50 rows, and loads the dashboard 104 times."""
    work = Workload(VOLUMES[1])
    lines = [
        line
        for line in designs.livro_caixa(work, MEASURED, fixed_costs(VOLUMES[1]))
        if line.part == "bank files"
    ]
    assert [(line.price, line.units) for line in lines] == [
        ("dynamodb_write_unit", 4_000 * 300), ("dynamodb_read_unit", 4_000 * 60),
        ("s3_put", 4_000 * 2),
    ]  # fmt: skip
    assert (work.statements, work.web_pages) == (2_000, 114_000)


def test_alarms_are_paid_by_metric() -> None:
    """An alarm on a formula costs as much as its metrics, and a composite alarm 50 cents."""
    small, large = fixed_costs(0), fixed_costs(VOLUMES[-1])
    formulas = {"failures": 4 * 2, "slowness": 4 * 2, "requested runs": 3, "functions": 4 + 2 + 2}
    formulas |= {"ledger throttled": 3}
    plain = {"money": 4, "night": 2, "flow": 4, "functions": 2, "database": 5}
    assert small.alarm_metrics == sum(formulas.values()) + sum(plain.values())
    assert large.alarm_metrics == small.alarm_metrics - 1 + 2  # no credits, two nodes of Redis
    assert (small.composite_alarms, large.composite_alarms) == (4, 4)


def test_large_stage_pays_endpoints_per_zone() -> None:
    lines = designs.livro_caixa(Workload(VOLUMES[-1]), MEASURED, fixed_costs(VOLUMES[-1]))
    (endpoints,) = [line for line in lines if line.price == "interface_endpoint_hour"]
    assert endpoints.units == 4 * 2 * 730


def test_page_shows_totals_and_assumptions() -> None:
    result = page(MEASURED, prices())
    for name in DESIGNS:
        assert f"{total(name, VOLUMES[0]):,.2f}" in result
    assert prices().as_of in result
    assert "Assumed:" in result
    assert "2 write units" in result
