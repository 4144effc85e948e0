"""What a process creates once, also when several threads need it at the same moment."""

import time
from collections.abc import Callable

import pytest

from chalicelib.runtime import wiring
from chalicelib.runtime.wiring import once
from tests.fixtures.threads import together


def test_threads_share_one_slowly_made_result() -> None:
    names: list[str] = []

    @once
    def make(name: str) -> object:
        time.sleep(0.05)
        names.append(name)
        return object()

    def call(name: str) -> Callable[[], object]:
        return lambda: make(name)

    made = together(*[call("sqs")] * 5, *[call("kms")] * 5)
    assert sorted(names) == ["kms", "sqs"]
    assert (len(set(made[:5])), len(set(made[5:])), len(set(made))) == (1, 1, 2)


def test_result_may_need_another_of_the_same_function() -> None:
    @once
    def factorial(number: int) -> int:
        return number * factorial(number - 1) if number else 1

    assert factorial(5) == 120


def test_failed_call_is_tried_again() -> None:
    outcomes: list[Exception | str] = ["made", ConnectionError("unreachable")]

    @once
    def make() -> str:
        outcome = outcomes.pop()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with pytest.raises(ConnectionError, match="unreachable"):
        make()
    assert [make(), make()] == ["made", "made"]


def test_reset_forgets_every_result() -> None:
    @once
    def make(name: str) -> list[str]:
        return [name]

    before = make("sqs")
    assert make("sqs") is before
    wiring.reset()
    assert make("sqs") is not before
