"""Erasures, entries that differ and dead letters, over the real read model."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.projection.entry_changes import entry_id_of
from chalicelib.projection.project import project
from chalicelib.storage.postgres import DatabaseUnreachableError
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import Projection, printed, projection_over
from verification.kit.generators import (
    all_inserted,
    altered,
    entries,
    erased,
    inserted,
    removed,
)
from verification.kit.generators import entry as make_entry

TEXTS: dict[str, Any] = {
    "description": "Dona Ana, CPF 111.444.777-35",
    "metadata": {"cpf": "111.444.777-35"},
}
PLACES = range(7)


@pytest.fixture
def superstitious(own_read_model_database: ReadModelDatabase) -> Iterator[Projection]:
    """A read model that rejects amounts of 13.13."""
    own_read_model_database.run("ALTER TABLE entries ADD CHECK (amount_minor <> 1313)")
    projection = projection_over(own_read_model_database)
    yield projection
    projection.connections.close()


@pytest.mark.parametrize("together", [True, False])
def test_another_content_alarms_and_changes_nothing(
    projection: Projection, merchant: str, capsys: pytest.CaptureFixture[str], together: bool
) -> None:
    entry = make_entry(merchant, "sale")
    records = [inserted(entry), inserted(altered(entry), number=1)]
    batches = [records] if together else [records[:1], records[1:]]
    results = [project(batch, projection.ports) for batch in batches]
    assert results[-1].differing == 1
    lines = printed(capsys)
    assert {"event": "entry_differs", "entry_id": entry.entry_id} in lines
    assert any(line.get("EntriesDiffering") == 1 for line in lines)
    projection.check_entries([entry])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_an_erasure_wins_in_any_order(
    projection: Projection, merchant: str, order: tuple[int, ...], together: bool
) -> None:
    entry = make_entry(merchant, "personal", **TEXTS)
    records = [(inserted(entry), erased(entry))[place] for place in order]
    for batch in [records] if together else [[record] for record in records]:
        project(batch, projection.ports)
    projection.forget()
    project(records[:1], projection.ports)
    assert _texts(projection.database, entry.entry_id) == [None, None, {}]
    projection.check_entries([entry])


def test_an_erasure_leaves_other_texts(projection: Projection, merchant: str) -> None:
    entry, other = (make_entry(merchant, key, **TEXTS) for key in ("first", "second"))
    assert project([inserted(entry), inserted(other)], projection.ports).erased == 0
    result = project([erased(entry)], projection.ports)
    assert (result.erased, result.differing, result.parked) == (1, 0, 0)
    assert _texts(projection.database, other.entry_id)[0] == TEXTS["description"]


@pytest.mark.parametrize("place", PLACES)
def test_a_broken_record_stops_no_other(projection: Projection, merchant: str, place: int) -> None:
    recorded = entries(place, 6, [merchant])
    records: list[Any] = all_inserted(recorded)
    broken = {"eventID": f"broken-{merchant}", "eventName": "INSERT", "dynamodb": {}}
    records.insert(place, broken)
    assert project(records, projection.ports).parked == 1
    assert [letter.record for letter in projection.dead_letters.letters] == [broken]
    projection.check_entries(recorded)


def test_a_rejected_value_is_found_anywhere(superstitious: Projection) -> None:
    for place in PLACES:
        recorded = entries(place, 6, [f"place-{place}"])
        culprit = inserted(make_entry(f"place-{place}", "unlucky", amount_minor=1313))
        records = all_inserted(recorded)
        records.insert(place, culprit)
        result = project(records, superstitious.ports)
        assert (result.new, result.parked) == (6, 1)
        assert superstitious.dead_letters.letters.pop().record == culprit
        superstitious.check_entries(recorded)


def test_several_rejected_values_are_all_found(superstitious: Projection) -> None:
    good = entries(5, 20, ["good"])
    bad = [make_entry("good", f"unlucky-{number}", amount_minor=1313) for number in range(5)]
    mixed = [entry for pair in zip(good, bad * 4, strict=True) for entry in pair]
    assert project(all_inserted(mixed), superstitious.ports).new == 20
    letters = superstitious.dead_letters.letters
    assert {letter.reason for letter in letters} == {"the read model refuses it: SQLSTATE 23514"}
    assert {entry_id_of(letter.record) for letter in letters} == {entry.entry_id for entry in bad}
    superstitious.check_entries(good)


def test_a_deleted_item_becomes_a_dead_letter(
    projection: Projection, merchant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = make_entry(merchant, "deleted")
    project([removed(entry)], projection.ports)
    reason = projection.dead_letters.letters[0].reason
    assert reason.startswith("an item was deleted")
    lines = printed(capsys)
    assert {"event": "record_parked", "entry_id": entry.entry_id, "reason": reason} in lines
    assert any(line.get("RecordsParked") == 1 for line in lines)


def test_an_unreachable_queue_repeats_the_batch(projection: Projection, merchant: str) -> None:
    recorded = entries(8, 5, [merchant])
    batch = [*all_inserted(recorded), {"eventID": f"broken-{merchant}"}]
    projection.dead_letters.failures = 1
    with pytest.raises(ConnectionError):
        project(batch, projection.ports)
    assert projection.dedup_cache.ids == set()
    assert project(batch, projection.ports).parked == 1
    projection.check_entries(recorded)


@pytest.mark.parametrize(
    "fault",
    [
        "DROP TABLE category_totals CASCADE",
        "REVOKE INSERT ON entries FROM livro_projector",
        "ALTER TABLE day_totals RENAME COLUMN entries TO lines",
    ],
)
def test_a_faulty_schema_makes_no_dead_letters(
    own_read_model_database: ReadModelDatabase, fault: str
) -> None:
    projection = projection_over(own_read_model_database)
    own_read_model_database.run(fault)
    with pytest.raises(DatabaseUnreachableError):
        project(all_inserted(entries(9, 3, ["padaria"])), projection.ports)
    assert projection.dead_letters.letters == []
    assert projection.dedup_cache.ids == set()
    projection.connections.close()


def _texts(database: ReadModelDatabase, entry_id: str) -> list[object]:
    return database.run(
        "SELECT description, search_text, metadata FROM entries WHERE entry_id = :entry_id",
        entry_id=entry_id,
    )[0]
