"""A request that the state of an import does not allow names the reason, for translations."""

from collections.abc import Callable
from datetime import date

import pytest

from chalicelib.importing.create import KEPT_FOR
from chalicelib.importing.decide import decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.ledger.errors import ImportConflictError
from tests.bank_files.examples import ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.world import World

DAY = date(2026, 10, 6)
FIRST, OTHER = (ofx(transaction("20261006", "25.00", name, "PIX")) for name in ("1", "2"))


def undecided(world: World) -> None:
    world.book.by_hand(DAY, 2500)
    world.record(world.preview(FIRST))


def lost_claim(world: World) -> None:
    world.book.by_hand(DAY, 2500)
    stored, other = world.preview(FIRST), world.preview(OTHER)
    for each in (stored, other):
        world.decide_same(each, 1)
    world.record(other)
    world.record(stored)


def newer_entry(world: World) -> None:
    stored = world.preview(FIRST)
    world.book.by_hand(DAY, 2500)
    world.record(stored)


def expired(world: World) -> None:
    stored = world.preview(FIRST)
    world.now += KEPT_FOR
    world.record(stored)


def copies_missing(world: World) -> None:
    stored = world.preview(FIRST)
    for _ in range(2):
        world.start_recording(stored)
    world.bucket.delete(world.bucket.names("recording/"))
    world.record(stored)


def undo_a_preview(world: World) -> None:
    world.undo(world.preview(FIRST))


def undo_while_recording(world: World) -> None:
    world.undo(world.start_recording(world.preview(FIRST)))


def decide_after_recording(world: World) -> None:
    stored = world.record(world.preview(FIRST))
    decide(world.ports(), JOANA.merchant_id, stored.import_id, [RowDecision(1, "new", None)])


def record_after_undo(world: World) -> None:
    world.record(world.undo(world.record(world.preview(FIRST))))


@pytest.mark.parametrize(
    ("act", "reason", "shown"),
    [
        (undecided, "undecided-rows", "1"),
        (lost_claim, "lost-claims", "1"),
        (newer_entry, "entries-since-preview", "1"),
        (expired, "expired", ""),
        (copies_missing, "rows-not-stored", ""),
        (undo_a_preview, "preview", ""),
        (undo_while_recording, "recording", ""),
        (decide_after_recording, "recorded", ""),
        (record_after_undo, "undone", ""),
    ],
)
def test_conflicts_have_stable_reasons(
    act: Callable[[World], None], reason: str, shown: str
) -> None:
    with pytest.raises(ImportConflictError) as raised:
        act(World())
    assert raised.value.extensions == {"conflict": {"reason": reason, "shown": shown}}
