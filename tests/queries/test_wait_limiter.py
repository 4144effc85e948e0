"""Reads wait for entries while the projection makes progress, and not while it is stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import NotFoundError
from chalicelib.projection.project import project
from chalicelib.queries.daily_balances import BalanceQuery
from chalicelib.queries.read_model import ReadModel
from chalicelib.queries.wait_limiter import WaitLimiter, balances_after
from tests.fixtures.projection import Projection
from tests.queries.book import DAY
from verification.kit.generators import NOON, inserted
from verification.kit.generators import entry as make_entry

IsComplete = Callable[[Entry], bool | None]


@dataclass
class Clock:
    """A clock that sleeping moves; `slept` is all of it."""

    now: float = 0.0
    slept: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds

    def taken_by(self, read: Callable[[], object]) -> float:
        before = self.slept
        read()
        return round(self.slept - before, 6)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> WaitLimiter:
    return WaitLimiter(lambda: clock.now, clock.sleep)


@pytest.fixture
def is_complete(read_model: ReadModel, limiter: WaitLimiter) -> IsComplete:
    """Read the balance after an entry; return whether the entry is included."""

    def read(entry: Entry) -> bool | None:
        query = BalanceQuery(entry.merchant_id, DAY, DAY, None, "BRL", entry.entry_id)
        result = balances_after(read_model, query, lambda: entry.recorded_at, limiter)
        return result[1].complete

    return read


def _later(merchant: str, key: str, seconds: float) -> Entry:
    return make_entry(merchant, key, recorded=NOON + timedelta(seconds=seconds))


def test_a_merchant_waits_only_once(merchant: str, clock: Clock, is_complete: IsComplete) -> None:
    late = make_entry(merchant, "late")
    assert clock.taken_by(lambda: is_complete(late)) == 2.0
    assert clock.taken_by(lambda: [is_complete(late) for _ in range(50)]) == 0


def test_a_stopped_projection_costs_four_seconds(
    merchant: str, clock: Clock, is_complete: IsComplete
) -> None:
    late = [make_entry(f"{merchant}-{number}", "late") for number in range(18)]
    taken = [clock.taken_by(partial(is_complete, entry)) for entry in late]
    assert taken[:3] == [2.0, 1.0, 0.5]
    assert all(taken[:6]) and not any(taken[6:])
    assert clock.slept < 4.0


def test_an_arrival_lets_others_wait_again(
    merchant: str, clock: Clock, is_complete: IsComplete, projection: Projection
) -> None:
    late, other = make_entry(merchant, "late"), make_entry(f"{merchant}-other", "late")
    assert (is_complete(late), is_complete(other)) == (False, False)
    projection.insert([late])
    assert is_complete(late) is True
    assert clock.taken_by(lambda: is_complete(other)) == 2.0


def test_another_merchants_newer_entry_shows_progress(
    merchant: str, clock: Clock, is_complete: IsComplete, projection: Projection
) -> None:
    late, newer = make_entry(merchant, "late"), _later(f"{merchant}-other", "newer", 1)
    is_complete(late)
    projection.insert([newer])
    assert clock.taken_by(lambda: is_complete(newer)) == 0
    assert clock.taken_by(lambda: is_complete(late)) == 2.0


def test_an_earlier_entry_shows_no_progress(
    merchant: str, clock: Clock, is_complete: IsComplete, projection: Projection
) -> None:
    before, late = _later(f"{merchant}-other", "before", -1), make_entry(merchant, "late")
    projection.insert([before])
    is_complete(late)
    assert is_complete(before) is True
    assert clock.taken_by(lambda: is_complete(late)) == 0


def test_a_skipped_entry_shortens_no_wait(
    merchant: str, clock: Clock, is_complete: IsComplete, projection: Projection
) -> None:
    """It may be a dead letter; a later entry is included."""
    left_out, late = make_entry(merchant, "left-out"), make_entry(f"{merchant}-other", "late")
    project([inserted(_later(merchant, "newer", 1))], projection.ports)
    assert is_complete(left_out) is False
    assert clock.taken_by(lambda: is_complete(late)) == 2.0


def test_an_unsuccessful_wait_expires_after_half_a_minute(
    merchant: str, clock: Clock, is_complete: IsComplete
) -> None:
    late = make_entry(merchant, "late")
    is_complete(late)
    clock.now += 29.9
    assert clock.taken_by(lambda: is_complete(late)) == 0
    clock.now += 0.1
    assert clock.taken_by(lambda: is_complete(late)) == 2.0


def test_without_a_wait_the_ledger_is_not_read(
    merchant: str, is_complete: IsComplete, read_model: ReadModel, limiter: WaitLimiter
) -> None:
    late = make_entry(merchant, "late")
    is_complete(late)
    query = BalanceQuery(merchant, DAY, DAY, None, "BRL", late.entry_id)

    def read_ledger() -> datetime | None:
        raise AssertionError

    balances_after(read_model, query, read_ledger, limiter)


def test_an_unrecorded_entry_is_not_awaited(
    merchant: str, clock: Clock, read_model: ReadModel, limiter: WaitLimiter
) -> None:
    query = BalanceQuery(merchant, DAY, DAY, None, "BRL", "a" * 32)

    def nowhere() -> datetime | None:
        raise NotFoundError("There is no entry with this id.")

    balances_after(read_model, query, nowhere, limiter)
    assert clock.slept == 0
