"""A failure stops only its own merchant, is logged without private texts, and is retried."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.closing.consolidate import ConsolidationRun, Consolidator
from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import MerchantDays, Ports
from tests.closing.corruptions import TODAY, corrupt, is_right
from tests.fixtures.night import YESTERDAY, NightWorld, instead, port, sale
from tests.fixtures.projection import printed

RUN = ConsolidationRun("run", YESTERDAY)


def failing_if(
    world: NightWorld, fails: Callable[[str, date], bool], error: type[Exception] = ConnectionError
) -> Ports:
    """Return ports whose ledger cannot read some days."""

    def day_entries(merchant_id: str, day: date) -> Any:
        if fails(merchant_id, day):
            raise error("CPF 123 of Maria")
        return world.ledger.day_entries(merchant_id, day)

    ports = world.ports()
    return replace(ports, ledger=instead(ports.ledger, day_entries=day_entries))


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
    lines = printed(capsys)
    failures = [line for line in lines if line["event"] == "merchant_failed"]
    assert [line["errors"] for line in failures] == [["builtins.ConnectionError"]] * 2
    assert "Maria" not in str(lines) and names[1] not in str(failures)
    assert night_world.night()["closed"] == 2


def test_unfinished_day_is_repaired_and_not_closed(traded: NightWorld) -> None:
    corrupt(traded, "amount altered", TODAY)
    consolidator = Consolidator(traded.ports(), RUN)
    consolidator.consolidate(MerchantDays(traded.merchant, (TODAY,)))
    assert (consolidator.counts.closed, consolidator.counts.failed) == (0, 0)
    assert (is_right(traded), traded.closings(TODAY)) == (True, [])


def test_unavailable_store_ends_the_pass(night_world: NightWorld) -> None:
    consolidator = Consolidator(failing_if(night_world, lambda *_: True), RUN)
    with pytest.raises(ConnectionError):
        for name in merchants(night_world, 12):
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
    night_world.sell("a")
    night_world.sell("b", account="bank")

    def fail(_name: str, _content: bytes) -> None:
        raise ConnectionError

    unreachable = replace(night_world.ports(), archive=night_world.archive(put=fail))
    assert night_world.night(ports=unreachable)["failed"] == 1
    corrupt(night_world, corruption)
    result = night_world.night()
    assert (result["failed"], result["closed"], result["repaired"] > 0) == (0, 0, True)
    assert night_world.read_model.pending([night_world.merchant]) == []


def test_closed_days_are_announced_in_tens(night_world: NightWorld) -> None:
    merchants(night_world, 23)
    sizes: list[int] = []
    events = port(publish=lambda details: sizes.append(len(details)))
    night_world.night(ports=replace(night_world.ports(), events=events))
    assert sizes == [10, 10, 3]
