"""Recovery counts from the fault, needs Valkey too, and has a bound."""

import time
from unittest.mock import Mock

import pytest

from tests.verification.fault_injection.service import Service, accepted
from verification.fault_injection import recovery
from verification.fault_injection.recovery import Deadline, await_recovery
from verification.local_cluster import ClusterDownError


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The check of Valkey, which responds at the second time."""
    check = Mock(side_effect=[False, True])
    monkeypatch.setattr(recovery, "valkey_responds", check)
    return check


def recover(service: Service, seconds_ago: float) -> float:
    """Await the recovery from a fault some seconds ago, which may take a minute."""
    deadline = Deadline(time.monotonic() - seconds_ago, within=60.0, fault="Valkey killed")
    return await_recovery(service, accepted("a").entry, deadline)


def test_entry_is_visible_and_valkey_responds(valkey: Mock) -> None:
    assert recover(Service(), 10) >= 10
    assert valkey.call_count == 2


def test_late_response_is_too_late(valkey: Mock) -> None:
    with pytest.raises(ClusterDownError, match="no recovery within 60 s after: Valkey killed"):
        recover(Service(), 61)
    assert not valkey.called


def test_read_waits_only_until_the_bound(valkey: Mock) -> None:
    service = Service()
    recover(service, 50)
    assert 0 < service.seconds <= 10
    assert valkey.called
