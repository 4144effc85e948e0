"""The monthly costs that do not depend on use, from the sizes and templates of a stage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.observability.metrics import METRICS
from infrastructure.sizes import LARGE, SMALL, Size

TEMPLATES = (
    Path(__file__).parents[1] / "observability.yaml",
    Path(__file__).parents[2] / "stepfunctions" / "template.yaml",
)
# Entries a month up to which a small stage is large enough.
SMALL_STAGE_ENTRIES = 1_000_000
INTERFACE_ENDPOINTS, ZONES = 4, 2
DATABASE_PRICES: Mapping[str, str] = {
    "db.t4g.small": "rds_t4g_small_hour",
    "db.m7g.large": "rds_m7g_large_hour",
}


@dataclass(frozen=True, slots=True)
class FixedCosts:
    """The resources of a stage that are paid by time; `endpoints` are counted per zone.

    `alarm_metrics` are the metrics that alarms watch, because an alarm is paid for each of them.
    """

    size: str
    database_price: str
    database_zones: int
    database_gb: float
    redis_nodes: int
    endpoints: int
    log_days: int
    metrics: int
    alarm_metrics: int
    composite_alarms: int
    dashboards: int


def fixed_costs(entries: int) -> FixedCosts:
    """Return the fixed costs of a stage that is large enough for `entries` a month."""
    size = SMALL if entries <= SMALL_STAGE_ENTRIES else LARGE
    return FixedCosts(
        size=size.name,
        database_price=DATABASE_PRICES[size.database["InstanceClass"]],
        database_zones=2 if size.database["TwoZones"] == "on" else 1,
        database_gb=float(size.database["StorageGb"]),
        redis_nodes=int((size.redis or {"Nodes": "0"})["Nodes"]),
        endpoints=INTERFACE_ENDPOINTS * ZONES if size.network["WayOut"] == "endpoints" else 0,
        log_days=size.log_days,
        metrics=len(METRICS) + len(_resources("AWS::Logs::MetricFilter", size)),
        alarm_metrics=sum(
            text.count("MetricName:") for text in _resources("AWS::CloudWatch::Alarm", size)
        ),
        composite_alarms=len(_resources("AWS::CloudWatch::CompositeAlarm", size)),
        dashboards=len(_resources("AWS::CloudWatch::Dashboard", size)),
    )


def _resources(kind: str, size: Size) -> list[str]:
    """Return the texts of a stage's resources of a type, without those that its size lacks."""
    lacking = {"FastMemoryOnAws"} if size.redis is None else {"CreditsOnAws"}
    texts = [
        text
        for path in TEMPLATES
        for text in re.split(r"^  (?=\w+:$)", path.read_text(), flags=re.M)
        if re.search(rf"^    Type: {kind}$", text, re.M)
    ]
    return [text for text in texts if not any(f"Condition: {name}" in text for name in lacking)]
