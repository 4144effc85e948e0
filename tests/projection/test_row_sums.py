"""Rows that the ledger does not have are found by sums, wherever a rebuild is interrupted."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from chalicelib.ledger.entries import Entry
from chalicelib.projection.checkpoint import Checkpoint, Phase, RebuildStats, decode, encode
from chalicelib.projection.rebuild import resume
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_sums import RowSums
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.projection import Projection, connections
from tests.fixtures.rebuilding import LATER, rebuilt
from verification.kit.generators import entries
from verification.kit.generators import entry as make_entry

MERCHANTS = ("padaria", "rival")
FORGE = (
    "INSERT INTO entries SELECT lpad(:name, 32, 'x'), :merchant, type, amount_minor, currency,"
    " account, day, occurred_at, occurred_instant, :recorded_at, recorded_by, category,"
    " description, search_text, metadata, reverses, text_digest, content_digest"
    " FROM entries ORDER BY entry_id LIMIT 1"
)
MOVE = "UPDATE entries SET merchant_id = :merchant WHERE entry_id = :entry"


@dataclass
class World:
    """A ledger of 200 entries, and a read model that holds them all."""

    ledger: MemoryLedger
    recorded: list[Entry]
    projection: Projection
    repairer: Repairer

    def forge(self, name: str, merchant: str = "padaria", at: str = "2026-11-01T00:00Z") -> None:
        self.projection.database.run(FORGE, name=name, merchant=merchant, recorded_at=at)

    def rebuild(
        self, merchant_id: str | None, phase: Phase, damage: Callable[[], None]
    ) -> RebuildStats:
        """Rebuild step by step; do the damage when a phase begins."""
        position = Checkpoint(merchant_id, sums=RowSums(before=LATER))
        phases: set[Phase] = set()
        while position.phase != "done":
            if position.phase == phase and phase not in phases:
                damage()
            phases.add(position.phase)
            position = resume(self.ledger, self.repairer, position, lambda: False)
            position = decode(encode(position), merchant_id)
        return position.stats


@pytest.fixture
def world(emptied: Projection, repairer: Repairer) -> World:
    recorded = entries(19, 200, MERCHANTS)
    emptied.insert(recorded)
    return World(MemoryLedger(recorded, page=70), recorded, emptied, repairer)


@pytest.mark.parametrize("names", [["one"], ["one", "two"], ["a\\b"]])
@pytest.mark.parametrize("phase", ["totals", "ledger", "row_sums"])
@pytest.mark.parametrize("merchant_id", [None, "padaria"])
def test_forged_rows_are_removed(
    world: World, merchant_id: str | None, phase: Phase, names: Sequence[str]
) -> None:
    def forge() -> None:
        for name in names:
            world.forge(name)

    assert world.rebuild(merchant_id, phase, forge).removed == len(names)
    world.projection.check_entries(world.recorded)
    assert len(world.ledger.looked_up) < 20


def test_a_forged_merchants_name_is_no_error(world: World) -> None:
    world.forge("one", merchant="não \\ um merchant\U0010ffff")
    assert rebuilt(world.ledger, world.repairer).removed == 1
    world.projection.check_entries(world.recorded)


@pytest.mark.parametrize("merchant_id", [None, "rival"])
def test_a_row_moved_meanwhile_returns(world: World, merchant_id: str | None) -> None:
    entry = next(entry for entry in world.recorded if entry.merchant_id == "padaria")

    def move() -> None:
        world.projection.database.run(MOVE, merchant="rival", entry=entry.entry_id)

    assert world.rebuild(merchant_id, "row_sums", move).altered == 1
    world.projection.check_entries(world.recorded)


def test_only_later_rows_are_looked_up(world: World) -> None:
    moments = sorted(entry.recorded_at for entry in world.recorded)
    before = moments[150]
    world.forge("later", at=before.isoformat())
    position = Checkpoint(None, sums=RowSums(before=before.isoformat()))
    end = resume(world.ledger, world.repairer, position, lambda: True)
    assert end.stats == RebuildStats(entries=200, removed=1)
    later = [entry.entry_id for entry in world.recorded if entry.recorded_at >= before]
    assert sorted(world.ledger.looked_up) == sorted([*later, "later".rjust(32, "x")])


def test_a_row_with_an_altered_moment_is_repaired(world: World) -> None:
    world.projection.database.run(
        "UPDATE entries SET recorded_at = 'infinity' WHERE entry_id = :entry",
        entry=world.recorded[0].entry_id,
    )
    assert rebuilt(world.ledger, world.repairer).altered == 1
    world.projection.check_entries(world.recorded)


def test_rejected_entries_cause_no_lookups(own_read_model_database: ReadModelDatabase) -> None:
    """The sums have only entries that the read model holds."""
    own_read_model_database.run("ALTER TABLE entries ADD CHECK (amount_minor <> 1313)")
    good = [entry for entry in entries(19, 200, MERCHANTS) if entry.amount_minor != 1313]
    rejected = [make_entry("padaria", f"unlucky-{n}", amount_minor=1313) for n in range(30)]
    ledger, repairer = (
        MemoryLedger([*good, *rejected]),
        Repairer(connections(own_read_model_database)),
    )
    stats = rebuilt(ledger, repairer)
    repairer.close()
    assert (stats.missing, stats.unreadable) == (len(good), 30)
    assert ledger.looked_up == []


class KilledError(Exception):
    """The process ended."""


class _Killed:
    """A store that does what it is called for, and then kills its caller once."""

    def __init__(self, store: object, kill: Callable[[], None]) -> None:
        self._store = store
        self._kill = kill

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*arguments: Any) -> Any:
            result = method(*arguments)
            self._kill()
            return result

        return call


def _rebuild_killed_at(world: World, number: int) -> tuple[RebuildStats, bool]:
    """Rebuild with a kill at a call; return the counts, and whether it was killed."""
    left = [number]

    def kill() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError

    chance = random.Random(number)
    ledger, repairer = cast(Any, (_Killed(world.ledger, kill), _Killed(world.repairer, kill)))
    position = Checkpoint(None, sums=RowSums(before=LATER))
    while position.phase != "done":
        try:
            end = resume(ledger, repairer, position, lambda: chance.random() < 0.5)
        except KilledError:
            continue
        position = decode(encode(end), None)
    return position.stats, left[0] <= 0


@pytest.mark.parametrize("is_damaged", [True, False])
def test_a_kill_at_any_call_changes_nothing(world: World, is_damaged: bool) -> None:
    number, is_killed = 1, True
    while is_killed:
        if is_damaged:
            world.forge("one")
            world.projection.database.run(MOVE, merchant="rival", entry=world.recorded[3].entry_id)
            world.projection.database.run(
                "DELETE FROM entries WHERE entry_id = :entry", entry=world.recorded[5].entry_id
            )
        world.ledger.looked_up.clear()
        stats, is_killed = _rebuild_killed_at(world, number)
        world.projection.check_entries(world.recorded)
        assert stats.entries == 200
        assert is_damaged or world.ledger.looked_up == []
        assert len(world.ledger.looked_up) < 30
        number += 1
    assert number > 10
