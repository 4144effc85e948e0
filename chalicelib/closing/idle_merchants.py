"""Merchants that had no entry on the run's day, of which nothing has to be done.

They are most merchants on most nights. What is compared is what reconcile() compares of a day
without entries, but for many merchants at once: by one statement of the read model, and by queries
of the ledger's index that do not wait for each other.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from chalicelib import observability
from chalicelib.closing.consolidation_run import ConsolidationRun
from chalicelib.closing.ports import MerchantDays, Ports


def idle_merchants(
    ports: Ports, run: ConsolidationRun, page: Sequence[MerchantDays], pending: Iterable[str]
) -> set[str]:
    """Return those of a page's merchants that are reconciled as they are.

    They have no changed or inconsistent day, and no `pending` closing; were reconciled up to the
    day before; and neither ledger nor read model has an entry of the run's day. Where this cannot
    be read, none is returned: each is then consolidated alone, and only those fail that must.
    """
    if run.late_before is not None:
        return set()
    busy = set(pending)
    candidates = [
        merchant.merchant_id
        for merchant in page
        if merchant.merchant_id not in busy and _is_up_to_date(merchant, run.day)
    ]
    try:
        idle = ports.read_model.idle(candidates, run.day) if candidates else []
        return ports.ledger.without_entries(idle, run.day) if idle else set()
    except Exception as error:
        observability.log("idle_merchants_unknown", **observability.describe_error(error))
        return set()


def _is_up_to_date(merchant: MerchantDays, day: date) -> bool:
    until = merchant.reconciled_until
    return merchant.days == (day,) and until is not None and until >= day - timedelta(1)
