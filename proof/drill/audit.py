"""Hold everything that was accepted against what the service tells: lost, doubled, drift."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.read_model import rebuild
from proof.drill.book import Book, Line
from proof.drill.consumer import Consumer
from proof.drill.repairs import repaired_by_nights
from proof.drill.sent import minor_units
from proof.drill.writing import ZONE
from proof.laptop import Laptop

PAGE = 200
MOST_DAYS = 366
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found; all but `accepted` and `listed` must be zero.

    `lost` were accepted and are not listed, `doubled` are listed or counted more than once,
    `unknown` are listed and were never accepted. `drift_minor` adds up, without signs, by how many
    minor units the closing balances of all days are off. `contradictions` are answers that say
    otherwise than what was sent, or than an answer before; `examples` are some of them.

    `repaired` is what a rebuild from the ledger found to put right when all else was done, and
    `repaired_by_nights` in how many lines nights put days right. None may have to: what PostgreSQL
    committed survives its kills, and a night waits for the projection.
    """

    accepted: int
    listed: int
    lost: int
    doubled: int
    unknown: int
    drift_minor: int
    contradictions: int
    repaired: int = 0
    repaired_by_nights: int = 0
    examples: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing at all is wrong."""
        wrong = (self.lost, self.doubled, self.unknown, self.drift_minor, self.contradictions)
        return not any((*wrong, self.repaired, self.repaired_by_nights))


def audit(book: Book, consumers: list[Consumer]) -> Audit:
    """Return how the service's lists and balances stand towards the book.

    To be asked before anything that repairs, which closing a day and a rebuild do.
    """
    listed: Counter[str] = Counter()
    for consumer in consumers:
        listed.update(_listed(consumer))
    accepted = set(book.entries)
    counted = sum(_counted(consumer) for consumer in consumers)
    extra = max(0, counted - listed.total())
    return Audit(
        accepted=len(accepted),
        listed=listed.total(),
        lost=len(accepted - listed.keys()),
        doubled=sum(times - 1 for times in listed.values()) + extra,
        unknown=len(listed.keys() - accepted),
        drift_minor=sum(_drift(book, consumer) for consumer in consumers),
        contradictions=len(book.contradictions),
        examples=tuple(book.contradictions[:EXAMPLES]),
    )


def _listed(consumer: Consumer) -> Iterator[str]:
    cursor = None
    while True:
        asked = {"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
        page = consumer.get(f"/v1/entries?{urlencode(asked)}")
        yield from (item["id"] for item in page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _counted(consumer: Consumer) -> int:
    """Return how many entries the totals of all days count."""
    return sum(
        item["entries"]
        for currency in ("BRL", "JPY")
        for item in _balances(consumer, {"currency": currency})
    )


def _drift(book: Book, consumer: Consumer) -> int:
    sums = {line: days for line, days in book.sums().items() if line[0] == consumer.merchant}
    return sum(_drift_of(consumer, line, days) for line, days in sums.items())


def _drift_of(consumer: Consumer, line: Line, days: dict[str, int]) -> int:
    _, account, currency = line
    standing, drift = 0, 0
    for item in _balances(consumer, {"account": account, "currency": currency}):
        standing += days.get(item["day"], 0)
        drift += abs(minor_units(item["closing"]) - standing)
    return drift


def _balances(consumer: Consumer, asked: dict[str, str]) -> list[dict[str, Any]]:
    last = datetime.now(ZONE).date() + timedelta(days=1)
    first = last - timedelta(days=MOST_DAYS - 1)
    span = {"from": first.isoformat(), "to": last.isoformat()}
    items: list[dict[str, Any]] = consumer.get(f"/v1/daily-balances?{urlencode(asked | span)}")[
        "items"
    ]
    return items


def with_repairs(found: Audit, laptop: Laptop) -> Audit:
    """Return what was found together with all that was repaired, a rebuild's repairs included."""
    by_nights = repaired_by_nights(laptop)
    told = rebuild(laptop.endpoints["aws_endpoint_url"])
    repaired = sum(told[name] for name in ("missing", "altered", "removed", "totals"))
    return replace(found, repaired=repaired, repaired_by_nights=by_nights)
