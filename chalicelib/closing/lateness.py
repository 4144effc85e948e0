"""Which merchants' entries the read model still lacks, so that a late one is not reported as lost.

A run waits only for entries that were recorded before it began: a merchant who goes on recording
holds up nobody. An entry that does not arrive holds up its own merchant alone.
"""

from datetime import date, datetime, timedelta

from chalicelib import observability
from chalicelib.closing.errors import DayClosingError
from chalicelib.closing.ports import Ledger, ReadModel

STREAM_LIFETIME = timedelta(hours=24)
"""DynamoDB removes a record from the table's stream after this time ("Change data capture for
DynamoDB Streams" in its developer guide). An older entry that is not projected is lost, and will be
repaired."""
SAMPLE_SIZE = 20
"""Number of merchants for which a run of all merchants waits: those with the newest entries."""


class ProjectionBehindError(DayClosingError):
    """The merchant's newest entry is recorded and not projected; nothing is repaired or sealed."""


def is_complete(ledger: Ledger, read_model: ReadModel) -> bool:
    """Return whether the read model may be closed: not while it is empty or being rebuilt.

    Days would be closed before the earlier ones are known. An empty ledger needs no rebuild.
    """
    is_empty, is_being_rebuilt = read_model.rebuild_status()
    if not (is_empty or is_being_rebuilt) or ledger.is_empty():
        return True
    observability.log("read_model_incomplete", empty=is_empty, rebuilding=is_being_rebuilt)
    return False


def late_merchants(
    ledger: Ledger, read_model: ReadModel, day: date, merchant_id: str | None, began: datetime
) -> list[str]:
    """Return the sampled merchants whose newest entry of a day is not projected yet.

    Only entries that were recorded before the run began count. An entry missing among older ones
    is not late: it was lost. `merchant_id` None samples the merchants with the newest entries.
    """
    late = []
    for merchant, projected in read_model.newest_projected(merchant_id, SAMPLE_SIZE).items():
        recorded = ledger.newest_recorded(merchant, day, began - STREAM_LIFETIME, began)
        if recorded is not None and (projected is None or projected < recorded):
            late.append(merchant)
    return late


def check_projected(
    ledger: Ledger, read_model: ReadModel, day: date, merchant_id: str, began: datetime
) -> None:
    """Raise ProjectionBehindError for a merchant whose newest entry of a day is not projected."""
    if late_merchants(ledger, read_model, day, merchant_id, began):
        raise ProjectionBehindError(
            f"An entry of {day} is recorded and not projected. The day must be closed after the "
            "projection has caught up."
        )
