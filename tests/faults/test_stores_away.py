"""PostgreSQL and Valkey are killed or frozen while entries are posted and balances are read.

Every entry is recorded, about as fast as before; balances are a clean 503; and once the stores are
back, every balance is correct to the cent without any intervention.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

import pytest

from local.cloud import Cloud
from verification.kit.api_client import ApiClient, Response

SLOWEST_SECONDS = 2.0
TIMES_HEALTHY = 2.0
AWAY_SECONDS = 12.0
"""Longer than the windows of the circuit breakers, so that the stores are tried repeatedly."""
PATIENCE_SECONDS = 90.0
DAY = "2026-11-20"


@dataclass
class Book:
    """A merchant's posted entries and the statuses of the responses."""

    client: ApiClient
    posted: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    newest: str = ""

    def post(self) -> float:
        """Record another entry, each with a different amount; return the seconds it took."""
        amount = f"{self.posted + 1}.01"
        body = {"type": "credit", "amount": amount, "occurred_at": f"{DAY}T23:30:00-03:00"}
        started = time.perf_counter()
        response = self.client.post("/v1/entries", body)
        seconds = time.perf_counter() - started
        self.statuses[response.status] += 1
        self.posted += 1
        self.newest = response.json["id"]
        return seconds

    def post_for(self, seconds: float) -> list[float]:
        """Record entries one after the other for some seconds; return the seconds of each."""
        end = time.monotonic() + seconds
        taken = []
        while time.monotonic() < end:
            taken.append(self.post())
        return taken

    @property
    def closing(self) -> str:
        """The sum of the entries."""
        hundredths = sum(100 * number + 1 for number in range(1, self.posted + 1))
        return f"{hundredths // 100}.{hundredths % 100:02}"


def kill(cloud: Cloud) -> None:
    cloud.stores.postgres.server.kill()
    cloud.stores.valkey.server.kill()


def start_again(cloud: Cloud) -> None:
    cloud.stores.restart_postgres()
    cloud.stores.restart_valkey()


def freeze(cloud: Cloud) -> None:
    cloud.stores.postgres.server.freeze()
    cloud.stores.valkey.server.freeze()


def thaw(cloud: Cloud) -> None:
    cloud.stores.postgres.server.thaw()
    cloud.stores.valkey.server.thaw()


@contextmanager
def reading_balances(client: ApiClient) -> Iterator[list[Response]]:
    """Read a balance repeatedly during the block, as another consumer would."""
    responses: list[Response] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            responses.append(client.get(f"/v1/daily-balances/{DAY}"))
            stop.wait(0.02)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield responses
    finally:
        stop.set()
        reader.join()


@pytest.mark.parametrize(
    ("leave", "come_back"), [(kill, start_again), (freeze, thaw)], ids=["killed", "frozen"]
)
def test_entries_are_recorded_without_the_stores(
    cloud: Cloud,
    client: ApiClient,
    leave: Callable[[Cloud], None],
    come_back: Callable[[Cloud], None],
) -> None:
    book = Book(client)
    book.post_for(2.0)  # warm
    with reading_balances(client) as before:
        healthy = book.post_for(5.0)
    assert {response.status for response in before} == {200}
    leave(cloud)
    try:
        with reading_balances(client) as meanwhile:
            away = book.post_for(AWAY_SECONDS)
    finally:
        come_back(cloud)
    assert set(book.statuses) == {201}
    assert max(away) < SLOWEST_SECONDS
    assert median(away) < TIMES_HEALTHY * median(healthy)
    assert {response.status for response in meanwhile} == {503}
    assert all(int(response.headers["retry-after"]) > 0 for response in meanwhile)
    assert balance_when_complete(book) == (book.closing, book.posted)


def balance_when_complete(book: Book) -> tuple[str, int] | None:
    """Return the day's closing balance and entry count once complete, or the last ones read."""
    end = time.monotonic() + PATIENCE_SECONDS
    result: tuple[str, int] | None = None
    while time.monotonic() < end:
        response = book.client.get(f"/v1/daily-balances/{DAY}?after={book.newest}")
        if response.status == 200:
            result = (response.json["closing"], response.json["entries"])
            if result[1] >= book.posted:
                break
        threading.Event().wait(0.2)
    return result
