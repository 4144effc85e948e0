"""Compares everything that was accepted with what the service returns: lost, doubled, drift."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.read_model import rebuild
from verification.fault_injection.client import RetryingClient
from verification.fault_injection.expected_entry import AcceptedEntries, minor_units
from verification.fault_injection.recovery import repaired_by_closing
from verification.kit.generators import ZONE
from verification.kit.reference_model import ReferenceLedger
from verification.local_cluster import LocalCluster

MOST_DAYS = 366
MOST_EXAMPLES = 5
BALANCES = "/v1/daily-balances"
CURRENCIES = ("BRL", "JPY")
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audit:
    """Counts of errors; all but `accepted` and `listed` must be zero.

    `lost` were accepted and are not listed, `doubled` are listed or counted more than once,
    `unknown` are listed and were never accepted, `uncounted` are listed and not in the totals.
    `drift_minor` is the sum of all absolute differences, in minor units, of each day's closing
    balance (by account and in total) and of each month's cash flow. `contradictions` are responses
    that differ from their request or an earlier response; `examples` are some of them.

    `repaired` are rows that a rebuild at the end repaired, `repaired_by_closing` lines of days
    that consolidation runs repaired. Neither should happen: what PostgreSQL committed survives its
    kills, and a run waits for the projection.
    """

    accepted: int
    listed: int
    lost: int
    doubled: int
    unknown: int
    uncounted: int
    drift_minor: int
    contradictions: int
    repaired: int = 0
    repaired_by_closing: int = 0
    examples: tuple[str, ...] = ()


def audit(accepted: AcceptedEntries, clients: list[RetryingClient]) -> Audit:
    """Compare the service's lists, balances and cash flows with the accepted entries.

    Call this before anything that repairs: closing a day and a rebuild do.
    """
    items = [item for client in clients for item in client.items("/v1/entries")]
    listed = Counter(str(item["id"]) for item in items)
    ids = set(accepted.by_id)
    counted = sum(_counted(client) for client in clients)
    contradictions = [*accepted.contradictions, *_listed_differently(accepted, items)]
    return Audit(
        accepted=len(ids),
        listed=listed.total(),
        lost=len(ids - listed.keys()),
        doubled=sum(times - 1 for times in listed.values()) + max(0, counted - listed.total()),
        unknown=len(listed.keys() - ids),
        uncounted=max(0, listed.total() - counted),
        drift_minor=sum(_drift(accepted.reference, client) for client in clients),
        contradictions=len(contradictions),
        examples=tuple(contradictions[:MOST_EXAMPLES]),
    )


def with_repairs(audited: Audit, cluster: LocalCluster) -> Audit:
    """Rebuild the read model, and return the audit with all repairs."""
    by_closing = repaired_by_closing(cluster)
    counts = rebuild(cluster.endpoints["aws_endpoint_url"])
    repaired = sum(counts[name] for name in ("missing", "altered", "removed", "totals"))
    return replace(audited, repaired=repaired, repaired_by_closing=by_closing)


def _listed_differently(accepted: AcceptedEntries, items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        known = accepted.by_id.get(item["id"])
        if known is not None:
            differences = known.expected.differences(item)
            yield from (f"{known.entry_id} is listed: {difference}" for difference in differences)


def _counted(client: RetryingClient) -> int:
    """Return how many entries the totals of all days count."""
    return sum(
        item["entries"]
        for currency in CURRENCIES
        for item in _over_the_span(client, BALANCES, {"currency": currency})
    )


def _drift(reference: ReferenceLedger, client: RetryingClient) -> int:
    drift = 0
    for currency in CURRENCIES:
        entries = reference.select(client.merchant, currency)
        for account in (None, *sorted({entry.account for entry in entries})):
            drift += _balance_drift(reference, client, account, currency)
        for group in ("account", "category"):
            drift += _flow_drift(reference, client, group, currency)
    return drift


def _balance_drift(
    reference: ReferenceLedger, client: RetryingClient, account: str | None, currency: str
) -> int:
    balances = reference.balances(client.merchant, *_span(), account, currency)
    expected = {balance.day.isoformat(): balance.closing_minor for balance in balances}
    params = {"currency": currency} | ({"account": account} if account else {})
    items = _over_the_span(client, BALANCES, params)
    return sum(abs(minor_units(item["closing"]) - expected[item["day"]]) for item in items)


def _flow_drift(
    reference: ReferenceLedger, client: RetryingClient, group: str, currency: str
) -> int:
    expected: Counter[tuple[str, str | None, str]] = Counter()
    flows = reference.cash_flow(client.merchant, date.min, date.max, "month", group, currency)
    for flow in flows:
        expected[flow.period, flow.group, "credits"] = flow.totals.credits_minor
        expected[flow.period, flow.group, "debits"] = flow.totals.debits_minor
    params = {"by": "month", "group": group, "currency": currency}
    for item in _over_the_span(client, "/v1/cash-flow", params):
        for side in ("credits", "debits"):
            expected[item["period"], item["group"], side] -= minor_units(item[side])
    return sum(map(abs, expected.values()))


def _over_the_span(client: RetryingClient, path: str, params: Mapping[str, str]) -> list[Item]:
    first, last = map(str, _span())
    items: list[Item] = client.get(f"{path}?{urlencode({**params, 'from': first, 'to': last})}")[
        "items"
    ]
    return items


def _span() -> tuple[date, date]:
    last = datetime.now(ZONE).date() + timedelta(days=1)
    return last - timedelta(days=MOST_DAYS - 1), last
