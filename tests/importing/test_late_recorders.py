"""Two people record an import: one who is late changes nothing that the other has recorded."""

from contextlib import suppress
from datetime import date
from itertools import product

import pytest

from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.create import KEPT_FOR
from chalicelib.importing.decide import decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.ledger.errors import ConflictError
from tests.importing.memory_book import JOANA
from tests.importing.test_lost_claims import rivals
from tests.importing.test_same_entries_once import FILE, new_world
from tests.importing.world import Delay, Interruption, SimulatedKillError, World

ONLY_BY_HAND = {("bb", date(2026, 10, 6)): 2500}


def newest(world: World) -> BankImport:
    return world.imports()[0]


def recorded_again(world: World) -> None:
    """Record the second import: its claim is lost, its row is decided to be new, it is recorded."""
    for _ in range(2):
        stored = newest(world)
        if stored.count("needs_decision"):
            new = [RowDecision(1, "new", None)]
            decide(world.ports(), JOANA.merchant_id, stored.import_id, new)
        try:
            world.record(stored)
        except ConflictError as error:
            assert "decide again" in str(error)


def effects_of_a_recording(world: World, stored: BankImport) -> list[tuple[int, bool]]:
    """Return the moments of a recording: before and after each of its effects."""
    counting = Interruption()
    with suppress(ConflictError):
        world.record(stored, counting.within(world.ports()))
    assert counting.effects > 8
    return list(product(range(1, counting.effects + 1), (False, True)))


@pytest.mark.parametrize("is_started", [False, True])
def test_late_recorder_changes_no_newer_recording(is_started: bool) -> None:
    def scene() -> tuple[World, BankImport]:
        world, _, second = rivals()
        return world, world.start_recording(second) if is_started else second

    for moment in effects_of_a_recording(*scene()):
        world, second = scene()
        late = Delay(lambda world=world: recorded_again(world), *moment)  # type: ignore[misc]
        try:
            world.record(second, late.within(world.ports()))
        except ConflictError as error:
            assert "decide" in str(error)
        recorded_again(world)
        stored = newest(world)
        assert (stored.status, stored.count("created"), stored.count("duplicate")) == (
            "recorded", 2, 0,
        )  # fmt: skip
        assert len(world.book.entries_by_id) == 3
        assert not world.bucket.names("recording/")
        assert world.undo(stored).undone == (2, 0)
        assert world.book.balances() == ONLY_BY_HAND


def test_recorder_late_for_a_new_start_resumes_it() -> None:
    for moment in effects_of_a_recording(*started()):
        world, second = started()

        def meanwhile(world: World = world) -> None:
            """Decide again, and start another recording, which does not record a row yet."""
            with pytest.raises(ConflictError):
                world.record(newest(world))
            new = [RowDecision(1, "new", None)]
            decide(world.ports(), JOANA.merchant_id, newest(world).import_id, new)
            assert world.start_recording(newest(world)).status == "recording"

        late = Delay(meanwhile, *moment)
        try:
            world.record(second, late.within(world.ports()))
        except ConflictError:
            recorded_again(world)
        stored = world.record(newest(world))
        assert (stored.count("created"), len(world.book.entries_by_id)) == (2, 3)


def started() -> tuple[World, BankImport]:
    world, _, second = rivals()
    return world, world.start_recording(second)


def test_late_start_leaves_no_copies() -> None:
    def scene() -> tuple[World, BankImport]:
        world = new_world()
        stored = world.preview(FILE)
        world.decide_same(stored, 3)
        return world, stored

    for moment in effects_of_a_recording(*scene()):
        world, stored = scene()
        late = Delay(lambda world=world, stored=stored: world.record(stored), *moment)  # type: ignore[misc]
        assert world.record(stored, late.within(world.ports())).status == "recorded"
        assert (newest(world).count("created"), len(world.book.entries_by_id)) == (3, 4)
        assert not world.bucket.names("recording/")


def test_killed_return_to_preview_is_repeated() -> None:
    for moment in effects_of_a_recording(*started()):
        world, second = started()
        try:
            world.record(second, Interruption(*moment).within(world.ports()))
        except (ConflictError, SimulatedKillError):
            recorded_again(world)
        stored = world.record(newest(world))
        assert (stored.count("created"), len(world.book.entries_by_id)) == (2, 3)
        assert not world.bucket.names("recording/")
        assert world.undo(stored).undone == (2, 0)


def test_missing_copies_are_an_error() -> None:
    world = World()
    stored = world.start_recording(world.preview(FILE))
    world.bucket.delete(world.bucket.names("recording/"))
    with pytest.raises(ConflictError, match="not stored any more"):
        world.record(stored)
    assert (newest(world).status, world.book.entries_by_id) == ("recording", {})


def test_preview_that_expires_uncopied_is_not_recorded() -> None:
    moments = effects_of_a_recording(*previewed())
    statuses = set()
    for moment in moments:
        world, stored = previewed()
        try:
            world.record(stored, Interruption(*moment).within(world.ports()))
        except SimulatedKillError:
            world.now += KEPT_FOR
            world.bucket.delete(world.bucket.names("previews/"))
        statuses.add(status_after(world, stored))
    assert statuses == {"preview", "recorded"}


def previewed() -> tuple[World, BankImport]:
    world = World()
    return world, world.preview(FILE)


def status_after(world: World, stored: BankImport) -> str:
    """Record an expired import; return its status, and check that it is true."""
    try:
        world.record(stored)
    except ConflictError as error:
        assert "has expired" in str(error)
    status = newest(world).status
    assert len(world.book.entries_by_id) == (4 if status == "recorded" else 0)
    return status


def test_preview_that_expires_copied_is_recorded() -> None:
    for moment in effects_of_a_recording(*previewed()):
        world, stored = previewed()

        def meanwhile(world: World = world, stored: BankImport = stored) -> None:
            """Start the recording, which has copied everything when the preview expires."""
            world.start_recording(stored)
            world.now += KEPT_FOR
            world.bucket.delete(world.bucket.names("previews/"))

        late = Delay(meanwhile, *moment)
        with suppress(ConflictError):  # of one who saw a preview that has expired
            world.record(stored, late.within(world.ports()))
        assert world.record(stored).count("created") == 4
        assert len(world.book.entries_by_id) == 4


def test_preview_that_expires_meanwhile_is_not_recorded() -> None:
    for moment in effects_of_a_recording(*previewed()):
        world, stored = previewed()

        def meanwhile(world: World = world) -> None:
            world.now += KEPT_FOR
            world.bucket.delete(world.bucket.names("previews/"))

        with suppress(ConflictError):
            world.record(stored, Delay(meanwhile, *moment).within(world.ports()))
        status_after(world, stored)
