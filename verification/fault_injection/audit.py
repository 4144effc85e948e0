"""Hold everything that was accepted against what the service tells: lost, doubled, drift."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.read_model import rebuild
from verification.fault_injection.book import Book
from verification.fault_injection.cash_flow import GROUPS, difference_minor, flow_of_book, flow_told
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.expected_entry import minor_units
from verification.fault_injection.stores import repaired_by_nights
from verification.fault_injection.writing import ZONE
from verification.local_cluster import Laptop

PAGE = 200
MOST_DAYS = 366
EXAMPLES = 5
CURRENCIES = ("BRL", "JPY")


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found; all but `accepted` and `listed` must be zero.

    `lost` were accepted and are not listed, `doubled` are listed or counted more than once,
    `unknown` are listed and were never accepted, `uncounted` are listed and not in the totals.
    `drift_minor` adds up, without signs, by how many minor units the closing balances of all days
    are off, of each account and of all together, and what goes in and out by month.
    `contradictions` are answers that say otherwise than what was sent, or than an answer before;
    `examples` are some of them.

    `repaired` is what a rebuild from the ledger found to put right when all else was done, and
    `repaired_by_nights` in how many lines nights put days right. None may have to: what PostgreSQL
    committed survives its kills, and a night waits for the projection.
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
    repaired_by_nights: int = 0
    examples: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing at all is wrong."""
        listed = (self.lost, self.doubled, self.unknown, self.uncounted)
        result = (self.drift_minor, self.contradictions)
        return not any((*listed, *result, self.repaired, self.repaired_by_nights))


def audit(book: Book, consumers: list[Consumer]) -> Audit:
    """Return how the service's lists, balances and cash flow stand towards the book.

    To be asked before anything that repairs, which closing a day and a rebuild do.
    """
    items = [item for consumer in consumers for item in _listed(consumer)]
    listed = Counter(str(item["id"]) for item in items)
    accepted = set(book.entries)
    counted = sum(_counted(consumer) for consumer in consumers)
    result = [*book.contradictions, *_told_otherwise(book, items)]
    return Audit(
        accepted=len(accepted),
        listed=listed.total(),
        lost=len(accepted - listed.keys()),
        doubled=sum(times - 1 for times in listed.values()) + max(0, counted - listed.total()),
        unknown=len(listed.keys() - accepted),
        uncounted=max(0, listed.total() - counted),
        drift_minor=sum(_drift(book, consumer) for consumer in consumers),
        contradictions=len(result),
        examples=tuple(result[:EXAMPLES]),
    )


def _listed(consumer: Consumer) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        request = {"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
        page = consumer.get(f"/v1/entries?{urlencode(request)}")
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _told_otherwise(book: Book, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield how entries are listed otherwise than they were sent."""
    for item in items:
        known = book.entries.get(item["id"])
        if known is not None:
            differences = known.sent.differences(item)
            yield from (f"{known.entry_id} is listed: {difference}" for difference in differences)


def _counted(consumer: Consumer) -> int:
    """Return how many entries the totals of all days count."""
    return sum(
        item["entries"]
        for currency in CURRENCIES
        for item in _balances(consumer, {"currency": currency})
    )


def _drift(book: Book, consumer: Consumer) -> int:
    """Return what the balances of each account, of all together, and the cash flow are off."""
    sums = {line: days for line, days in book.sums().items() if line[0] == consumer.merchant}
    drift = 0
    for currency in CURRENCIES:
        lines = {line[1]: days for line, days in sums.items() if line[2] == currency}
        together: Counter[str] = Counter()
        for account, days in lines.items():
            drift += _drift_of(consumer, {"account": account, "currency": currency}, days)
            together.update(days)
        drift += _drift_of(consumer, {"currency": currency}, together)
        drift += _drift_of_flow(book, consumer, currency)
    return drift


def _drift_of(consumer: Consumer, asked: dict[str, str], days: Mapping[str, int]) -> int:
    standing, drift = 0, 0
    for item in _balances(consumer, asked):
        standing += days.get(item["day"], 0)
        drift += abs(minor_units(item["closing"]) - standing)
    return drift


def _drift_of_flow(book: Book, consumer: Consumer, currency: str) -> int:
    ours = [
        one for one in book.of_merchant(consumer.merchant) if one.sent.asked["currency"] == currency
    ]
    drift = 0
    for group in GROUPS:
        request = {"by": "month", "group": group, "currency": currency} | _span()
        result = consumer.get(f"/v1/cash-flow?{urlencode(request)}")["items"]
        drift += difference_minor(flow_told(result), flow_of_book(ours, group))
    return drift


def _balances(consumer: Consumer, asked: dict[str, str]) -> list[dict[str, Any]]:
    result = consumer.get(f"/v1/daily-balances?{urlencode(asked | _span())}")
    items: list[dict[str, Any]] = result["items"]
    return items


def _span() -> dict[str, str]:
    last = datetime.now(ZONE).date() + timedelta(days=1)
    first = last - timedelta(days=MOST_DAYS - 1)
    return {"from": first.isoformat(), "to": last.isoformat()}


def with_repairs(found: Audit, laptop: Laptop) -> Audit:
    """Return what was found together with all that was repaired, a rebuild's repairs included."""
    by_nights = repaired_by_nights(laptop)
    result = rebuild(laptop.endpoints["aws_endpoint_url"])
    repaired = sum(result[name] for name in ("missing", "altered", "removed", "totals"))
    return replace(found, repaired=repaired, repaired_by_nights=by_nights)
