"""Waiting for entries while the projection moves, and while it stands still."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
from tests.queries.test_daily_balances import DAY
from verification.kit.generators import NOON, entry, inserted

Ask = Callable[[Entry], bool | None]


@dataclass
class Clock:
    """A clock that sleeping moves; `slept` is all of it."""

    now: float = 0.0
    slept: float = 0.0
    waits: WaitLimiter = field(init=False)

    def __post_init__(self) -> None:
        self.waits = WaitLimiter(lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds

    def taken_by(self, ask: Callable[[], object]) -> float:
        before = self.slept
        ask()
        return round(self.slept - before, 6)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def complete(read_model: ReadModel, clock: Clock) -> Ask:
    """Read the balance after an entry; return whether it is told to be in."""

    def ask(one: Entry) -> bool | None:
        question = BalanceQuery(one.merchant_id, DAY, DAY, None, "BRL", one.entry_id)
        result = balances_after(read_model, question, lambda: one.recorded_at, clock.waits)
        return result[1].complete

    return ask


def _later(merchant: str, key: str, seconds: float) -> Entry:
    return entry(merchant, key, recorded=NOON + timedelta(seconds=seconds))


def test_a_merchant_waits_in_vain_once_and_then_looks_once(
    merchant: str, clock: Clock, complete: Ask
) -> None:
    late = entry(merchant, "late")
    assert clock.taken_by(lambda: complete(late)) == 2.0
    assert clock.taken_by(lambda: [complete(late) for _ in range(50)]) == 0


def test_a_standstill_costs_a_process_less_than_four_seconds_whoever_asks(
    merchant: str, clock: Clock, complete: Ask
) -> None:
    late = [entry(f"{merchant}-{number}", "late") for number in range(18)]
    taken = [clock.taken_by(partial(complete, one)) for one in late]
    assert taken[:3] == [2.0, 1.0, 0.5]
    assert all(taken[:6]) and not any(taken[6:])
    assert clock.slept < 4.0


def test_an_entry_that_came_is_told_to_be_in_at_once_and_others_wait_again(
    merchant: str, clock: Clock, complete: Ask, projection: Projection
) -> None:
    late, other = entry(merchant, "late"), entry(f"{merchant}-other", "late")
    assert (complete(late), complete(other)) == (False, False)
    project([inserted(late)], projection.ports)
    assert complete(late) is True
    assert clock.taken_by(lambda: complete(other)) == 2.0


def test_another_merchants_newer_entry_shows_that_the_projection_moves(
    merchant: str, clock: Clock, complete: Ask, projection: Projection
) -> None:
    late, newer = entry(merchant, "late"), _later(f"{merchant}-other", "newer", 1)
    complete(late)
    project([inserted(newer)], projection.ports)
    assert clock.taken_by(lambda: complete(newer)) == 0
    assert clock.taken_by(lambda: complete(late)) == 2.0


def test_what_was_in_before_shows_no_progress(
    merchant: str, clock: Clock, complete: Ask, projection: Projection
) -> None:
    before, late = _later(f"{merchant}-other", "before", -1), entry(merchant, "late")
    project([inserted(before)], projection.ports)
    complete(late)
    assert complete(before) is True
    assert clock.taken_by(lambda: complete(late)) == 0


def test_an_entry_that_the_projection_left_out_shortens_nobodys_wait(
    merchant: str, clock: Clock, complete: Ask, projection: Projection
) -> None:
    """It may be in quarantine; what was recorded after it is in."""
    left_out, late = entry(merchant, "left-out"), entry(f"{merchant}-other", "late")
    project([inserted(_later(merchant, "newer", 1))], projection.ports)
    assert complete(left_out) is False
    assert clock.taken_by(lambda: complete(late)) == 2.0


def test_a_wait_in_vain_is_forgotten_after_half_a_minute(
    merchant: str, clock: Clock, complete: Ask
) -> None:
    late = entry(merchant, "late")
    complete(late)
    clock.now += 29.9
    assert clock.taken_by(lambda: complete(late)) == 0
    clock.now += 0.1
    assert clock.taken_by(lambda: complete(late)) == 2.0


def test_nobody_asks_the_ledger_for_what_will_not_be_waited_for(
    merchant: str, clock: Clock, complete: Ask, read_model: ReadModel
) -> None:
    late = entry(merchant, "late")
    complete(late)
    question = BalanceQuery(merchant, DAY, DAY, None, "BRL", late.entry_id)

    def ask_the_ledger() -> datetime | None:
        raise AssertionError

    balances_after(read_model, question, ask_the_ledger, clock.waits)


def test_an_entry_that_the_ledger_has_not_is_not_waited_for(
    merchant: str, clock: Clock, read_model: ReadModel
) -> None:
    question = BalanceQuery(merchant, DAY, DAY, None, "BRL", "a" * 32)

    def nowhere() -> datetime | None:
        raise NotFoundError("There is no entry with this id.")

    balances_after(read_model, question, nowhere, clock.waits)
    assert clock.slept == 0
