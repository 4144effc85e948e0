"""An opening follows from the newest closing in the bucket, whatever the sums in PostgreSQL say."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.closing.day_state import DayState
from tests.closing.corruptions import checked
from tests.fixtures.night import YESTERDAY, NightWorld, instead, sale
from tests.fixtures.projection import printed

LONG_AGO = date(2024, 12, 10)
LAST_YEAR = date(2025, 6, 3)
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
TOMORROW = YESTERDAY + timedelta(days=1)


def forge_year(world: NightWorld, year: int, account: str = "main", currency: str = "BRL") -> None:
    """Add 1,000,000.00 to both sums of a year, so that they still agree."""
    start = date(year, 1, 1)
    of_merchant = {"m": world.merchant, "start": start, "account": account, "code": currency}
    world.corrupt(
        "INSERT INTO sealed_totals AS total VALUES (:m, 'year', :start, :code, :account,"
        " 100000000, 0) ON CONFLICT (merchant_id, period, start, currency, account)"
        " DO UPDATE SET net_minor = total.net_minor + 100000000",
        **of_merchant,
    )
    world.corrupt(
        "INSERT INTO year_totals AS total VALUES (:m, :code, :start, :account, 100000000, 0, 0)"
        " ON CONFLICT (merchant_id, currency, year, account)"
        " DO UPDATE SET credits_minor = total.credits_minor + 100000000",
        **of_merchant,
    )


def forge_day_alike(world: NightWorld, sequence: int, day: date) -> None:
    """Add 1,000,000.00 to a closed day: to the effect of its closing and to all sums of both."""
    forge_year(world, day.year)
    world.corrupt(
        "UPDATE closing_effects SET net_minor = net_minor + 100000000"
        " WHERE merchant_id = :m AND sequence = :number",
        m=world.merchant,
        number=sequence,
    )
    for table, start in (("day", day), ("month", day.replace(day=1))):
        world.corrupt(
            f"UPDATE {table}_totals SET credits_minor = credits_minor + 100000000"
            f" WHERE merchant_id = :m AND {table} = :start",
            m=world.merchant,
            start=start,
        )


def openings(world: NightWorld, day: date, version: int = 1) -> dict[str, str]:
    """Return the opening of each line of a version."""
    lines = world.closings(day)[version - 1]["balances"]
    return {f"{line['account']} {line['currency']}": line["opening"] for line in lines}


def failure(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error of the last merchant that failed."""
    failed = [line for line in printed(capsys) if line["event"] == "merchant_failed"]
    return str(failed[-1]["errors"][0])


@pytest.fixture
def world(night_world: NightWorld) -> NightWorld:
    """A merchant with closed days in two earlier years: 50.00, 2.00 at the bank, 30 yen; 1.00."""
    night_world.sell("a", LONG_AGO, 5000)
    night_world.sell("b", LONG_AGO, 200, account="bank")
    night_world.sell("c", LONG_AGO, 30, currency="JPY")
    night_world.sell("d", LAST_YEAR)
    assert night_world.night()["closed"] == 2
    return night_world


def test_forged_sums_of_years_are_not_sealed(world: NightWorld, tmp_path: Path) -> None:
    forge_year(world, 2024)
    forge_year(world, 2024, "bank")
    world.sell("new")
    assert world.night()["failed"] == 0
    expected = {"bank BRL": "2.00", "main BRL": "51.00", "main JPY": "30"}
    assert openings(world, YESTERDAY) == expected
    assert checked(world, tmp_path) == 0


@pytest.mark.parametrize("account", ["main", "safe"])
def test_restated_day_opens_without_forged_sums(world: NightWorld, account: str) -> None:
    forge_year(world, 2024, account)
    world.sell("late", LAST_YEAR, 7)
    world.sell("new")
    assert world.night()["failed"] == 0
    expected = {"bank BRL": "2.00", "main BRL": "50.00", "main JPY": "30"}
    assert openings(world, LAST_YEAR, 2) == expected
    assert openings(world, YESTERDAY) == {**expected, "main BRL": "51.07"}


