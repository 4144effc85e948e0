"""A first invocation that takes too long says what it spends its time on."""

import pytest

from verification.benchmarks.cold_start.__main__ import Row

POST = "api: POST /v1/entries"


def test_slow_function_is_explained_by_figures() -> None:
    assert Row("nightly", 120.0, 1.2, 0.5, 40).misses == (
        "more than 1.1 of its libraries. Its libraries take 100 ms; the other 20 ms load 40 "
        "modules of this project and handle the event."
    )
    assert Row(POST, 240.0, 1.2, 1.16, 70).misses.startswith("more than 1.15 of the bare service.")


@pytest.mark.parametrize(
    "row", [Row("nightly", 110.0, 1.1, 5.0, 40), Row(POST, 240.0, 1.2, 1.15, 70)]
)
def test_function_within_its_bound_misses_nothing(row: Row) -> None:
    assert row.misses == ""
