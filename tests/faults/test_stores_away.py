"""PostgreSQL and Valkey killed, or frozen, while entries are posted and balances are asked for.

Every entry is taken, about as fast as before; balances are refused cleanly; and once the stores are
back every balance is right to the cent, without anybody's help.
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
"""Longer than the breakers' windows, so that the stores are tried again and again."""
PATIENCE_SECONDS = 90.0
DAY = "2026-11-20"


@dataclass
class Book:
    """A merchant's entries as they are posted, with what each post took."""

    client: ApiClient
    posted: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    newest: str = ""

    def post(self) -> float:
        """Record one more entry, each of another amount; return the seconds that it took."""
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
        """Record entries one after the other for a while; return what each took."""
        end = time.monotonic() + seconds
        taken = []
        while time.monotonic() < end:
            taken.append(self.post())
        return taken

    @property
    def closing(self) -> str:
        """What the entries add up to."""
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
def balances_asked_for(client: ApiClient) -> Iterator[list[Response]]:
    """Ask for a balance again and again meanwhile, as another consumer would."""
    responses: list[Response] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            responses.append(client.get(f"/v1/daily-balances/{DAY}"))
            enough.wait(0.02)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield responses
    finally:
        enough.set()
        asking.join()


@pytest.mark.parametrize(
    ("leave", "come_back"), [(kill, start_again), (freeze, thaw)], ids=["killed", "frozen"]
)
def test_entries_are_taken_and_balances_come_right_by_themselves(
    cloud: Cloud,
    client: ApiClient,
    leave: Callable[[Cloud], None],
    come_back: Callable[[Cloud], None],
) -> None:
    book = Book(client)
    book.post_for(2.0)  # warm
    with balances_asked_for(client) as before:
        healthy = book.post_for(5.0)
    assert {response.status for response in before} == {200}
    leave(cloud)
    try:
        with balances_asked_for(client) as meanwhile:
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
    """Return the day's closing balance and entries once all is in, or what is response at last."""
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
