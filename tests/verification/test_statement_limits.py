"""Every statement of the product has a limit, and a small read model is within all of them."""

import inspect
from pathlib import Path

import pytest

from chalicelib.closing.read_model import ClosingStore
from chalicelib.projection.repairer import Repairer
from chalicelib.queries.read_model import ReadModel
from verification.benchmarks.servers import read_model_server
from verification.commands import VerificationError
from verification.statement_limits import routes, runs
from verification.statement_limits.__main__ import measured, print_table
from verification.statement_limits.operations import Operation
from verification.statement_limits.probe import Reading
from verification.statement_limits.seed import Extent, check_disk, seed

WITHOUT_STATEMENTS = {"call", "begin", "close"}


@pytest.mark.parametrize("store", [ReadModel, ClosingStore, Repairer])
def test_every_operation_of_a_store_has_a_limit(store: type) -> None:
    limited = inspect.getsource(routes) + inspect.getsource(runs)
    names = {name for name, _ in inspect.getmembers(store, inspect.isfunction) if name[0] != "_"}
    assert [name for name in names - WITHOUT_STATEMENTS if f".{name}" not in limited] == []


def test_small_read_model_is_within_all_limits() -> None:
    extent = Extent(10_000)
    with read_model_server(durable=False) as server:
        seed(server, extent, lambda _: None)
        results = list(measured(server, extent))
    over = [(o.name, reading.blocks) for o, reading in results if reading.blocks > o.blocks]
    assert over == []
    assert all(reading.statements >= 1 for _, reading in results)


@pytest.mark.parametrize(
    ("reading", "is_any_time", "code"),
    [
        (Reading(1, 100, 10.0), False, 0),
        (Reading(1, 101, 1.0), True, 1),
        (Reading(1, 100, 10.1), False, 1),
        (Reading(1, 100, 10.1), True, 0),
    ],
)
def test_operation_above_a_limit_fails(
    reading: Reading, is_any_time: bool, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = Operation("a list", lambda: None, 100, 10)
    assert print_table([(operation, reading)], is_any_time) == code
    assert ("  exceeded" in capsys.readouterr().out) is bool(code)


def test_too_little_disk_is_named() -> None:
    with pytest.raises(VerificationError, match=r"entries need .* GB free"):
        check_disk(Extent(10**12), Path("/"))
