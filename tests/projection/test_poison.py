"""A record that can never succeed is parked whole with the reason, and the rest goes on."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.projection.project import project
from chalicelib.projection.stream_records import name_of
from chalicelib.storage.postgres import DatabaseUnreachableError
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import Projection, printed, projection_over
from verification.kit.generators import all_inserted, entries, entry, inserted, removed

PLACES = range(7)


@pytest.fixture
def superstitious(own_read_model_database: ReadModelDatabase) -> Iterator[Projection]:
    """A read model that refuses amounts of 13.13."""
    own_read_model_database.run("ALTER TABLE entries ADD CHECK (amount_minor <> 1313)")
    projection = projection_over(own_read_model_database)
    yield projection
    projection.connections.close()


@pytest.mark.parametrize("place", PLACES)
def test_a_broken_record_at_any_place_stops_no_other(
    projection: Projection, merchant: str, read_model_database: ReadModelDatabase, place: int
) -> None:
    recorded = entries(place, 6, [merchant])
    records: list[Any] = all_inserted(recorded)
    broken = {"eventID": f"broken-{merchant}", "eventName": "INSERT", "dynamodb": {}}
    records.insert(place, broken)
    assert project(records, projection.ports).parked == 1
    assert [one.record for one in projection.quarantine.parked] == [broken]
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_what_postgresql_refuses_is_found_at_any_place(
    superstitious: Projection, own_read_model_database: ReadModelDatabase
) -> None:
    for place in PLACES:
        recorded = entries(place, 6, [f"place-{place}"])
        culprit = inserted(entry(f"place-{place}", "unlucky", amount_minor=1313))
        records = all_inserted(recorded)
        records.insert(place, culprit)
        outcome = project(records, superstitious.ports)
        assert (outcome.new, outcome.parked) == (6, 1)
        assert superstitious.quarantine.parked.pop().record == culprit
        assert held(own_read_model_database, [f"place-{place}"]) == expected(recorded)


def test_several_refused_ones_are_all_found(
    superstitious: Projection, own_read_model_database: ReadModelDatabase
) -> None:
    good = entries(5, 20, ["good"])
    bad = [entry("bad", f"unlucky-{number}", amount_minor=1313) for number in range(5)]
    mixed = [one for pair in zip(good, bad * 4, strict=True) for one in pair]
    assert project(all_inserted(mixed), superstitious.ports).new == 20
    reasons = {one.reason for one in superstitious.quarantine.parked}
    assert reasons == {"the read model refuses it: SQLSTATE 23514"}
    names = {name_of(one.record) for one in superstitious.quarantine.parked}
    assert names == {one.entry_id for one in bad}
    assert held(own_read_model_database, ["good", "bad"]) == expected(good)


def test_a_deleted_item_is_parked_and_alarms(
    projection: Projection, merchant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one = entry(merchant, "deleted")
    project([removed(one)], projection.ports)
    assert projection.quarantine.parked[0].reason.startswith("an item was deleted")
    lines = printed(capsys)
    assert {"event": "record_parked", "entry_id": one.entry_id,
            "reason": projection.quarantine.parked[0].reason} in lines  # fmt: skip
    assert any(line.get("RecordsParked") == 1 for line in lines)


def test_a_queue_out_of_reach_brings_the_whole_batch_again(
    projection: Projection, merchant: str, read_model_database: ReadModelDatabase
) -> None:
    recorded = entries(8, 5, [merchant])
    batch = [*all_inserted(recorded), {"eventID": f"broken-{merchant}"}]
    projection.quarantine.failures = 1
    with pytest.raises(ConnectionError):
        project(batch, projection.ports)
    assert projection.memory.ids == set()
    assert project(batch, projection.ports).parked == 1
    assert held(read_model_database, [merchant]) == expected(recorded)


@pytest.mark.parametrize(
    "fault",
    [
        "DROP TABLE category_totals",
        "REVOKE INSERT ON entries FROM livro_projector",
        "ALTER TABLE day_totals RENAME COLUMN entries TO lines",
    ],
)
def test_a_fault_of_our_own_deployment_parks_nothing(
    own_read_model_database: ReadModelDatabase, fault: str
) -> None:
    projection = projection_over(own_read_model_database)
    own_read_model_database.run(fault)
    with pytest.raises(DatabaseUnreachableError):
        project(all_inserted(entries(9, 3, ["padaria"])), projection.ports)
    assert projection.quarantine.parked == []
    assert projection.memory.ids == set()
    projection.connections.close()
