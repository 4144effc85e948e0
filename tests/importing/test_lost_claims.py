"""An entry is claimed by one row: the import that comes second is decided again."""

from datetime import date, timedelta

import pytest

from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.create import KEPT_FOR
from chalicelib.importing.decide import CLAIMED_ALREADY, decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.importing.rows import rows_after
from chalicelib.ledger.errors import ConflictError, FieldError, NotFoundError, ValidationError
from tests.bank_files.examples import ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.world import World

FIRST = ofx(transaction("20261006", "25.00", "1", "A"))
SECOND = ofx(transaction("20261006", "25.00", "2", "B") + transaction("20261007", "9.00", "3", "C"))


def rivals() -> tuple[World, BankImport, BankImport]:
    """Return two imports that were decided to be the same entry, of which the first is recorded."""
    world = World()
    world.book.by_hand(date(2026, 10, 6), 2500)
    first, second = world.preview(FIRST), world.preview(SECOND)
    for stored in (first, second):
        world.decide_same(stored, 1)
    return world, world.record(first), second


def test_a_lost_claim_is_decided_again() -> None:
    world, _, second = rivals()
    with pytest.raises(
        ConflictError, match="row 1 was claimed by another row or reversed meanwhile"
    ):
        world.record(second)
    # Nothing was recorded: the entry by hand is alone.
    assert len(world.book.entries_by_id) == 1
    assert not world.bucket.names("recording/")
    (newest, _) = world.imports()
    assert (newest.status, newest.count("needs_decision")) == ("preview", 1)
    with pytest.raises(ConflictError, match="1 rows need a decision first"):
        world.record(second)
    decide(world.ports(), JOANA.merchant_id, second.import_id, [RowDecision(1, "new", None)])
    recorded = world.record(second)
    assert (recorded.count("created"), recorded.count("duplicate")) == (2, 0)


def test_a_claimed_row_stays_the_same() -> None:
    world = World()
    first, second = (world.book.by_hand(date(2026, 10, 6), minor) for minor in (900, 2500))
    rows = transaction("20261006", "9.00", "1", "A") + transaction("20261006", "25.00", "2", "B")
    stored, rival = world.preview(ofx(rows)), world.preview(FIRST)
    for each, row in ((stored, 1), (stored, 2), (rival, 1)):
        world.decide_same(each, row)
    world.record(rival)
    with pytest.raises(ConflictError, match="The entry of row 2 was claimed"):
        world.record(stored)
    decided = [RowDecision(1, "new", None), RowDecision(2, "new", None)]
    with pytest.raises(ValidationError) as raised:
        decide(world.ports(), JOANA.merchant_id, stored.import_id, decided)
    assert raised.value.field_errors == (FieldError("decisions.0.decision", CLAIMED_ALREADY),)
    decided[0] = RowDecision(1, "same", first.entry_id)
    decide(world.ports(), JOANA.merchant_id, stored.import_id, decided)
    recorded = world.record(stored)
    assert (recorded.count("created"), recorded.count("duplicate")) == (1, 1)
    assert world.book.balances()["bb", second.day] == 900 + 2500 + 2500


def test_a_lost_claim_after_expiry_is_refused() -> None:
    world, _, second = rivals()
    started = world.start_recording(second)
    world.now += KEPT_FOR
    assert started.status == "recording"
    recorded = world.record(second)
    assert (recorded.status, recorded.count("refused"), recorded.count("created")) == (
        "recorded", 1, 1,
    )  # fmt: skip


def test_an_expired_preview_is_neither_shown_nor_recorded() -> None:
    world = World()
    stored = world.preview(FIRST)
    world.now += KEPT_FOR - timedelta(seconds=1)
    assert rows_after(world.ports(), JOANA.merchant_id, stored, 0, 10)[0]
    world.now += timedelta(seconds=1)
    with pytest.raises(NotFoundError):
        rows_after(world.ports(), JOANA.merchant_id, stored, 0, 10)
    with pytest.raises(ConflictError, match="has expired"):
        world.record(stored)


def test_a_recording_continues_after_expiry() -> None:
    world = World()
    stored = world.preview(FIRST)
    assert world.start_recording(stored).status == "recording"
    world.now += KEPT_FOR
    for name in world.bucket.names("previews/"):
        world.bucket.delete([name])
    assert world.record(stored).count("created") == 1
