"""A pass ends in time, and the next one continues where it ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, repeat

import pytest

from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import MerchantDays, Page
from chalicelib.closing.ranges import SingleMerchant, SweepLane
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.storage.postgres import DatabaseUnreachableError, ValueRejectedError
from tests.fixtures.night import MIDNIGHT, YESTERDAY, LedgerInMemory, NightWorld, instead, sale
from tests.fixtures.projection import printed

RUN = ConsolidationRun("run-of-a-test", YESTERDAY)
BEGINNING = Progress(None, Counts())


def test_long_range_takes_several_passes(night_world: NightWorld) -> None:
    names = [f"{night_world.merchant}-{number:03}" for number in range(120)]
    night_world.record(*(sale(name, "a") for name in names))
    moments = map(timedelta, repeat(0), count(step=10))
    slow = night_world.ports(clock=lambda: MIDNIGHT + next(moments))
    progress, passes = BEGINNING, 0
    while passes == 0 or progress.next_after is not None:
        before = progress.counts.merchants
        progress = run_pass(slow, RUN, night_world.merchants, progress)
        passes += 1
        assert progress.counts.merchants > before or progress.next_after is None
        assert progress.counts.merchants - before < 50
    assert passes > 1
    assert progress.counts == Counts(merchants=120, closed=120)


def test_nothing_starts_after_ten_minutes(night_world: NightWorld) -> None:
    pages: list[str | None] = []

    class EndlessLedger(LedgerInMemory):
        def segment(self, number: int, of: int, start: str | None) -> Page:
            pages.append(start)
            night_world.now += timedelta(minutes=1)
            return Page([], f"{len(pages)}")

    ports = night_world.ports(ledger=EndlessLedger(), clock=lambda: night_world.now)
    assert run_pass(ports, RUN, SweepLane(0), BEGINNING).next_after is not None
    assert pages == [None, *map(str, range(1, 10))]


def test_unreachable_store_fails_a_merchants_own_pass(night_world: NightWorld) -> None:
    """So the state machine repeats the pass; a run of all merchants goes on to the next one."""

    class Away(LedgerInMemory):
        def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
            raise LedgerUnavailableError("The table does not respond.")

    night_world.sell("a")
    ports = night_world.ports(ledger=Away())
    with pytest.raises(LedgerUnavailableError):
        run_pass(ports, RUN, SingleMerchant(night_world.merchant), BEGINNING)
    assert run_pass(ports, RUN, night_world.merchants, BEGINNING).counts == Counts(1, failed=1)


@pytest.mark.parametrize(
    "alteration",
    [
        "UPDATE day_totals SET day = '-infinity' WHERE merchant_id = :bad",
        "UPDATE day_totals SET day = 'infinity' WHERE merchant_id = :bad",
        "UPDATE entries SET day = '-infinity' WHERE merchant_id = :bad",
        "UPDATE entries SET day = '0044-03-15 BC' WHERE merchant_id = :bad",
        "UPDATE entries SET recorded_at = 'infinity' WHERE merchant_id = :bad",
        "UPDATE unsealed_days SET day = '-infinity' WHERE merchant_id = :bad",
        "INSERT INTO reconciliations VALUES (:bad, 'infinity')",
    ],
)
def test_impossible_dates_are_repaired(night_world: NightWorld, alteration: str) -> None:
    bad, good = f"{night_world.merchant}-a", f"{night_world.merchant}-b"
    night_world.record(sale(bad, "a"), sale(good, "b"))
    night_world.corrupt(alteration, bad=bad)
    summary = night_world.night()
    assert (summary["closed"], summary["failed"]) == (2, 0)
    days = night_world.read_model.merchants(bad, f"{bad}!", None, YESTERDAY)
    assert [merchant.days for merchant in days] == [()]


def test_sweep_repairs_a_row_without_a_date(night_world: NightWorld) -> None:
    night_world.sell("a")
    night_world.night()
    night_world.corrupt(
        "UPDATE entries SET day = '-infinity' WHERE merchant_id = :m", m=night_world.merchant
    )
    lanes = [SweepLane(number) for number in range(4)]
    for night in range(30):
        assert night_world.run(lanes, YESTERDAY + timedelta(night))["failed"] == 0
    assert night_world.rows("entries", "day") == [[YESTERDAY]]


def test_failing_check_stops_no_other_merchant(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{night_world.merchant}-{number}" for number in range(3)]
    night_world.record(*(sale(name, "a") for name in names))
    ports = night_world.ports()

    def inconsistent_days(ids: Sequence[str], until: date, every: int) -> list[MerchantDays]:
        if names[1] in ids:
            raise ValueRejectedError("22008")
        return ports.read_model.inconsistent_days(ids, until, every)

    read_model = instead(ports.read_model, inconsistent_days=inconsistent_days)
    summary = night_world.night(ports=replace(ports, read_model=read_model))
    assert (summary["merchants"], summary["closed"], summary["failed"]) == (3, 2, 1)
    events = [line["event"] for line in printed(capsys)]
    assert events.count("merchant_failed") == 1
    assert night_world.night()["closed"] == 1


def test_dropped_session_in_a_check_ends_the_pass(night_world: NightWorld) -> None:
    night_world.sell("a")
    ports = night_world.ports()

    def wrong_newest(_ids: Sequence[str], _until: date, _every: int) -> list[str]:
        raise DatabaseUnreachableError("The session was dropped.")

    read_model = instead(ports.read_model, wrong_newest=wrong_newest)
    with pytest.raises(DatabaseUnreachableError):
        night_world.night(ports=replace(ports, read_model=read_model))


@pytest.mark.parametrize("moment", ["infinity", "294276-12-31Z"])
def test_impossible_newest_moment_stops_nothing(night_world: NightWorld, moment: str) -> None:
    night_world.sell("a")
    night_world.corrupt(
        "UPDATE merchants SET newest_recorded_at = :at WHERE merchant_id = :bad",
        bad=night_world.merchant,
        at=moment,
    )
    assert night_world.night(late_before=MIDNIGHT)["closed"] == 1