def test_sums_before_a_restated_head_are_compared(world: NightWorld, tmp_path: Path) -> None:
    """The head is of the oldest day, so the days after it are added from their own closings."""
    world.sell("late", LONG_AGO, 7)
    assert world.night()["closed"] == 1
    forge_year(world, 2024)
    world.sell("new")
    assert world.night()["failed"] == 0
    assert openings(world, YESTERDAY)["main BRL"] == "51.07"
    world.sell("later", LAST_YEAR - timedelta(days=1), 5)
    world.sell("next", TOMORROW)
    assert world.night(TOMORROW)["failed"] == 0
    assert openings(world, LAST_YEAR - timedelta(days=1))["main BRL"] == "50.07"
    assert openings(world, TOMORROW)["main BRL"] == "52.12"
    assert checked(world, tmp_path) == 0


def test_forged_day_after_the_head_is_not_sealed(world: NightWorld) -> None:
    """Its signed closing is before the head, and says what was sealed."""
    world.sell("late", LONG_AGO, 7)
    assert world.night()["closed"] == 1
    forge_day_alike(world, 2, LAST_YEAR)
    world.sell("new")
    assert (world.night()["failed"], world.closings()) == (1, [])


@pytest.mark.parametrize("alteration", ["effect", "published"])
def test_altered_closing_before_the_head_stops_sealing(world: NightWorld, alteration: str) -> None:
    world.sell("late", LONG_AGO, 7)
    assert world.night()["closed"] == 1
    old, new = ("}", "} ")
    if alteration == "effect":
        forge_day_alike(world, 2, LAST_YEAR)
        old, new = '"credits":"1.00"', '"credits":"1000001.00"'
    world.corrupt(
        "UPDATE closings SET published = replace(published, :old, :new)"
        " WHERE merchant_id = :m AND sequence = 2",
        m=world.merchant,
        old=old,
        new=new,
    )
    world.sell("new")
    failed = int(alteration == "effect")  # white space changes no value
    assert (world.night()["failed"], len(world.closings())) == (failed, 1 - failed)


@pytest.mark.parametrize("altered", ['"entries_root":"no hash"', '"other":""'])
def test_closing_without_a_hash_is_an_altered_one(
    world: NightWorld, capsys: pytest.CaptureFixture[str], altered: str
) -> None:
    """It fails its merchant as any other alteration does, and counts as no fault of the stores."""
    world.sell("late", LONG_AGO, 7)
    world.night()
    world.corrupt(
        "UPDATE closings SET published = regexp_replace(published, :old, :new)"
        " WHERE merchant_id = :m AND sequence = 2",
        m=world.merchant,
        old='"entries_root":"[0-9a-f]+"',
        new=altered,
    )
    world.sell("new")
    assert world.night()["failed"] == 1
    assert failure(capsys) == "chalicelib.closing.errors.SealMismatchError"


@pytest.mark.parametrize("table", ["closings", "all"])
def test_removed_day_between_is_not_left_out(world: NightWorld, table: str) -> None:
    """The closed day before the new one seems to be an older one, which was closed again."""
    world.sell("late", LONG_AGO, 7)
    assert world.night()["closed"] == 1
    forge_year(world, 2025)  # so that there is a row to remove
    others = ("closing_effects", "sealed_entries", "entries", "day_totals", "category_totals")
    for name in ("closings", *others) if table == "all" else ("closings",):
        world.corrupt(
            f"DELETE FROM {name} WHERE merchant_id = :m AND day = :day",
            m=world.merchant,
            day=LAST_YEAR,
        )
    for name, column in (("month_totals", "month"), ("year_totals", "year")):
        world.corrupt(
            f"DELETE FROM {name} WHERE merchant_id = :m AND {column} >= '2025-01-01'",
            m=world.merchant,
        )
    world.corrupt(
        "DELETE FROM sealed_totals WHERE merchant_id = :m AND start >= '2025-01-01'",
        m=world.merchant,
    )
    world.sell("new")
    assert (world.night()["failed"], world.closings()) == (1, [])


@pytest.mark.parametrize("run", [NightWorld.night, NightWorld.close])
def test_lost_entries_of_days_between_are_closed_first(
    world: NightWorld, tmp_path: Path, run: Callable[[NightWorld, date], dict[str, int]]
) -> None:
    """Their stream records are lost, and the days were compared before they were recorded."""
    for day in (FRIDAY, SATURDAY):
        world.record_unprojected(sale(world.merchant, f"lost {day}", day, 500))
    world.sell("new", TOMORROW)
    forge_year(world, 2024)  # so that the days between need another repair, too
    assert run(world, TOMORROW)["failed"] == 0
    assert openings(world, FRIDAY)["main BRL"] == "51.00"
    assert openings(world, SATURDAY)["main BRL"] == "56.00"
    assert openings(world, TOMORROW)["main BRL"] == "61.00"
    assert checked(world, tmp_path) == 0


