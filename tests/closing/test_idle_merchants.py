"""A merchant without entries costs a share of a statement, and is compared like any other."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.closing.day_state import DayState
from chalicelib.storage.postgres import ValueRejectedError
from tests.closing.corruptions import corrupt, is_right
from tests.fixtures.night import YESTERDAY, NightWorld, instead, sale
from tests.fixtures.projection import printed

BEFORE = YESTERDAY - timedelta(days=1)


_FORGED_ROW = (
    "INSERT INTO entries SELECT translate(md5(entry_id), '0189', 'wxyz'), merchant_id, type,"
    " amount_minor, currency, account, :day, occurred_at, occurred_instant, recorded_at,"
    " recorded_by, category, description, search_text, metadata, reverses, text_digest,"
    " content_digest FROM entries WHERE merchant_id = :m"
)
_INVENTED_CATEGORY = "INSERT INTO category_totals VALUES (:m, 'BRL', :day, 'wages', 1, 0, 1)"
_SEALED_ENTRY = (
    "INSERT INTO sealed_entries SELECT merchant_id, :day, entry_id, version FROM sealed_entries"
    " WHERE merchant_id = :m"
)
ALTERATIONS = {
    "row": _FORGED_ROW,
    "mark": "INSERT INTO unsealed_days VALUES (:m, :day, 1)",
    "closing": "INSERT INTO closings SELECT merchant_id, :day, version, 2, root, key_id,"
    " (published::jsonb || jsonb_build_object('day', :day, 'sequence', 2))::text, run"
    " FROM closings WHERE merchant_id = :m",
    "sealed entry": _SEALED_ENTRY,
    "category total": _INVENTED_CATEGORY,
    "day total": "INSERT INTO day_totals VALUES (:m, 'JPY', :day, 'main', 0, 0, 0)",
    "month total": "UPDATE month_totals SET entries = entries + 1 WHERE merchant_id = :m;"
    " UPDATE year_totals SET entries = entries + 1 WHERE merchant_id = :m",
    "year total": "UPDATE year_totals SET debits_minor = 1 WHERE merchant_id = :m",
}


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


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_any_trace_of_the_day_is_noticed(idle_world: NightWorld, alteration: str) -> None:
    store, names = idle_world.read_model, [idle_world.merchant]
    assert store.idle(names, YESTERDAY) == names
    idle_world.corrupt(ALTERATIONS[alteration], m=idle_world.merchant, day=YESTERDAY)
    assert store.idle(names, YESTERDAY) == []


@pytest.mark.parametrize("alteration", [_FORGED_ROW, _INVENTED_CATEGORY])
def test_forgery_without_other_traces_is_removed(idle_world: NightWorld, alteration: str) -> None:
    idle_world.corrupt(alteration, m=idle_world.merchant, day=YESTERDAY)
    assert not is_right(idle_world)
    assert idle_world.night()["failed"] == 0
    assert is_right(idle_world)


def test_removed_closings_stop_the_merchant(idle_world: NightWorld) -> None:
    idle_world.corrupt(_SEALED_ENTRY, m=idle_world.merchant, day=YESTERDAY)
    assert idle_world.night()["failed"] == 1


def test_failed_merchants_between_idle_ones_end_no_range(night_world: NightWorld) -> None:
    names = [f"{night_world.merchant}-{number:03}" for number in range(48)]
    night_world.record(*(sale(name, "a", BEFORE) for name in names))
    night_world.night(BEFORE)
    night_world.record(*(sale(name, "b", YESTERDAY) for name in names[::4]))
    original, failing = night_world.read_model, set(names[:40:4])

    def day_state(merchant_id: str, day: date) -> DayState:
        if merchant_id in failing:
            raise ValueError("a row of this merchant cannot be parsed")
        return original.day_state(merchant_id, day)

    ports = night_world.ports(read_model=instead(original, day_state=day_state))
    summary = night_world.night(ports=ports)
    assert (summary["merchants"], summary["closed"], summary["failed"]) == (48, 2, 10)


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
