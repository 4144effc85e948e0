"""Which runs the state machine rejects, and the sentence with which it does."""

from datetime import date

import pytest

from chalicelib.closing.rejection import rejection

TODAY = date(2026, 11, 23)
NOT_OVER = "is not over; it must be before today, 2026-11-23."
A_DAY = "day must be a day that exists, written YYYY-MM-DD, as 2026-11-23."
MERCHANTS = "2026-11-22-ormqmuppsujhitvwrq4uz7kw6gzngkau"


def rejected(day: str, name: str, started_by: str = "joana") -> str | None:
    return rejection({"day": day, "execution": name, "started_by": started_by}, TODAY)


@pytest.mark.parametrize(
    ("name", "started_by"),
    [("2026-11-22-0", "schedule"), ("2026-11-22-m1", "operator"), (MERCHANTS, "joana")],
)
def test_past_day_may_be_closed(name: str, started_by: str) -> None:
    assert rejected("2026-11-22", name, started_by) is None


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-23", f"Day 2026-11-23 {NOT_OVER}"),
        ("2027-01-01", f"Day 2027-01-01 {NOT_OVER}"),
        ("2026-02-30", A_DAY),
        ("20261122", A_DAY),
        ("None", A_DAY),
    ],
)
def test_only_past_days_are_closed(day: str, sentence: str) -> None:
    assert rejected(day, f"{day}-0", "schedule") == sentence


@pytest.mark.parametrize("name", ["2026-11-21-m1", "m1", "2026-11-22"])
def test_name_begins_with_its_day(name: str) -> None:
    sentence = f"The execution {name} closes 2026-11-22; its name must begin with 2026-11-22-."
    assert rejected("2026-11-22", name) == sentence


def test_numbers_are_the_schedules_names() -> None:
    sentence = "Only the schedule may name an execution 2026-11-22-0; name this one 2026-11-22-m1."
    assert rejected("2026-11-22", "2026-11-22-0", "operator") == sentence


def test_execution_of_an_earlier_release_continues() -> None:
    assert rejection({"day": "2026-11-22", "execution": "2026-11-22-1"}, TODAY) is None
