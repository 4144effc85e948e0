"""How new an answer is, and waiting for an entry to arrive."""

import threading
from dataclasses import dataclass, field

from chalicelib.projection.project import project
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.freshness import Freshness, WaitPolicy
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from tests.queries.test_daily_balances import DAY
from verification.kit.generators import NOON, all_inserted, entries, entry, inserted


@dataclass
class Clock:
    """A clock that sleeping moves; `pauses` are the sleeps."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    @property
    def patience(self) -> WaitPolicy:
        return WaitPolicy(clock=lambda: self.now, sleep=self.sleep)


def _freshness(
    read_model: ReadModel, merchant: str, after: str | None = None, clock: Clock | None = None
) -> Freshness:
    question = BalanceQuery(merchant, DAY, DAY, None, "BRL", after)
    return balances(read_model, question, (clock or Clock()).patience)[1]


def test_nothing_recorded_is_as_of_never(read_model: ReadModel, merchant: str) -> None:
    assert _freshness(read_model, merchant) == Freshness(None, None)


def test_as_of_is_when_the_newest_entry_was_recorded(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    recorded = entries(41, 20, [merchant])
    project(all_inserted(reversed(recorded)), projection.ports)
    assert _freshness(read_model, merchant).as_of == recorded[-1].recorded_at


def test_an_entry_that_is_in_is_not_waited_for(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    one, clock = entry(merchant, "one"), Clock()
    project([inserted(one)], projection.ports)
    result = _freshness(read_model, merchant, one.entry_id, clock)
    assert result == Freshness(NOON, complete=True)
    assert clock.pauses == []


def test_an_entry_that_never_comes_is_waited_for_two_seconds(
    read_model: ReadModel, merchant: str
) -> None:
    clock = Clock()
    assert _freshness(read_model, merchant, "a" * 32, clock) == Freshness(None, complete=False)
    assert sum(clock.pauses) == 2.0
    assert max(clock.pauses) <= 0.2


def test_another_merchants_entry_is_waited_for_like_an_unknown_one(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    theirs, clock = entry(f"{merchant}-rival", "one"), Clock()
    project([inserted(theirs)], projection.ports)
    result = _freshness(read_model, merchant, theirs.entry_id, clock)
    assert result == Freshness(None, complete=False)
    assert sum(clock.pauses) == 2.0


def test_an_entry_that_arrives_while_it_is_waited_for_is_in_the_answer(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    one = entry(merchant, "one", amount_minor=42)
    asked_once = threading.Event()

    def arrive() -> None:
        asked_once.wait()
        project([inserted(one)], projection.ports)

    def sleep(seconds: float) -> None:
        asked_once.set()
        arrival.join()

    arrival = threading.Thread(target=arrive)
    arrival.start()
    question = BalanceQuery(merchant, DAY, DAY, None, "BRL", one.entry_id)
    result, freshness = balances(read_model, question, WaitPolicy(sleep=sleep))
    assert result[0].closing_minor == 42
    assert freshness.complete is True
