"""Recovery counts from the fault, needs Valkey too, and has a bound."""

import time

import pytest

from tests.verification.fault_injection.service import Service, accepted
from verification.fault_injection import recovery
from verification.fault_injection.recovery import Deadline, await_recovery
from verification.local_cluster import ClusterDownError


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What Valkey has yet to answer: it responds at the second time."""
    pings = [False, True]
    monkeypatch.setattr(recovery, "valkey_responds", lambda _cluster: pings.pop(0))
    return pings


def recover(service: Service, seconds_ago: float) -> float:
    """Await the recovery from a fault some seconds ago, which may take a minute."""
    deadline = Deadline(time.monotonic() - seconds_ago, within=60.0, fault="Valkey killed")
    return await_recovery(service, accepted("a").entry, deadline)


def test_entry_is_visible_and_valkey_responds(pings: list[bool]) -> None:
    assert recover(Service(), 10) >= 10
    assert pings == []


def test_late_response_is_too_late(pings: list[bool]) -> None:
    with pytest.raises(ClusterDownError, match="no recovery within 60 s after: Valkey killed"):
        recover(Service(), 61)
    assert pings == [False, True]


def test_read_waits_only_until_the_bound(pings: list[bool]) -> None:
    service = Service()
    recover(service, 50)
    assert 0 < service.seconds <= 10
    assert pings == []
