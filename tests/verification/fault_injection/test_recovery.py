"""The way back is counted from the blow, asks the stores too, and no answer may come too late."""

import time
from pathlib import Path
from typing import Any

import pytest

from local.paths import Paths
from verification.fault_injection import recovery
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.recovery import Wanted, until_well
from verification.local_cluster import ClusterDownError, Laptop


class Service(Consumer):
    """Shows the entry at once; the test decides when."""

    def __init__(self) -> None:
        super().__init__(Laptop(Paths(Path("none")), Path("none")), "operator", "padaria")
        self.patience = 0.0

    def get(self, path: str, patience: float = 0.0) -> Any:
        self.patience = patience
        return {"freshness": {"complete": True}}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the stores; Valkey answers the second time."""
    asked: list[str] = []

    def postgres(_laptop: Laptop) -> bool:
        asked.append("postgres")
        return True

    def valkey(_laptop: Laptop) -> bool:
        asked.append("valkey")
        return asked.count("valkey") > 1

    monkeypatch.setattr(recovery, "postgres_answers", postgres)
    monkeypatch.setattr(recovery, "valkey_answers", valkey)
    return asked


def wanted(since: float) -> Wanted:
    return Wanted("a", "2026-11-23", since, within=60.0, after="Valkey killed")


def test_both_stores_must_answer_until_all_is_well(asked: list[str]) -> None:
    seconds = until_well(Service(), wanted(time.monotonic() - 10))
    assert asked == ["postgres", "valkey", "valkey"]
    assert seconds >= 10


def test_an_answer_after_the_bound_is_too_late_although_it_is_a_good_one(asked: list[str]) -> None:
    with pytest.raises(ClusterDownError, match="not well again within 60 s after: Valkey killed"):
        until_well(Service(), wanted(time.monotonic() - 61))
    assert not asked


def test_nobody_is_more_patient_than_what_is_left(asked: list[str]) -> None:
    service = Service()
    until_well(service, wanted(time.monotonic() - 50))
    assert 0 < service.patience <= 10
