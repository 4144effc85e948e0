"""Recovery counts from the fault, needs both stores, and has a bound."""

import time

import pytest

from tests.verification.fault_injection.service import Service
from verification.fault_injection import recovery
from verification.fault_injection.recovery import Recovery, await_recovery
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


def since(moment: float) -> Recovery:
    return Recovery("a", "2026-11-23", moment, within=60.0, fault="Valkey killed")


def test_both_stores_must_respond(checked: list[str]) -> None:
    seconds = await_recovery(Service(), since(time.monotonic() - 10))
    assert checked == ["postgres", "valkey", "valkey"]
    assert seconds >= 10


def test_late_response_is_too_late(checked: list[str]) -> None:
    with pytest.raises(ClusterDownError, match="no recovery within 60 s after: Valkey killed"):
        await_recovery(Service(), since(time.monotonic() - 61))
    assert not checked


def test_read_waits_only_until_the_bound(checked: list[str]) -> None:
    service = Service()
    await_recovery(service, since(time.monotonic() - 50))
    assert 0 < service.seconds <= 10
    assert checked
