"""Whatever the stream delivers, and how often, each entry counts exactly once in the read model."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.projection.project import project
from tests.fixtures.projection import Projection
from verification.kit.generators import all_inserted, entries

_numbers = count()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32),
    how_many=st.integers(1, 30),
    deliveries=st.lists(st.lists(st.integers(0, 29), max_size=12), max_size=10),
    forgetful=st.booleans(),
)
def test_any_delivery_gives_the_plain_sum(
    projection: Projection, seed: int, how_many: int, deliveries: list[list[int]], forgetful: bool
) -> None:
    recorded = entries(seed, how_many, [f"any-{next(_numbers)}", f"other-{next(_numbers)}"])
    records = all_inserted(recorded)
    for delivery in [*deliveries, list(range(how_many))]:
        project([records[place] for place in delivery if place < how_many], projection.ports)
        if forgetful:
            projection.forget()
    projection.check_entries(recorded)


def test_a_repeated_batch_costs_no_statement(projection: Projection, merchant: str) -> None:
    records = all_inserted(entries(1, 10, [merchant]))
    assert project(records, projection.ports).new == 10
    projection.database.run("ALTER TABLE entries RENAME TO hidden")
    try:
        assert project(records, projection.ports).known == 10
    finally:
        projection.database.run("ALTER TABLE hidden RENAME TO entries")
    projection.forget()
    result = project(records, projection.ports)
    assert (result.known, result.new, result.differing) == (0, 0, 0)


def test_a_late_entry_keeps_the_newest_time(projection: Projection, merchant: str) -> None:
    recorded = entries(2, 5, [merchant])
    for record in reversed(all_inserted(recorded)):
        project([record], projection.ports)
    newest = "SELECT newest_recorded_at FROM merchants WHERE merchant_id = :merchant"
    rows = projection.database.run(newest, merchant=merchant)
    assert rows == [[max(entry.recorded_at for entry in recorded)]]


def test_a_batch_may_hold_no_entry(projection: Projection) -> None:
    assert project([], projection.ports).new == 0
    assert project([{}], projection.ports).new == 0
