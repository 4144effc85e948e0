"""Every metric that the functions write, in one table, and the line by which CloudWatch reads them.

Metrics are told in log lines (CloudWatch embedded metric format), so that counting costs no call.
The only dimension is the stage: never a merchant, whose number has no bound.
"""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

NAMESPACE = "LivroCaixa"
DIMENSION = "Stage"


class Metric(NamedTuple):
    """A metric's unit (CloudWatch's words), and what one of it is."""

    unit: str
    meaning: str

    def together(self, first: float, second: float) -> float:
        """Return two values of one line as one: amounts add up, of durations the longest counts."""
        return max(first, second) if self.unit == "Milliseconds" else first + second


METRICS: Mapping[str, Metric] = {
    # Money comes in.
    "EntriesAccepted": Metric("Count", "an entry recorded now, reversals included"),
    "EntriesReplayed": Metric("Count", "a request answered with what it recorded before"),
    "EntriesRefused": Metric(
        "Count", "a request to write, or an item of a batch, refused for good"
    ),
    "EntriesFailed": Metric("Count", "a request to write, or an item of a batch, failed by us"),
    # It flows to the read model.
    "ProjectionBatchSize": Metric("Count", "stream records handed to the projector in one batch"),
    "ProjectionLag": Metric(
        "Milliseconds", "from an entry's recording to its place in the balance"
    ),
    "EntriesProjected": Metric("Count", "an entry new in the read model"),
    "EntriesDuplicate": Metric("Count", "an entry that came again and changed nothing"),
    "EntriesDiffering": Metric("Count", "an entry that came again with another content"),
    "EntriesUnreadable": Metric("Count", "an item of the ledger that a rebuild could not read"),
    "RecordsParked": Metric("Count", "a stream record put into quarantine"),
    # The stores beside the ledger.
    "CacheDegraded": Metric(
        "Count", "a call that Redis did not answer, or answered in no known form"
    ),
    "ReadModelOutOfReach": Metric("Count", "a read that PostgreSQL did not answer"),
    # The night.
    "ReadModelDifferences": Metric("Count", "a row or total that stood otherwise than the ledger"),
    "DriftMinorUnits": Metric("None", "minor units by which the read model was off, either way"),
    "MerchantsConsolidated": Metric("Count", "a merchant whose days a night went through"),
    "DaysClosed": Metric("Count", "a version of a day closed and sealed"),
    "DayLinesRepaired": Metric("Count", "a line of a day put right before it was closed"),
    "MerchantsFailed": Metric("Count", "a merchant whose days could not be closed"),
    # From the outside.
    "CanaryFailed": Metric(
        "Count", "1 of a canary's run that did not get through, 0 of one that did"
    ),
    "NightOverdue": Metric("Count", "1 of a canary's run that missed yesterday's closing, else 0"),
}

_UNLISTED = Metric("None", "a name that a test will complain of; no request fails for it")


def metric(name: str) -> Metric:
    """Return what is known of a metric."""
    return METRICS.get(name, _UNLISTED)


def embedded(values: Mapping[str, float], stage: str) -> dict[str, Any]:
    """Return what a log line must hold for CloudWatch to find these values in it.

    Empty for no values. Format: CloudWatch user guide, "Embedded metric format specification".
    """
    if not values:
        return {}
    result = [{"Name": name, "Unit": metric(name).unit} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": result}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, DIMENSION: stage, **values}
