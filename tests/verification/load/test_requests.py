"""An answer counts only when its balances add up."""

import json
from datetime import date
from typing import Any

from verification.load.requests import Question, questions

DAY = {"opening": "10.00", "credits": "5.00", "debits": "20.00", "closing": "-5.00"}
ONE = Question(date(2026, 11, 23), None)
SEVERAL = Question(date(2026, 11, 22), date(2026, 11, 23))


def answered(question: Question, shown: Any, status: int = 200) -> bool:
    return question.is_answered(status, json.dumps(shown))


def test_a_balance_that_adds_up_is_an_answer() -> None:
    assert answered(ONE, DAY)
    assert not answered(ONE, DAY | {"closing": "-5.01"})
    assert not answered(ONE, {"title": "Service Unavailable"}, 503)


def test_days_must_open_with_the_closing_before() -> None:
    after = {"opening": "-5.00", "credits": "0.00", "debits": "0.00", "closing": "-5.00"}
    assert answered(SEVERAL, {"items": [DAY, after]})
    assert not answered(SEVERAL, {"items": [DAY, DAY]})


def test_most_questions_are_of_one_day_and_a_seed_decides_them() -> None:
    request = questions(1000, seed=3)
    assert request == questions(1000, seed=3) != questions(1000, seed=4)
    assert 700 < sum(one.last is None for one in request) < 900
    assert SEVERAL.path == "/v1/daily-balances?from=2026-11-22&to=2026-11-23"
    assert SEVERAL.event("padaria")["queryStringParameters"]["to"] == "2026-11-23"
