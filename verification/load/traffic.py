"""The reads and writes of a load, the same for a seed, and their transport over HTTP."""

import http.client
import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from verification.benchmarks.events import get_balance, get_balances
from verification.fault_injection.client import RetryingClient
from verification.fault_injection.expected_entry import (
    AcceptedEntries,
    AcceptedEntry,
    entry_response,
    minor_units,
)
from verification.kit.api_client import Response
from verification.kit.generators import ZONE, Mix, body_of, draft
from verification.load.open_loop import LATEST_SECONDS, Send

HISTORY_DAYS = 60
MONTHS_IN_A_HUNDRED = 20
MIX = Mix(
    currencies=("BRL",),
    accounts=("main", "bank"),
    categories=("sales",),
    descriptions=(None,),
    metadata_share=0.0,
    amounts=lambda chance: chance.randrange(1, 90_000),
)
Post = Callable[[dict[str, Any], str], Response]
"""Posts a body under a key."""


@dataclass(frozen=True, slots=True)
class BalanceRead:
    """A read of one day's balance, or (with `last`) of several days."""

    first: date
    last: date | None

    @property
    def path(self) -> str:
        """The path and query of the request."""
        if self.last is None:
            return f"/v1/daily-balances/{self.first}"
        return f"/v1/daily-balances?from={self.first}&to={self.last}"

    def event(self, merchant: str) -> dict[str, Any]:
        """Return the request as an event of API Gateway."""
        if self.last is None:
            return get_balance(self.first.isoformat(), merchant=merchant)
        return get_balances(self.first.isoformat(), self.last.isoformat(), merchant)

    def is_right(self, response: Response) -> bool:
        """Return whether a response has balances that add up."""
        if response.status != 200:
            return False
        days = [response.json] if self.last is None else response.json["items"]
        continues = all(
            day["closing"] == after["opening"] for day, after in itertools.pairwise(days)
        )
        return continues and all(map(_adds_up, days))


def balance_reads(count: int, seed: int) -> list[BalanceRead]:
    """Return reads of days of the last two months: most of one day, some of a month."""
    chance = random.Random(seed)
    today = datetime.now(ZONE).date()
    reads = []
    for _ in range(count):
        day = today - timedelta(days=chance.randrange(HISTORY_DAYS))
        is_month = chance.randrange(100) < MONTHS_IN_A_HUNDRED
        first, last = (day - timedelta(days=30), day) if is_month else (day, None)
        reads.append(BalanceRead(first, last))
    return reads


class KeptConnection:
    """A transport of the API client over one connection that is kept open.

    A request that breaks off has the status 0; the next one opens a new connection.
    """

    def __init__(self, base_url: str) -> None:
        self._url = urlsplit(base_url)
        self._connection: http.client.HTTPConnection | None = None

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send a request."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    self._url.netloc, timeout=5 * LATEST_SECONDS
                )
            self._connection.request(method, self._url.path + path, body or None, dict(headers))
            response = self._connection.getresponse()
            names = {name.lower(): text for name, text in response.getheaders()}
            return Response(response.status, names, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            return Response(0, {}, b"")

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Writes:
    """The writes of one run; those without a response are repeated at the end."""

    accepted: AcceptedEntries
    merchant: str
    name: str
    unanswered: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sender(self, post: Post) -> Send:
        """Return a function that writes entry number n."""

        def send(number: int) -> bool:
            key = f"{self.name}-{number}"
            body = body_of(draft(random.Random(key), MIX, _now))
            response = post(body, key)
            if response.status != 201:
                self.unanswered[key] = body
                return False
            self._accept(key, body, response)
            return True

        return send

    def repeat_unanswered(self, client: RetryingClient) -> int:
        """Repeat what was not answered, under the same keys; return how many there were."""
        for key, body in self.unanswered.items():
            self._accept(key, body, client.post("/v1/entries", body, key))
        return len(self.unanswered)

    def _accept(self, key: str, body: dict[str, Any], response: Response) -> None:
        entry = AcceptedEntry(self.merchant, key, entry_response(body), response.json)
        self.accepted.accept(entry)


def _now(_chance: random.Random) -> str:
    return datetime.now(ZONE).isoformat(timespec="seconds")


def _adds_up(balance: Mapping[str, Any]) -> bool:
    names: Sequence[str] = ("opening", "credits", "debits", "closing")
    opening, credit, debit, closing = (minor_units(balance[name]) for name in names)
    return opening + credit - debit == closing
