"""What is paid for by the month, whether or not anybody comes: read from sizes and templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infrastructure.sizes import LARGE, SMALL, Size

TEMPLATES = (
    Path(__file__).parents[1] / "observability.yaml",
    Path(__file__).parents[2] / "stepfunctions" / "template.yaml",
)
# Up to here the smallest stage carries a month's work.
SMALL_CARRIES = 1_000_000
INTERFACE_ENDPOINTS, ZONES = 4, 2
DATABASE_PRICES: Mapping[str, str] = {
    "db.t4g.micro": "rds_t4g_micro_hour",
    "db.m7g.large": "rds_m7g_large_hour",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The fixed parts of a stage of a size; `endpoints` are counted zone by zone."""

    size: str
    database_price: str
    database_zones: int
    database_gb: float
    fast_memory_nodes: int
    endpoints: int
    log_days: int
    metrics: int
    alarms: int
    dashboards: int


def standing(entries: int) -> Standing:
    """Return the fixed parts of the stage that carries so many entries a month."""
    size = SMALL if entries <= SMALL_CARRIES else LARGE
    return Standing(
        size=size.name,
        database_price=DATABASE_PRICES[size.database["InstanceClass"]],
        database_zones=2 if size.database["TwoZones"] == "on" else 1,
        database_gb=float(size.database["StorageGb"]),
        fast_memory_nodes=int((size.fast_memory or {"Nodes": "0"})["Nodes"]),
        endpoints=_endpoints(size),
        log_days=size.log_days,
        metrics=_metrics(),
        alarms=_count("AWS::CloudWatch::Alarm"),
        dashboards=_count("AWS::CloudWatch::Dashboard"),
    )


def _endpoints(size: Size) -> int:
    return INTERFACE_ENDPOINTS * ZONES if size.network["WayOut"] == "endpoints" else 0


def _metrics() -> int:
    from chalicelib.observability.metrics import METRICS

    return len(METRICS)


def _count(kind: str) -> int:
    return sum(
        len(re.findall(rf"^    Type: {kind}$", path.read_text(), re.M)) for path in TEMPLATES
    )
