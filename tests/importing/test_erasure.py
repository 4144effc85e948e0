"""An erasure leaves no text of an entry in what imports store, whatever happens beside it."""

import gzip
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.erasure import erase_texts
from chalicelib.importing.recording import record
from chalicelib.importing.rows import rows_after
from tests.bank_files.examples import ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.memory_stores import MemoryBucket
from tests.importing.world import World

MERCHANT = JOANA.merchant_id
TEXT = b"JOANA SILVA"


class ErasingBucket(MemoryBucket):
    """Calls `beside` before the first put into a folder."""

    def __init__(self, world: World, folder: str) -> None:
        super().__init__()
        self.objects, self._world, self._folder = world.bucket.objects, world, folder

    def put(self, name: str, content: bytes) -> None:
        if name.startswith(self._folder):
            self._folder = "never again"
            erase_all(self._world)
        super().put(name, content)


def previewed(world: World) -> BankImport:
    return world.preview(ofx(transaction("20261005", "-1.50", "7", TEXT.decode())))


def erase_all(world: World) -> None:
    """Erase the texts of the only row, by its identity, as an erasure of its entry does."""
    erase_texts(world.ports(), MERCHANT, "a" * 32, identity_of_row(world))


def texts(world: World) -> list[str]:
    """Return the names of the objects that hold the text."""
    return [name for name, held in world.bucket.objects.items() if TEXT in gzip.decompress(held)]


def identity_of_row(world: World) -> str:
    (shown,), _ = rows_after(world.ports(), MERCHANT, world.imports()[0], 0, 1)
    assert shown.row.identity is not None
    return shown.row.identity


def test_rows_and_file_are_erased() -> None:
    world = World()
    previewed(world)
    assert len(texts(world)) == 2
    erase_all(world)
    assert texts(world) == []


def test_killed_erasure_is_completed_by_another() -> None:
    world = World()
    previewed(world)
    stuck = MemoryBucket()
    stuck.objects = world.bucket.objects
    stuck.put = lambda *_: None  # type: ignore[method-assign]
    erase_texts(replace(world.ports(), bucket=stuck), MERCHANT, "a" * 32, identity_of_row(world))
    assert len(texts(world)) == 1
    erase_all(world)
    assert texts(world) == []


def test_erasure_while_rows_are_copied_reaches_the_copy() -> None:
    world = World()
    stored = previewed(world)
    ports = replace(world.ports(), bucket=ErasingBucket(world, "recording/"))
    record(ports, JOANA, stored.import_id, lambda: False)
    assert any(name.startswith("recording/") for name in world.bucket.objects)
    assert texts(world) == []


@pytest.mark.parametrize("is_recorded", [False, True])
def test_row_that_is_the_entry_is_erased(is_recorded: bool) -> None:
    world = World()
    manual = world.book.by_hand(date(2026, 10, 5), -150)
    previewed(world)  # by somebody else, who has not decided yet
    stored = previewed(world)
    world.decide_same(stored, 1)
    if is_recorded:
        world.record(stored)
    erase_texts(world.ports(), MERCHANT, manual.entry_id, None)
    assert texts(world) == []
    (shown,), _ = rows_after(world.ports(), MERCHANT, world.imports()[0], 0, 1)
    assert (shown.row.outcome, shown.row.description) == ("duplicate", None)


def test_a_possible_double_keeps_its_text() -> None:
    world = World()
    manual = world.book.by_hand(date(2026, 10, 5), -150)
    previewed(world)
    erase_texts(world.ports(), MERCHANT, manual.entry_id, None)
    assert len(texts(world)) == 2
