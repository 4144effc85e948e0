"""Recovery counts from the fault, needs both stores, and has a bound."""

import time

import pytest

from tests.verification.fault_injection.service import Service, accepted
from verification.fault_injection import recovery
from verification.fault_injection.recovery import Deadline, await_recovery
from verification.local_cluster import ClusterDownError, LocalCluster


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stores that were checked; Valkey responds at the second time."""
    checked: list[str] = []

    def postgres(_cluster: LocalCluster) -> bool:
        checked.append("postgres")
        return True

    def valkey(_cluster: LocalCluster) -> bool:
        checked.append("valkey")
        return checked.count("valkey") > 1

    monkeypatch.setattr(recovery, "postgres_responds", postgres)
    monkeypatch.setattr(recovery, "valkey_responds", valkey)
    return checked


def recover(service: Service, seconds_ago: float) -> float:
    """Await the recovery from a fault some seconds ago, which may take a minute."""
    deadline = Deadline(time.monotonic() - seconds_ago, within=60.0, fault="Valkey killed")
    return await_recovery(service, accepted("a").entry, deadline)


def test_both_stores_must_respond(checked: list[str]) -> None:
    assert recover(Service(), 10) >= 10
    assert checked == ["postgres", "valkey", "valkey"]


def test_late_response_is_too_late(checked: list[str]) -> None:
    with pytest.raises(ClusterDownError, match="no recovery within 60 s after: Valkey killed"):
        recover(Service(), 61)
    assert not checked


def test_read_waits_only_until_the_bound(checked: list[str]) -> None:
    service = Service()
    recover(service, 50)
    assert 0 < service.seconds <= 10
    assert checked
