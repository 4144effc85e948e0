"""What a night calls, which grows with the merchants and days that it closes and nothing else."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.fixtures.night import YESTERDAY, NightWorld, sale


class Counted:
    """A port whose calls are counted as `name.method`."""

    def __init__(self, world: NightWorld, name: str, calls: Counter[str]) -> None:
        self._port, self._name, self._calls = getattr(world.ports(), name), name, calls

    def __getattr__(self, method: str) -> Callable[..., Any]:
        self._calls[f"{self._name}.{method}"] += 1
        operation: Callable[..., Any] = getattr(self._port, method)
        return operation


def test_calls_grow_linearly_with_merchants(night_world: NightWorld) -> None:
    days = [YESTERDAY, YESTERDAY - timedelta(days=50)]
    names = [f"{night_world.merchant}-{number:03}" for number in range(120)]
    night_world.record(*(sale(name, f"{day}", day) for name in names for day in days))
    night_world.record(*(sale(name, "today", YESTERDAY + timedelta(days=1)) for name in names))
    calls: Counter[str] = Counter()
    ports: dict[str, Any] = {
        name: Counted(night_world, name, calls)
        for name in ("ledger", "read_model", "signer", "archive", "events")
    }
    summary = night_world.night(ports=night_world.ports(**ports))
    assert (summary["merchants"], summary["closed"]) == (120, 240)
    assert (summary["repaired"], summary["failed"]) == (0, 0)
    a_closing = {"ledger.day_entries", "read_model.day_state", "read_model.insert_closing"}
    assert {calls[name] for name in a_closing | {"signer.sign", "archive.versions"}} == {240}
    assert (calls["archive.put"], calls["archive.read"]) == (480, 120)
    assert calls["events.publish"] == calls["read_model.mark_delivered"] == 24
    a_page = ("merchants", "pending", "inconsistent_days", "wrong_newest", "mark_reconciled")
    assert [calls[f"read_model.{name}"] for name in a_page] == [4, 3, 3, 3, 3]
    # The days of a merchant without closings are listed once, and those before each closing.
    assert calls["ledger.days_between"] == 120 + 240
    assert calls.total() == 240 * 5 + 480 + 120 + 2 * 24 + 4 + 4 * 3 + 360
