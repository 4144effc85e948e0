"""Writers compare each response with their request."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.verification.fault_injection.service import Json, Mistake, Service, no_mistake
from verification.fault_injection.expected_entry import AcceptedEntries
from verification.fault_injection.writing import Writer
from verification.kit.api_client import Response
from verification.load.traffic import Writes


def tens_of_cents(entry: Json) -> Json:
    return entry | {"amount": entry["amount"][:-1] + "0"}


def days_of_utc(entry: Json) -> Json:
    moment = datetime.fromisoformat(entry["occurred_at"]).astimezone(UTC)
    return entry | {"day": moment.date().isoformat()}


def of_reversals(**changes: Any) -> Mistake:
    return lambda entry: entry | changes if entry["reverses"] else entry


def contradictions(mistake: Mistake) -> list[str]:
    """Return the contradictions of some writing."""
    entries = AcceptedEntries()
    writer = Writer(Service(mistake), entries, "seed", keys="key")
    for _ in range(6):
        writer.write(50)
    assert writer.reversals and writer.replays
    assert len(entries.by_id) >= 300
    return entries.contradictions


def test_correct_service_contradicts_nothing() -> None:
    assert not contradictions(no_mistake)


@pytest.mark.parametrize(
    ("mistake", "expected"),
    [
        (tens_of_cents, "amount must be"),
        (days_of_utc, "day must be"),
        (of_reversals(type="credit"), "type must be"),
        (of_reversals(amount="0.07"), "amount must be"),
        (of_reversals(currency="USD"), "currency must be"),
        (of_reversals(account="other"), "account must be"),
        (of_reversals(reverses="b"), "reverses must be"),
        (of_reversals(description=None), "description must be"),
        (of_reversals(day="2020-11-23"), "day must be"),
        (of_reversals(day="2020-11-23", occurred_at="2020-11-23T10:00:00Z"), "occurred_at must"),
    ],
)
def test_consistent_mistake_is_detected(mistake: Mistake, expected: str) -> None:
    lines = contradictions(mistake)
    assert lines and all(expected in line for line in lines)


def test_mixed_up_merchants_are_detected() -> None:
    entries, service = AcceptedEntries(), Service()
    Writer(service, entries, "one", keys="key").write(3)
    service.merchant = "rival"
    Writer(service, entries, "another", keys="key").write(3)
    assert any("answered in two ways" in line for line in entries.contradictions)


@pytest.mark.parametrize(("mistake", "detected"), [(no_mistake, False), (tens_of_cents, True)])
def test_load_detects_mistake_too(mistake: Mistake, detected: bool) -> None:
    entries, service = AcceptedEntries(), Service(mistake)
    writes = Writes(entries, "padaria", "load")
    send = writes.sender(lambda body, key: service.post("/v1/entries", body, key))
    assert all(map(send, range(20)))
    assert not writes.sender(lambda _body, _key: Response(0, {}, b""))(20)
    assert writes.repeat_unanswered(service) == 1
    assert len(entries.by_id) == 21
    assert bool(entries.contradictions) == detected
