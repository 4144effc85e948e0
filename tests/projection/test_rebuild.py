"""Rebuild: whatever was done to the read model, it says again what the ledger says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.projection import rebuild_diff
from chalicelib.projection.checkpoint import RebuildStats
from chalicelib.projection.project import project
from chalicelib.projection.repairer import Repairer, Truth
from chalicelib.storage.dynamodb_items import IdempotencyRecord, Item, key_item
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.plain_sums import entry_ids, expected, held
from tests.fixtures.projection import Projection, connections, printed, projection_over
from tests.fixtures.rebuilding import rebuilt
from verification.kit.generators import all_inserted, entries, entry, item

MERCHANTS = ("padaria", "rival")
KEY = IdempotencyRecord("k" * 32, "padaria", "reversal", Fingerprint("plain", None), None, "made")


@dataclass
class World:
    """A ledger of 200 entries, and a read model that holds them all."""

    ledger: MemoryLedger
    recorded: list[Entry]
    database: ReadModelDatabase
    repairer: Repairer
    projection: Projection
    in_one: bool

    def rebuild(self, merchant_id: str | None = None) -> RebuildStats:
        return rebuilt(self.ledger, self.repairer, merchant_id, self.in_one)

    def is_right(self) -> bool:
        result, ids = entry_ids(self.database, MERCHANTS), {one.entry_id for one in self.recorded}
        return result == ids and held(self.database, MERCHANTS) == expected(self.recorded)


@pytest.fixture(params=[True, False], ids=["in one piece", "in pieces"])
def world(
    emptied_read_model_database: ReadModelDatabase, request: pytest.FixtureRequest
) -> Iterator[World]:
    recorded = entries(13, 200, MERCHANTS)
    projection = projection_over(emptied_read_model_database)
    project(all_inserted(recorded), projection.ports)
    repairer = Repairer(connections(emptied_read_model_database))
    ledger = MemoryLedger(recorded, page=70)
    yield World(ledger, recorded, emptied_read_model_database, repairer, projection, request.param)
    repairer.close()
    projection.connections.close()


@pytest.mark.parametrize("merchant_id", [None, "padaria"])
def test_a_sound_read_model_is_left_alone(world: World, merchant_id: str | None) -> None:
    read = [one for one in world.recorded if merchant_id in (None, one.merchant_id)]
    assert world.rebuild(merchant_id) == RebuildStats(entries=len(read))
    assert world.ledger.asked == []


def test_a_lost_read_model_comes_back_whole(world: World) -> None:
    for table in ("entries", "merchants", *expected([])):
        world.database.run(f"TRUNCATE {table}")
    assert world.rebuild() == RebuildStats(entries=200, missing=200)
    assert world.is_right()
    assert world.rebuild() == RebuildStats(entries=200)


CORRUPTIONS = {
    "a row deleted": "DELETE FROM entries WHERE entry_id = :one",
    "an amount altered": "UPDATE entries SET amount_minor = 77 WHERE entry_id = :one",
    "a type turned": "UPDATE entries SET type = CASE type WHEN 'debit' THEN 'credit'"
    " ELSE 'debit' END WHERE entry_id = :one",
    "a day moved": "UPDATE entries SET day = day - 1 WHERE entry_id = :one",
    "a description altered": "UPDATE entries SET description = 'other' WHERE entry_id = :one",
    "metadata altered": 'UPDATE entries SET metadata = \'{"a": "b"}\' WHERE entry_id = :one',
    "a digest altered": "UPDATE entries SET content_digest = 'other' WHERE entry_id = :one",
    "a row moved to another merchant": "UPDATE entries SET merchant_id = 'rival'"
    " WHERE entry_id = :one",
    "an entry doubled": "INSERT INTO entries SELECT reverse(entry_id), merchant_id, type,"
    " amount_minor, currency, account, day, occurred_at, occurred_instant, recorded_at,"
    " recorded_by, category, description, search_text, metadata, reverses, text_digest,"
    " content_digest FROM entries WHERE entry_id = :one",
    "a day's total changed": "UPDATE day_totals SET credits_minor = credits_minor + 1"
    " WHERE merchant_id = 'padaria' AND length(:one) = 32",
    "a month's total lost": "DELETE FROM month_totals WHERE merchant_id = 'padaria'"
    " AND length(:one) = 32",
    "a year's total invented": "INSERT INTO year_totals SELECT 'padaria', 'USD', '2000-01-01',"
    " 'main', 1, 2, 3 WHERE length(:one) = 32",
    "a category's total doubled": "UPDATE category_totals SET entries = 2 * entries"
    " WHERE merchant_id = 'padaria' AND length(:one) = 32",
    "the newest moment altered": "UPDATE merchants SET newest_recorded_at = now()"
    " WHERE merchant_id = 'padaria' AND length(:one) = 32",
}


@pytest.mark.parametrize("merchant_id", [None, "padaria"])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_is_found_and_repaired(
    world: World, corruption: str, merchant_id: str | None
) -> None:
    one = next(one for one in world.recorded if one.merchant_id == "padaria")
    before = world.database.run("SELECT * FROM entries ORDER BY entry_id")
    world.database.run(CORRUPTIONS[corruption], one=one.entry_id)
    result = world.rebuild(merchant_id)
    assert result.missing + result.altered + result.removed + result.totals > 0
    assert world.is_right()
    assert world.database.run("SELECT * FROM entries ORDER BY entry_id") == before
    again = world.rebuild(merchant_id)
    assert again == RebuildStats(entries=again.entries)


COLUMNS = ["currency", "account", "occurred_at", "recorded_by", "category", "reverses"]


def test_an_altered_column_is_found_whichever_it_is(world: World) -> None:
    for one, column in zip(world.recorded, COLUMNS, strict=False):
        statement = f"UPDATE entries SET {column} = 'USD' WHERE entry_id = :one"
        world.database.run(statement, one=one.entry_id)
    assert world.rebuild().altered == len(COLUMNS)
    assert world.is_right()


@pytest.mark.parametrize("table", ["day", "month", "year", "category"])
def test_a_total_of_no_entry_is_found_and_removed(world: World, table: str) -> None:
    world.database.run(
        f"INSERT INTO {table}_totals SELECT 'padaria', 'USD', '2000-01-01', 'main', 1, 2, 3"
    )
    assert world.rebuild().totals == 1
    assert world.is_right()


def test_rows_come_back_without_a_balance_being_wrong_in_between(world: World) -> None:
    """Totals that still hold what the deleted rows said stay right at every moment."""
    world.database.run("DELETE FROM entries WHERE amount_minor > 200000")
    lost = 200 - len(entry_ids(world.database, MERCHANTS))
    before = held(world.database, MERCHANTS)
    seen: list[bool] = []

    class Watched(MemoryLedger):
        def held(self, entry_ids: Sequence[str]) -> list[Item]:
            seen.append(held(world.database, MERCHANTS) == before)
            return super().held(entry_ids)

    world.ledger = Watched(world.recorded, page=70)
    assert world.rebuild() == RebuildStats(entries=200, missing=lost)
    assert seen == [True, True]
    assert world.is_right()


def test_a_merchant_that_the_ledger_does_not_know_is_removed(world: World) -> None:
    ghost = entry("ghost", "nobody recorded it")
    project(all_inserted([ghost]), world.projection.ports)
    result = world.rebuild()
    assert result.removed == 1
    assert held(world.database, ["ghost"]) == expected([])


def test_one_merchants_rebuild_leaves_the_others_alone(world: World) -> None:
    world.database.run("UPDATE day_totals SET credits_minor = 0 WHERE merchant_id = 'rival'")
    assert world.rebuild("padaria").totals == 0
    assert world.rebuild("rival").totals > 0
    assert world.is_right()


@pytest.mark.parametrize("merchant_id", ["padaria", "rival"])
def test_an_entry_given_away_is_put_back_whoever_is_rebuilt(world: World, merchant_id: str) -> None:
    one = next(one for one in world.recorded if one.merchant_id == "padaria")
    world.database.run(CORRUPTIONS["a row moved to another merchant"], one=one.entry_id)
    world.repairer.repair(MERCHANTS, [], lambda _: Truth([], []))
    assert world.rebuild(merchant_id).altered == 1
    assert world.is_right()


def test_more_suspects_than_can_be_kept_in_mind_are_put_right_on_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_diff, "MOST_SUSPECTS", 5)
    monkeypatch.setattr(rebuild_diff, "LARGEST_REPAIR", 4)
    world.database.run("UPDATE entries SET amount_minor = 77 WHERE amount_minor > 200000")
    altered = world.database.run("SELECT count(*) FROM entries WHERE amount_minor = 77")[0][0]
    assert altered > 20
    assert world.rebuild().altered == altered
    assert world.is_right()


def test_what_the_scan_did_not_show_yet_is_not_removed(world: World) -> None:
    world.ledger.unseen = late = {one.entry_id for one in world.recorded[:30]}
    assert world.rebuild() == RebuildStats(entries=170)
    assert set(world.ledger.asked) == late
    assert world.is_right()


def test_texts_that_were_erased_meanwhile_do_not_come_back(world: World) -> None:
    one = next(one for one in world.recorded if one.description)
    stale = [*world.ledger.items.values()]
    world.ledger.record(without_texts(one))
    assert world.rebuild().altered == 1
    world.ledger.pages = lambda *_: ([stale], None)  # type: ignore[method-assign]
    assert world.rebuild().altered == 0
    row = "SELECT description, search_text, metadata FROM entries WHERE entry_id = :one"
    assert world.database.run(row, one=one.entry_id) == [[None, None, {}]]


def test_items_that_make_no_sense_are_told_and_stop_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.database.run("DELETE FROM entries WHERE entry_id = :one", one=world.recorded[0].entry_id)
    broken = item(entry("padaria", "broken")) | {"currency": {"S": "???"}}
    world.ledger.put(broken)
    world.ledger.put(key_item(KEY))
    result = world.rebuild()
    assert (result.entries, result.missing, result.unreadable) == (200, 1, 1)
    assert world.is_right()
    text = [line for line in printed(capsys) if line["event"] == "entry_unreadable"]
    assert text[0]["entry_id"] == broken["entry_id"]["S"]


def test_an_entry_that_reads_as_another_merchants_is_put_back(world: World) -> None:
    one = next(one for one in world.recorded if one.merchant_id == "rival")
    stranger = one._replace(merchant_id="stranger")
    world.database.run("DELETE FROM entries WHERE entry_id = :one", one=one.entry_id)
    world.projection.forget()
    project(all_inserted([stranger]), world.projection.ports)
    assert world.rebuild("rival").altered == 1
    assert world.is_right()
    assert held(world.database, ["stranger"]) == expected([])
