"""How recent a result is, and waiting for an entry to arrive."""

import threading
from dataclasses import dataclass, field

from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.freshness import Freshness, WaitPolicy
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from tests.queries.test_daily_balances import DAY
from verification.kit.generators import NOON, entries
from verification.kit.generators import entry as make_entry


@dataclass
class Clock:
    """A clock that sleeping moves; `pauses` are the sleeps."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    @property
    def policy(self) -> WaitPolicy:
        return WaitPolicy(clock=lambda: self.now, sleep=self.sleep)


def _freshness(
    read_model: ReadModel, merchant: str, after: str | None = None, clock: Clock | None = None
) -> Freshness:
    query = BalanceQuery(merchant, DAY, DAY, None, "BRL", after)
    return balances(read_model, query, (clock or Clock()).policy)[1]


def test_without_entries_as_of_is_none(read_model: ReadModel, merchant: str) -> None:
    assert _freshness(read_model, merchant) == Freshness(None, None)


def test_as_of_is_the_newest_recording(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    recorded = entries(41, 20, [merchant])
    projection.insert(reversed(recorded))
    assert _freshness(read_model, merchant).as_of == recorded[-1].recorded_at


def test_an_included_entry_needs_no_wait(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    entry, clock = make_entry(merchant, "one"), Clock()
    projection.insert([entry])
    result = _freshness(read_model, merchant, entry.entry_id, clock)
    assert result == Freshness(NOON, complete=True)
    assert clock.pauses == []


def test_a_missing_entry_is_awaited_two_seconds(read_model: ReadModel, merchant: str) -> None:
    clock = Clock()
    assert _freshness(read_model, merchant, "a" * 32, clock) == Freshness(None, complete=False)
    assert sum(clock.pauses) == 2.0
    assert max(clock.pauses) <= 0.2


def test_another_merchants_entry_counts_as_missing(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    theirs, clock = make_entry(f"{merchant}-rival", "one"), Clock()
    projection.insert([theirs])
    result = _freshness(read_model, merchant, theirs.entry_id, clock)
    assert result == Freshness(None, complete=False)
    assert sum(clock.pauses) == 2.0


def test_an_entry_may_arrive_during_the_wait(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    entry = make_entry(merchant, "one", amount_minor=42)
    was_read = threading.Event()

    def arrive() -> None:
        was_read.wait()
        projection.insert([entry])

    def sleep(seconds: float) -> None:
        was_read.set()
        arrival.join()

    arrival = threading.Thread(target=arrive)
    arrival.start()
    query = BalanceQuery(merchant, DAY, DAY, None, "BRL", entry.entry_id)
    result, freshness = balances(read_model, query, WaitPolicy(sleep=sleep))
    assert result[0].closing_minor == 42
    assert freshness.complete is True
