"""A merchant without entries costs a share of a statement, and is compared like any other."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.storage.postgres import ValueRejectedError
from tests.closing.corruptions import corrupt, is_right
from tests.fixtures.night import YESTERDAY, NightWorld, instead, sale
from tests.fixtures.projection import printed

BEFORE = YESTERDAY - timedelta(days=1)


@pytest.fixture
def idle_world(night_world: NightWorld) -> NightWorld:
    """Return a merchant that sold and was closed the day before, and sold nothing yesterday."""
    night_world.sell("a", BEFORE, account="bank")
    assert night_world.night(BEFORE)["closed"] == 1
    return night_world


def counted(world: NightWorld, calls: Counter[str]) -> Any:
    """Return the world's ports, whose ledger and read model count their calls."""

    def counting(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            calls[name] += 1
            return method(*arguments)

        return call

    originals = {"ledger": world.ledger, "read_model": world.read_model}
    names = {"ledger": ("day_entries", "without_entries"), "read_model": ("day_state", "idle")}
    ports = {
        port: instead(
            original, **{name: counting(name, getattr(original, name)) for name in names[port]}
        )
        for port, original in originals.items()
    }
    return world.ports(**ports)


def test_idle_merchants_are_read_by_pages(night_world: NightWorld) -> None:
    names = [f"{night_world.merchant}-{number:03}" for number in range(120)]
    night_world.record(*(sale(name, "a", BEFORE) for name in names))
    night_world.night(BEFORE)
    night_world.record(sale(names[7], "b", YESTERDAY))
    calls: Counter[str] = Counter()
    summary = night_world.night(ports=counted(night_world, calls))
    assert (summary["merchants"], summary["closed"], summary["failed"]) == (120, 1, 0)
    assert calls == {"idle": 3, "without_entries": 3, "day_entries": 1, "day_state": 1}
    noted = night_world.database.run(
        "SELECT count(*) FROM reconciliations WHERE merchant_id = ANY (CAST(:names AS text[]))"
        " AND reconciled_until = :day",
        names="{" + ",".join(names) + "}",
        day=YESTERDAY,
    )
    assert noted == [[120]]


@pytest.mark.parametrize(
    "alteration", ["day total invented", "month total", "year total", "month and year alike"]
)
def test_altered_sums_are_repaired_at_once(idle_world: NightWorld, alteration: str) -> None:
    corrupt(idle_world, alteration)
    assert not is_right(idle_world)
    assert idle_world.night()["failed"] == 0
    assert is_right(idle_world)
    assert {day for day, _, _ in idle_world.repairs()} == {YESTERDAY}


def test_invented_row_is_removed(idle_world: NightWorld) -> None:
    idle_world.project(sale(idle_world.merchant, "forged"))
    idle_world.corrupt("DELETE FROM unsealed_days WHERE merchant_id = :m", m=idle_world.merchant)
    assert idle_world.night()["failed"] == 0
    assert is_right(idle_world)


def test_lost_entry_is_projected_and_sealed(idle_world: NightWorld) -> None:
    idle_world.record_unprojected(sale(idle_world.merchant, "lost"))
    assert (idle_world.night()["closed"], len(idle_world.closings())) == (1, 1)
    assert is_right(idle_world)


def test_missed_night_is_made_good(idle_world: NightWorld) -> None:
    """The day that no run has reconciled is read, although the run's own day has no entry."""
    idle_world.record_unprojected(sale(idle_world.merchant, "lost", YESTERDAY))
    assert idle_world.night(YESTERDAY + timedelta(days=1))["closed"] == 1
    assert is_right(idle_world)


def test_late_projection_passes_over_nobody(idle_world: NightWorld) -> None:
    calls: Counter[str] = Counter()
    idle_world.night(ports=counted(idle_world, calls), late_before=idle_world.now)
    assert calls == {"day_entries": 1, "day_state": 1}


def test_unreadable_page_is_read_by_merchants(
    idle_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_merchants: Sequence[str], _day: date) -> list[str]:
        raise ValueRejectedError("a row is malformed")

    ports = idle_world.ports(read_model=instead(idle_world.read_model, idle=refused))
    summary = idle_world.night(ports=ports)
    assert (summary["merchants"], summary["failed"]) == (1, 0)
    events = [line["event"] for line in printed(capsys)]
    assert events.count("idle_merchants_unknown") == 1


def test_day_of_zeros_is_not_repaired(idle_world: NightWorld) -> None:
    """Entries that were moved away leave totals of zeros, which differ from nothing."""
    idle_world.corrupt(
        "INSERT INTO day_totals VALUES (:m, 'BRL', :day, 'bank', 0, 0, 0)",
        m=idle_world.merchant,
        day=YESTERDAY,
    )
    assert idle_world.night()["repaired"] == 0
