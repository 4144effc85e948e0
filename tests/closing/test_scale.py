"""What a night calls, which grows with the merchants and days that it closes and nothing else."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zlib import crc32

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


def test_a_merchant_without_new_entries_costs_no_call(night_world: NightWorld) -> None:
    """Beside the statements of its page; one in thirty is compared with the ledger."""
    earlier = YESTERDAY - timedelta(days=1)
    names = [f"{night_world.merchant}-{number:03}" for number in range(120)]
    night_world.record(*(sale(name, "earlier", earlier) for name in names))
    night_world.night(earlier)
    night_world.record(*(sale(name, "new") for name in names[::10]))
    calls: Counter[str] = Counter()
    ports: dict[str, Any] = {
        name: Counted(night_world, name, calls)
        for name in ("ledger", "read_model", "signer", "archive", "events")
    }
    summary = night_world.night(ports=night_world.ports(**ports))
    assert (summary["merchants"], summary["closed"], summary["failed"]) == (120, 12, 0)
    turn = YESTERDAY.toordinal() % 30
    in_turn = {name for name in names if crc32(name.encode()) % 30 == turn}
    compared = len(in_turn.union(names[::10]))
    assert calls["ledger.day_entries"] == calls["read_model.day_state"] == compared
    assert (calls["ledger.days_between"], calls["read_model.insert_closing"]) == (0, 12)
    a_page = ("merchants", "pending", "inconsistent_days", "wrong_newest")
    assert [calls[f"read_model.{name}"] for name in a_page] == [4, 3, 3, 3]


def test_a_lost_day_is_found_within_thirty_nights(night_world: NightWorld) -> None:
    """Of a merchant without other entries, and it is closed before any later day."""
    first = YESTERDAY - timedelta(days=40)
    night_world.sell("known", first)
    night_world.night(first)
    lost = first + timedelta(days=1)
    night_world.record_unprojected(sale(night_world.merchant, "lost", lost))
    for number in range(30):
        night_world.night(lost + timedelta(days=number))
    assert [closing["sequence"] for closing in night_world.closings(lost)] == [2]


def test_the_next_entry_finds_a_lost_day(night_world: NightWorld) -> None:
    first = YESTERDAY - timedelta(days=40)
    night_world.sell("known", first)
    night_world.night(first)
    lost, later = first + timedelta(days=1), first + timedelta(days=2)
    night_world.record_unprojected(sale(night_world.merchant, "lost", lost))
    night_world.sell("later", later)
    night_world.night(later)
    assert [day for day in (lost, later) if night_world.closings(day)] == [lost, later]
    assert [night_world.closings(day)[0]["sequence"] for day in (lost, later)] == [2, 3]
