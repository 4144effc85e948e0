"""The table of all metrics, and their form in a log line.

Metrics are part of log lines (CloudWatch embedded metric format), so counting costs no call. The
only dimension is the stage; a dimension per merchant would be unbounded.
"""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

NAMESPACE = "LivroCaixa"
DIMENSION = "Stage"


class Metric(NamedTuple):
    """A metric's unit, as CloudWatch names it, and what it counts or measures."""

    unit: str
    meaning: str

    def aggregate(self, first: float, second: float) -> float:
        """Combine two values of one line: the longer of two durations, otherwise the sum."""
        return max(first, second) if self.unit == "Milliseconds" else first + second


METRICS: Mapping[str, Metric] = {
    # Recording.
    "EntriesAccepted": Metric("Count", "an entry or reversal recorded"),
    "EntriesReplayed": Metric("Count", "a request that repeated an earlier one"),
    "EntriesRefused": Metric("Count", "a write, or an item of a batch, that was rejected (4xx)"),
    "EntriesFailed": Metric("Count", "a write, or an item of a batch, that failed (5xx)"),
    # Projection.
    "ProjectionBatchSize": Metric("Count", "stream records in one batch"),
    "ProjectionLag": Metric("Milliseconds", "from recording an entry to its part in the balance"),
    "EntriesProjected": Metric("Count", "an entry added to the read model"),
    "EntriesDuplicate": Metric("Count", "an entry that was already in the read model"),
    "EntriesDiffering": Metric("Count", "an entry already stored with other content"),
    "EntriesUnreadable": Metric("Count", "a ledger item that a rebuild or a night could not read"),
    "RecordsParked": Metric("Count", "a stream record sent to the dead-letter queue"),
    # Stores.
    "CacheDegraded": Metric("Count", "a call to Redis that failed or returned an unknown form"),
    "ReadModelOutOfReach": Metric("Count", "a read to which PostgreSQL did not respond"),
    # Consolidation.
    "ReadModelDifferences": Metric("Count", "a row or total that differed from the ledger"),
    "DriftMinorUnits": Metric("None", "minor units by which the read model was wrong"),
    "MerchantsConsolidated": Metric("Count", "a merchant checked by a consolidation run"),
    "DaysClosed": Metric("Count", "a closing of a day created and sealed"),
    "DayLinesRepaired": Metric("Count", "a line of a day repaired before its closing"),
    "MerchantsFailed": Metric("Count", "a merchant whose days could not be closed"),
    "NightFailed": Metric(
        "Count", "1 where the newest of the schedule's ended runs failed, else 0"
    ),
    "NightSucceeded": Metric(
        "Count", "1 where the schedule's newest run of a day succeeded, else 0"
    ),
    "SweepDaysOverdue": Metric("None", "days for which the sweep's oldest segment is due"),
    # Canary.
    "CanaryFailed": Metric("Count", "1 for a canary run that failed, 0 for one that succeeded"),
    "NightOverdue": Metric("Count", "1 where the canary's closing of yesterday is late, else 0"),
}

# A test fails for a name that is missing above; a request must not.
_UNLISTED = Metric("None", "a metric that is not in the table")


def metric(name: str) -> Metric:
    """Return a metric's row of the table."""
    return METRICS.get(name, _UNLISTED)


def embedded(values: Mapping[str, float], stage: str) -> dict[str, Any]:
    """Return the fields of a log line by which CloudWatch reads these values; {} without values.

    Format: CloudWatch user guide, "Embedded metric format specification".
    """
    if not values:
        return {}
    metrics = [{"Name": name, "Unit": metric(name).unit} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": metadata, DIMENSION: stage, **values}
