"""A failure stops only its own day, is logged without private texts, and is repaired later."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.closing.consolidate import ConsolidationRun, Consolidator
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import MerchantDays, Ports
from tests.closing.corruptions import CORRUPTIONS, TODAY, is_right, trade
from tests.fixtures.night import YESTERDAY, NightWorld, port, sale

RUN = ConsolidationRun("run", YESTERDAY)


def failing_if(
    world: NightWorld,
    fails: Callable[[str, date], bool],
    error: type[Exception] = ConnectionError,
) -> Ports:
    """Return ports whose ledger cannot read some days."""

    class Ledger(type(world.ledger)):  # type: ignore[misc]
        def day_entries(self, merchant_id: str, day: date) -> Any:
            if fails(merchant_id, day):
                raise error("CPF 123 of Maria")
            return super().day_entries(merchant_id, day)

    return replace(world.ports(), ledger=Ledger(world.ledger.entries))


def merchants(world: NightWorld, count: int) -> list[str]:
    names = [f"{world.merchant}-{number:02}" for number in range(count)]
    world.record(*(sale(name, "a") for name in names))
    return names


def test_failing_merchants_stop_no_other(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    names = merchants(night_world, 5)
    failing = {names[1], names[3]}
    result = night_world.night(ports=failing_if(night_world, lambda name, _: name in failing))
    assert (result["merchants"], result["closed"], result["failed"]) == (5, 3, 2)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failures = [line for line in lines if line["event"] == "merchant_failed"]
    assert [line["errors"] for line in failures] == [["builtins.ConnectionError"]] * 2
    assert "Maria" not in str(lines) and names[1] not in str(failures)
    assert night_world.night()["closed"] == 2


def test_failing_day_stops_no_other_day(night_world: NightWorld) -> None:
    earlier = YESTERDAY.replace(day=1)
    night_world.record(sale(night_world.merchant, "a"), sale(night_world.merchant, "b", earlier))
    result = night_world.night(ports=failing_if(night_world, lambda _, day: day == earlier))
    assert (result["closed"], result["failed"]) == (1, 1)
    assert (night_world.closings(earlier), len(night_world.closings())) == ([], 1)


def test_unfinished_day_is_repaired_and_not_closed(night_world: NightWorld) -> None:
    trade(night_world)
    night_world.corrupt(CORRUPTIONS["amount altered"], merchant=night_world.merchant, day=TODAY)
    consolidator = Consolidator(night_world.ports(), RUN)
    consolidator.consolidate(MerchantDays(night_world.merchant, (TODAY,)))
    assert (consolidator.counts.closed, consolidator.counts.failed) == (0, 0)
    assert (is_right(night_world), night_world.closings(TODAY)) == (True, [])


def test_unavailable_store_ends_the_pass(night_world: NightWorld) -> None:
    names = merchants(night_world, 12)
    consolidator = Consolidator(failing_if(night_world, lambda *_: True), RUN)
    with pytest.raises(ConnectionError):
        for name in names:
            consolidator.consolidate(MerchantDays(name, (YESTERDAY,)))
    assert consolidator.counts.failed == 10


def test_contradicted_seals_do_not_end_the_pass(night_world: NightWorld) -> None:
    failing = set(merchants(night_world, 13)[:11])
    ports = failing_if(night_world, lambda name, _: name in failing, SealMismatchError)
    result = night_world.night(ports=ports)
    assert (result["merchants"], result["closed"], result["failed"]) == (13, 2, 11)


@pytest.mark.parametrize("corruption", ["row deleted", "amount altered", "entry moved"])
def test_rows_altered_before_archiving_are_repaired(
    night_world: NightWorld, corruption: str
) -> None:
    merchant = night_world.merchant
    night_world.record(sale(merchant, "a"), sale(merchant, "b", account="bank"))

    def fail(_name: str, _content: bytes) -> None:
        raise ConnectionError

    unreachable = replace(night_world.ports(), archive=night_world.archive(put=fail))
    assert night_world.night(ports=unreachable)["failed"] == 1
    night_world.corrupt(CORRUPTIONS[corruption], merchant=merchant, day=YESTERDAY)
    result = night_world.night()
    assert (result["failed"], result["closed"]) == (0, 0)
    assert result["repaired"] > 0
    assert night_world.read_model.pending([merchant]) == []


def test_closed_days_are_announced_in_tens(night_world: NightWorld) -> None:
    merchants(night_world, 23)
    sizes: list[int] = []
    events = port(publish=lambda details: sizes.append(len(details)))
    night_world.night(ports=replace(night_world.ports(), events=events))
    assert sizes == [10, 10, 3]
