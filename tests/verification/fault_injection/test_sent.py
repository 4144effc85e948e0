"""An answer must say what was sent: the same amount on the same day, and a reversal's opposite."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.verification.fault_injection.answers import BODY, accepted
from verification.fault_injection.expected_entry import (
    business_day,
    entry_sent,
    minor_units,
    reversal_sent,
)

LATE = BODY | {"occurred_at": "2026-11-23T22:30:00-03:00"}


def reversal(**told: Any) -> list[str]:
    """Return what is wrong with the answer to a reversal of BODY that says otherwise in part."""
    began = datetime.now(UTC)
    sent = reversal_sent(entry_sent(BODY), "a", "em dobro", began)
    sound = BODY | {
        "id": "r",
        "type": "debit",
        "day": business_day(began),
        "occurred_at": began.isoformat(),
        "description": "em dobro",
        "reverses": "a",
        "reversed_by": None,
    }
    return list(sent.differences(sound | told))


def test_an_answer_that_says_what_was_sent_has_no_differences() -> None:
    assert not list(accepted("a").contradictions())
    assert not list(accepted("a", LATE).contradictions())
    assert not reversal()


@pytest.mark.parametrize(
    "told",
    [
        {"amount": "1.00"},
        {"amount": "10.0"},
        {"type": "debit"},
        {"currency": "JPY"},
        {"account": "bank"},
        {"category": None},
        {"description": "Venda"},
        {"reverses": "b"},
        {"occurred_at": "2026-11-23T10:00:01-03:00"},
    ],
)
def test_an_answer_that_says_otherwise_is_named(told: dict[str, Any]) -> None:
    (result,) = accepted("a", **told).contradictions()
    assert result.startswith(f"a of padaria: {next(iter(told))} must be")


def test_a_day_that_ends_at_midnight_of_utc_is_a_difference() -> None:
    (result,) = accepted("a", LATE, day="2026-11-24").contradictions()
    assert result == "a of padaria: day must be 2026-11-23, and is 2026-11-24"


@pytest.mark.parametrize(
    "told",
    [
        {"type": "credit"},
        {"amount": "10.01"},
        {"currency": "JPY"},
        {"account": "bank"},
        {"reverses": "b"},
        {"day": "2026-11-22"},
    ],
)
def test_a_reversal_is_the_opposite_of_its_original_and_of_today(told: dict[str, Any]) -> None:
    (result,) = reversal(**told)
    assert result.startswith(f"{next(iter(told))} must be")


def test_a_reversal_that_is_not_of_now_is_a_difference() -> None:
    (result,) = reversal(occurred_at="2026-11-20T10:00:00-03:00", day="2026-11-20")
    assert result.startswith("occurred_at must be")


def test_days_are_counted_three_hours_behind_utc() -> None:
    assert business_day(datetime(2026, 11, 24, 2, 59, 59, tzinfo=UTC)) == "2026-11-23"
    assert business_day(datetime(2026, 11, 24, 3, 0, 0, tzinfo=UTC)) == "2026-11-24"


def test_minor_units_are_the_digits() -> None:
    assert minor_units("-12.05") == -1205
    assert minor_units("1500") == 1500