def test_lost_entry_before_a_restated_day_is_closed(world: NightWorld) -> None:
    world.sell("new", TOMORROW)
    world.night(TOMORROW)
    world.record_unprojected(sale(world.merchant, "lost", FRIDAY, 500))
    world.sell("late", TOMORROW)
    assert world.night(TOMORROW)["closed"] == 2
    assert openings(world, FRIDAY)["main BRL"] == "51.00"
    assert openings(world, TOMORROW, 2)["main BRL"] == "56.00"


def test_unclosed_day_in_flight_is_passed_over(world: NightWorld) -> None:
    """It is in no closing, so the next one does not wait for it."""
    world.sell("new")
    recent = sale(world.merchant, "recent", YESTERDAY - timedelta(days=1), recorded=world.now)
    world.ledger.entries[recent.entry_id] = recent
    assert world.night()["failed"] == 0
    assert openings(world, YESTERDAY)["main BRL"] == "51.00"


@pytest.mark.parametrize("is_removed", [True, False])
def test_closed_day_gets_no_second_first_version(
    world: NightWorld, capsys: pytest.CaptureFixture[str], is_removed: bool
) -> None:
    """Its closing is removed from PostgreSQL with all that belongs to it, or hidden in a view.

    The closed day before it was closed again, so no sum shows that a closing is missing.
    """
    world.sell("late", LONG_AGO, 7)
    assert world.night()["closed"] == 1
    for table in ("closings", "sealed_entries", "closing_effects") if is_removed else ():
        world.corrupt(
            f"DELETE FROM {table} WHERE merchant_id = :m AND day = :day",
            m=world.merchant,
            day=LAST_YEAR,
        )
    sums = "DELETE FROM sealed_totals WHERE merchant_id = :m AND start >= '2025-01-01'"
    world.corrupt(sums, m=world.merchant)

    def without_closings(merchant_id: str, day: date) -> DayState:
        state = world.read_model.day_state(merchant_id, day)
        return replace(state, newest=None, sealed_ids=frozenset()) if day == LAST_YEAR else state

    hidden = world.ports(read_model=instead(world.read_model, day_state=without_closings))
    world.sell("later", LAST_YEAR, 7)
    before = dict(world.bucket)
    assert world.night(ports=None if is_removed else hidden)["failed"] == 1
    assert world.bucket == before
    assert failure(capsys) == "chalicelib.closing.errors.SealMismatchError"


def test_sealed_entries_without_a_closing_are_an_alteration(world: NightWorld) -> None:
    of_day = {"m": world.merchant, "day": LAST_YEAR}
    world.sell("new")
    world.night()
    world.corrupt("DELETE FROM closings WHERE merchant_id = :m AND day = :day", **of_day)
    world.corrupt(
        "INSERT INTO unsealed_days (merchant_id, day, mark) VALUES (:m, :day, 1)", **of_day
    )
    assert world.night()["failed"] == 1


def test_first_closing_opens_with_nothing(night_world: NightWorld) -> None:
    forge_year(night_world, 2024)
    night_world.sell("a")
    assert night_world.night()["failed"] == 0
    assert openings(night_world, YESTERDAY) == {"main BRL": "0.00"}


def test_forged_effect_of_a_closing_stops_sealing(world: NightWorld) -> None:
    """The closer's role may insert it, and the sums of closings follow."""
    with closing(world.database.connect("livro_closer")) as connection:
        connection.run(
            "INSERT INTO closing_effects VALUES (:m, 2, 'BRL', 'safe', '2024-12-10', 700, 0)",
            m=world.merchant,
        )
    world.corrupt(
        "INSERT INTO year_totals VALUES (:m, 'BRL', '2024-01-01', 'safe', 700, 0, 0)",
        m=world.merchant,
    )
    world.sell("new")
    assert (world.night()["failed"], world.closings()) == (1, [])
