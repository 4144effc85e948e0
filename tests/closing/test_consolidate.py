"""One merchant's failure stops no other, is told without private words, and leaves no half."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.closing.consolidate import Consolidator, Night
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import MerchantDays, Ports
from tests.closing.corruptions import CORRUPTIONS, TODAY, is_right, trade
from tests.fixtures.night import YESTERDAY, NightWorld, sale


def failing_for(world: NightWorld, *names: str, error: type[Exception] = ConnectionError) -> Ports:
    """Return ports whose ledger cannot tell the days of some merchants."""
    ports = world.ports()

    class Ledger(type(world.ledger)):  # type: ignore[misc]
        def day_entries(self, merchant_id: str, day: date) -> Any:
            if merchant_id in names:
                raise error("CPF 123 of Maria")
            return super().day_entries(merchant_id, day)

    return replace(ports, ledger=Ledger(world.ledger.entries))


def merchants(world: NightWorld, count: int) -> list[str]:
    names = [f"{world.merchant}-{number:02}" for number in range(count)]
    world.record(*(sale(name, "a") for name in names))
    return names


def test_one_that_fails_is_counted_and_stops_no_other(night_world: NightWorld) -> None:
    names = merchants(night_world, 5)
    result = night_world.night(ports=failing_for(night_world, names[1], names[3]))
    assert (result["merchants"], result["closed"], result["failed"]) == (5, 3, 2)
    assert night_world.night()["closed"] == 2


def test_a_failure_is_told_without_the_words_of_a_library(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    names = merchants(night_world, 1)
    night_world.night(ports=failing_for(night_world, *names))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [one for one in lines if one["event"] == "merchant_failed"]
    assert line["errors"] == ["builtins.ConnectionError"]
    assert "Maria" not in str(lines) and names[0] not in str(line)


def test_a_day_that_is_not_over_is_repaired_and_not_closed(night_world: NightWorld) -> None:
    trade(night_world)
    night_world.corrupt(CORRUPTIONS["amount altered"], merchant=night_world.merchant, day=TODAY)
    consolidator = Consolidator(night_world.ports(), Night("run", YESTERDAY))
    consolidator.consolidate(MerchantDays(night_world.merchant, (TODAY,)))
    assert (consolidator.counts.closed, consolidator.counts.failed) == (0, 0)
    assert (is_right(night_world), night_world.closings(TODAY)) == (True, [])


def test_a_store_that_is_down_ends_the_pass(night_world: NightWorld) -> None:
    names = merchants(night_world, 12)
    consolidator = Consolidator(failing_for(night_world, *names), Night("run", YESTERDAY))
    with pytest.raises(ConnectionError):
        for name in names:
            consolidator.consolidate(MerchantDays(name, (YESTERDAY,)))
    assert consolidator.counts.failed == 10


def test_neighbours_whose_own_books_are_refused_stop_nobody(night_world: NightWorld) -> None:
    names = merchants(night_world, 13)
    ports = failing_for(night_world, *names[:11], error=SealMismatchError)
    result = night_world.night(ports=ports)
    assert (result["merchants"], result["closed"], result["failed"]) == (13, 2, 11)


@pytest.mark.parametrize("corruption", ["row deleted", "amount altered", "entry moved"])
def test_what_was_altered_before_it_was_kept_is_put_right_and_kept(
    night_world: NightWorld, corruption: str
) -> None:
    name = night_world.merchant
    night_world.record(sale(name, "a"), sale(name, "b", account="bank"))

    def away(_name: str, _content: bytes) -> None:
        raise ConnectionError

    assert night_world.night(ports=replace(night_world.ports(), archive=away))["failed"] == 1
    night_world.corrupt(CORRUPTIONS[corruption], merchant=name, day=str(YESTERDAY))
    result = night_world.night()
    assert (result["failed"], result["closed"]) == (0, 0)
    assert result["repaired"] > 0
    assert night_world.books.undelivered([name]) == []


def test_a_day_that_fails_stops_no_other_day(night_world: NightWorld) -> None:
    earlier = YESTERDAY.replace(day=1)
    night_world.record(sale(night_world.merchant, "a"), sale(night_world.merchant, "b", earlier))
    lost = night_world.ledger.entries

    class Ledger(type(night_world.ledger)):  # type: ignore[misc]
        def day_entries(self, merchant_id: str, day: date) -> Any:
            if day == earlier:
                raise ConnectionError
            return super().day_entries(merchant_id, day)

    result = night_world.night(ports=replace(night_world.ports(), ledger=Ledger(lost)))
    assert (result["closed"], result["failed"]) == (1, 1)
    assert (night_world.closings(earlier), len(night_world.closings())) == ([], 1)


def test_closed_days_are_told_a_few_at_a_time(night_world: NightWorld) -> None:
    merchants(night_world, 23)
    sizes: list[int] = []
    ports = replace(night_world.ports(), announce=lambda details: sizes.append(len(details)))
    night_world.night(ports=ports)
    assert sizes == [10, 10, 3]
