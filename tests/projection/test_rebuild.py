"""After any damage, a rebuild makes the read model equal to the ledger again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.projection import rebuild_diff
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.checkpoint import RebuildStats
from chalicelib.projection.repairer import Repairer
from chalicelib.storage.dynamodb_items import IdempotencyRecord, Item, key_item
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.plain_sums import entry_ids, expected, held
from tests.fixtures.projection import Projection, printed
from tests.fixtures.rebuilding import rebuilt
from verification.kit.generators import entries, item
from verification.kit.generators import entry as make_entry

MERCHANTS = ("padaria", "rival")
KEY = IdempotencyRecord("k" * 32, "padaria", "reversal", Fingerprint("plain", None), None, "made")


@dataclass
class World:
    """A ledger of 200 entries, and a read model that holds them all."""

    ledger: MemoryLedger
    recorded: list[Entry]
    projection: Projection
    repairer: Repairer
    in_one_piece: bool

    @property
    def database(self) -> ReadModelDatabase:
        return self.projection.database

    def first(self, merchant_id: str) -> Entry:
        return next(entry for entry in self.recorded if entry.merchant_id == merchant_id)

    def rebuild(self, merchant_id: str | None = None) -> RebuildStats:
        return rebuilt(self.ledger, self.repairer, merchant_id, self.in_one_piece)

    def check(self) -> None:
        self.projection.check_entries(self.recorded)


@pytest.fixture(params=[True, False], ids=["in one piece", "in pieces"])
def world(request: pytest.FixtureRequest, new_world: World) -> World:
    return replace(new_world, in_one_piece=request.param)


@pytest.fixture
def new_world(emptied: Projection, repairer: Repairer) -> World:
    recorded = entries(13, 200, MERCHANTS)
    emptied.insert(recorded)
    return World(MemoryLedger(recorded, page=70), recorded, emptied, repairer, True)


@pytest.mark.parametrize("merchant_id", [None, "padaria"])
def test_a_correct_read_model_is_unchanged(world: World, merchant_id: str | None) -> None:
    read = [entry for entry in world.recorded if merchant_id in (None, entry.merchant_id)]
    assert world.rebuild(merchant_id) == RebuildStats(entries=len(read))
    assert world.ledger.read_ids == world.ledger.looked_up == []


def test_a_lost_read_model_is_restored(world: World) -> None:
    for table in ("entries", "merchants", *expected([])):
        world.database.run(f"TRUNCATE {table}")
    assert world.rebuild() == RebuildStats(entries=200, missing=200)
    world.check()
    assert world.rebuild() == RebuildStats(entries=200)


CORRUPTIONS = {
    "a row deleted": "DELETE FROM entries WHERE entry_id = :entry",
    "an amount altered": "UPDATE entries SET amount_minor = 77 WHERE entry_id = :entry",
    **{
        f"another {column}": f"UPDATE entries SET {column} = 'USD' WHERE entry_id = :entry"
        for column in ("currency", "account", "occurred_at", "recorded_by", "category", "reverses")
    },
    "a type turned": "UPDATE entries SET type = CASE type WHEN 'debit' THEN 'credit'"
    " ELSE 'debit' END WHERE entry_id = :entry",
    "a day moved": "UPDATE entries SET day = day - 1 WHERE entry_id = :entry",
    "a description altered": "UPDATE entries SET description = 'other' WHERE entry_id = :entry",
    "metadata altered": 'UPDATE entries SET metadata = \'{"a": "b"}\' WHERE entry_id = :entry',
    "a digest altered": "UPDATE entries SET content_digest = 'other' WHERE entry_id = :entry",
    "a row moved to another merchant": "UPDATE entries SET merchant_id = 'rival'"
    " WHERE entry_id = :entry",
    "an entry doubled": "INSERT INTO entries SELECT reverse(entry_id), merchant_id, type,"
    " amount_minor, currency, account, day, occurred_at, occurred_instant, recorded_at,"
    " recorded_by, category, description, search_text, metadata, reverses, text_digest,"
    " content_digest FROM entries WHERE entry_id = :entry",
    "a day's total changed": "UPDATE day_totals SET credits_minor = credits_minor + 1"
    " WHERE merchant_id = 'padaria'",
    "a month's total lost": "DELETE FROM month_totals WHERE merchant_id = 'padaria'",
    **{
        f"a {table}'s total invented": f"INSERT INTO {table}_totals"
        " SELECT 'padaria', 'USD', '2000-01-01', 'main', 1, 2, 3"
        for table in ("day", "month", "year", "category")
    },
    "a category's total doubled": "UPDATE category_totals SET entries = 2 * entries"
    " WHERE merchant_id = 'padaria'",
    "the newest moment altered": "UPDATE merchants SET newest_recorded_at = now()"
    " WHERE merchant_id = 'padaria'",
}


@pytest.mark.parametrize(("merchant_id", "in_one_piece"), [(None, False), ("padaria", True)])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_is_repaired(
    new_world: World, corruption: str, merchant_id: str | None, in_one_piece: bool
) -> None:
    world = replace(new_world, in_one_piece=in_one_piece)
    before = world.database.run("SELECT * FROM entries ORDER BY entry_id")
    world.database.run(CORRUPTIONS[corruption], entry=world.first("padaria").entry_id)
    result = world.rebuild(merchant_id)
    assert result.missing + result.altered + result.removed + result.totals > 0
    world.check()
    assert world.database.run("SELECT * FROM entries ORDER BY entry_id") == before
    again = world.rebuild(merchant_id)
    assert again == RebuildStats(entries=again.entries)


def test_balances_stay_right_while_rows_return(world: World) -> None:
    """Totals that still include the deleted rows stay right at every moment."""
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
    world.check()


def test_an_unknown_merchant_is_removed(world: World) -> None:
    world.projection.insert([make_entry("ghost", "nobody recorded it")])
    assert world.rebuild().removed == 1
    assert held(world.database, ["ghost"]) == expected([])


def test_a_merchants_rebuild_leaves_the_others(world: World) -> None:
    world.database.run("UPDATE day_totals SET credits_minor = 0 WHERE merchant_id = 'rival'")
    assert world.rebuild("padaria").totals == 0
    assert world.rebuild("rival").totals > 0
    world.check()


@pytest.mark.parametrize("merchant_id", ["padaria", "rival"])
def test_a_moved_entry_returns_with_either_rebuild(world: World, merchant_id: str) -> None:
    moved = CORRUPTIONS["a row moved to another merchant"]
    world.database.run(moved, entry=world.first("padaria").entry_id)
    world.repairer.repair(MERCHANTS, [], lambda _: AuthoritativeEntries([], []))
    assert world.rebuild(merchant_id).altered == 1
    world.check()


def test_many_mismatches_are_repaired_early(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild_diff, "MOST_MISMATCHES", 5)
    monkeypatch.setattr(rebuild_diff, "LARGEST_REPAIR", 4)
    world.database.run("UPDATE entries SET amount_minor = 77 WHERE amount_minor > 200000")
    altered = world.database.run("SELECT count(*) FROM entries WHERE amount_minor = 77")[0][0]
    assert altered > 20
    assert world.rebuild().altered == altered
    world.check()


def test_an_entry_the_scan_missed_stays(world: World) -> None:
    world.ledger.unseen = late = {entry.entry_id for entry in world.recorded[:30]}
    assert world.rebuild() == RebuildStats(entries=170)
    assert {read for read in world.ledger.read_ids if read in world.ledger.items} == late
    world.check()


def test_erased_texts_do_not_return(world: World) -> None:
    entry = next(entry for entry in world.recorded if entry.description)
    stale = [*world.ledger.items.values()]
    world.ledger.record(without_texts(entry))
    assert world.rebuild().altered == 1
    world.ledger.pages = lambda *_: ([stale], None)  # type: ignore[method-assign]
    assert world.rebuild().altered == 0
    row = "SELECT description, search_text, metadata FROM entries WHERE entry_id = :entry"
    assert world.database.run(row, entry=entry.entry_id) == [[None, None, {}]]


def test_unreadable_items_are_logged_and_stop_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.database.run(CORRUPTIONS["a row deleted"], entry=world.recorded[0].entry_id)
    broken = item(make_entry("padaria", "broken")) | {"currency": {"S": "???"}}
    world.ledger.put(broken)
    world.ledger.put(key_item(KEY))
    result = world.rebuild()
    assert (result.entries, result.missing, result.unreadable) == (200, 1, 1)
    world.check()
    logged = [line for line in printed(capsys) if line["event"] == "entry_unreadable"]
    assert logged[0]["entry_id"] == broken["entry_id"]["S"]


def test_another_merchants_row_is_replaced(world: World) -> None:
    entry = world.first("rival")
    world.database.run(CORRUPTIONS["a row deleted"], entry=entry.entry_id)
    world.projection.forget()
    world.projection.insert([entry._replace(merchant_id="stranger")])
    assert world.rebuild("rival").altered == 1
    world.check()
    assert held(world.database, ["stranger"]) == expected([])
