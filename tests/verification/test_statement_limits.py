"""Every statement of the product has a limit, and a small read model is within all of them."""

from pathlib import Path

import pytest

from verification.benchmarks.servers import read_model_server
from verification.commands import VerificationError
from verification.statement_limits.__main__ import conclude, measured, print_table
from verification.statement_limits.operations import Operation
from verification.statement_limits.probe import Reading
from verification.statement_limits.product_sql import unsent
from verification.statement_limits.seed import Extent, check_disk, seed


def test_small_read_model_is_within_all_limits() -> None:
    extent = Extent(10_000)
    with read_model_server(durable=False) as server:
        seed(server, extent, lambda _: None)
        results = list(measured(server, extent))
    over = [(o.name, reading.blocks) for o, reading in results if reading.blocks > o.blocks]
    assert over == []
    assert all(reading.sent for _, reading in results)
    assert unsent({text for _, reading in results for text in reading.sent}) == []


@pytest.mark.parametrize(
    ("blocks", "milliseconds", "is_any_time", "exceeded"),
    [(100, 10.0, False, 0), (101, 1.0, True, 1), (100, 10.1, False, 1), (100, 10.1, True, 0)],
)
def test_operation_above_a_limit_fails(
    blocks: int,
    milliseconds: float,
    is_any_time: bool,
    exceeded: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    operation = Operation("a list", lambda: None, 100, 10)
    reading = Reading(("SELECT 1",), blocks, milliseconds)
    assert print_table([(operation, reading)], is_any_time) == (exceeded, {"SELECT 1"})
    assert ("  exceeded" in capsys.readouterr().out) is bool(exceeded)
    assert conclude(exceeded, []) == exceeded


def test_statement_without_limit_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert conclude(0, ["queries/pages.py:7"]) == 1
    assert "chalicelib/queries/pages.py:7" in capsys.readouterr().out


def test_too_little_disk_is_named() -> None:
    with pytest.raises(VerificationError, match=r"entries need .* GB free"):
        check_disk(Extent(10**12), Path("/"))
