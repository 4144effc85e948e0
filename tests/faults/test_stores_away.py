"""PostgreSQL and Valkey are killed or frozen while entries are posted and balances are read.

Every entry is recorded, about as fast as before; balances are a clean 503; and once the stores are
back, every balance is correct to the cent without any intervention.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

import pytest

from local.cloud import Cloud
from local.stores.stores import Stores
from tests.local.processes import until
from verification.kit.api_client import ApiClient, Response

SLOWEST_SECONDS = 2.0
TIMES_HEALTHY = 2.0
AWAY_SECONDS = 12.0
"""Longer than the windows of the circuit breakers, so that the stores are tried repeatedly."""
PAUSE_SECONDS = 0.04
PATIENCE_SECONDS = 90.0
DAY = "2026-11-20"


@dataclass
class Book:
    """A merchant's posted entries."""

    client: ApiClient
    posted: int = 0
    newest: str = ""

    def post(self) -> float:
        """Record another entry, each with a different amount; return the seconds it took."""
        self.posted += 1
        started = time.perf_counter()
        entry = self.client.record(amount=f"{self.posted}.01", occurred_at=f"{DAY}T23:30:00-03:00")
        seconds = time.perf_counter() - started
        self.newest = entry["id"]
        return seconds

    def post_for(self, seconds: float) -> list[float]:
        """Record some entries a second for some seconds; return the seconds of each."""
        end, taken = time.monotonic() + seconds, list[float]()
        while time.monotonic() < end:
            taken.append(self.post())
            time.sleep(PAUSE_SECONDS)
        return taken

    @property
    def closing(self) -> str:
        """The sum of the entries."""
        return f"{sum(Decimal(f'{number + 1}.01') for number in range(self.posted))}"


def leave(stores: Stores, outage: str) -> None:
    for store in (stores.postgres, stores.valkey):
        getattr(store.server, outage)()


def come_back(stores: Stores, outage: str) -> None:
    if outage == "freeze":
        leave(stores, "thaw")
    else:
        stores.restart_postgres()
        stores.restart_valkey()


@contextmanager
def reading_balances(client: ApiClient) -> Iterator[list[Response]]:
    """Read a balance repeatedly during the block, as another consumer would."""
    responses, stop = list[Response](), threading.Event()

    def read() -> None:
        while not stop.wait(0.1):
            responses.append(client.get(f"/v1/daily-balances/{DAY}"))

    with ThreadPoolExecutor() as pool:
        reading = pool.submit(read)
        try:
            yield responses
        finally:
            stop.set()
            reading.result()


@pytest.mark.parametrize("outage", ["kill", "freeze"])
def test_entries_are_recorded_without_the_stores(
    cloud: Cloud, client: ApiClient, outage: str
) -> None:
    book = Book(client)
    book.post_for(2.0)  # warm
    with reading_balances(client) as before:
        healthy = book.post_for(5.0)
    assert {response.status for response in before} == {200}
    leave(cloud.stores, outage)
    try:
        with reading_balances(client) as meanwhile:
            away = book.post_for(AWAY_SECONDS)
    finally:
        come_back(cloud.stores, outage)
    assert max(away) < SLOWEST_SECONDS
    assert median(away) < TIMES_HEALTHY * median(healthy)
    assert {response.status for response in meanwhile} == {503}
    assert all(int(response.headers["retry-after"]) > 0 for response in meanwhile)
    assert balance_when_complete(book) == (book.closing, book.posted)


def balance_when_complete(book: Book) -> tuple[str, int] | None:
    """Return the day's closing balance and entry count once complete, or the last ones read."""
    result: tuple[str, int] | None = None

    def is_complete() -> bool:
        nonlocal result
        response = book.client.get(f"/v1/daily-balances/{DAY}?after={book.newest}")
        if response.status == 200:
            result = (response.json["closing"], response.json["entries"])
        return result is not None and result[1] >= book.posted

    until(is_complete, PATIENCE_SECONDS)
    return result
