"""The read model in memory answers as the real PostgreSQL does, whatever was done to both."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.closing.day_state import DayState
from chalicelib.closing.differences import Difference
from chalicelib.closing.draft import check_seal, draft
from chalicelib.closing.errors import OpeningMismatchError, SealMismatchError
from chalicelib.closing.ports import ReadModel as ClosingReadModel
from chalicelib.closing.ports import SealedClosing
from chalicelib.closing.read_model import ClosingStore
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import Entry, content_digest, entry_id, without_texts
from chalicelib.ledger.seals import closing_item, seal
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_pages import RowKey
from chalicelib.projection.row_sums import RowSums
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import connections
from verification.kit.generators import NOON, change, entries
from verification.simulation.faults import Fate
from verification.simulation.world import World

MERCHANTS = ["a", "b", "c"]
TODAY = NOON.date()
STEPS = 60


@dataclass(frozen=True)
class Side:
    """One of the two read models, by all of its ports."""

    repairer: Repairer
    books: ClosingReadModel


@pytest.fixture
def sides(own_read_model_database: ReadModelDatabase) -> Iterator[tuple[Side, Side]]:
    """PostgreSQL, and the read model in memory."""
    place = own_read_model_database
    roles = ("livro_projector", "livro_closer")
    writer, closer = opened = [connections(place, role) for role in roles]
    world = World("contract", lambda port: Fate.ANSWERED)
    real = Side(Repairer(writer), ClosingStore(closer))
    yield real, Side(world.repairer(), world.closing_store(page=50))
    for opened_connections in opened:
        opened_connections.close()


@pytest.mark.parametrize("seed", range(6))
def test_memory_behaves_like_postgresql(
    sides: tuple[Side, Side], own_read_model_database: ReadModelDatabase, seed: int
) -> None:
    chance = random.Random(seed)
    known = {entry.entry_id: entry for entry in entries(seed, 80, MERCHANTS, days=70)}
    for side in sides:
        side.repairer.begin()
    for number in range(STEPS):
        step = chance.choice(STEPS_TO_TAKE)
        state = chance.getstate()
        result = []
        for side in sides:
            chance.setstate(state)
            result.append(step(side, chance, known))
        assert result[0] == result[1], f"step {number}: {step.__name__}"
    # Days that are closed only once would not test marks, versions and chains.
    assert own_read_model_database.run("SELECT max(version) > 1 FROM closings") == [[True]]


Known = dict[str, Entry]


def add(side: Side, chance: random.Random, known: Known) -> Any:
    some = chance.sample(sorted(known), 12)
    return side.repairer.add([change(known[name]) for name in some])


def erase(side: Side, chance: random.Random, known: Known) -> Any:
    side.repairer.erase(chance.sample(sorted(known), 3))
    return None


def correct(side: Side, chance: random.Random, known: Known) -> Any:
    some = [_correction(known[name], chance) for name in chance.sample(sorted(known), 6)]
    before = side.repairer.differing_corrections(some)
    applied = side.repairer.correct(some)
    left = side.repairer.differing_corrections(some)
    return before, applied, left


def _correction(entry: Entry, chance: random.Random) -> CategoryCorrection:
    category, number = chance.choice([None, "energy", "sales"]), chance.randint(1, 4)
    return CategoryCorrection(
        entry.entry_id, entry.merchant_id, entry.day, category, number, "ana", NOON
    )


def compare(side: Side, chance: random.Random, known: Known) -> Any:
    some = [change(known[name]) for name in chance.sample(sorted(known), 12)]
    altered = some[0].entry._replace(account="other")
    some[0] = some[0]._replace(entry=altered, digest=content_digest(altered))
    differing = sorted(side.repairer.differing(some))
    return differing, side.repairer.compare(some), _summed(side, chance, known)


def _summed(side: Side, chance: random.Random, known: Known) -> Any:
    """Return the sums of rows from the beginning and from a row, and the rows that differ."""
    merchant, middle = chance.choice([None, *MERCHANTS]), chance.choice(list(known.values()))
    before = chance.choice([middle.recorded_at, NOON + timedelta(days=900)])
    sums = RowSums("salt", before.isoformat()).plus(list(known.values())[:70])
    after: RowKey | None = None
    seen: list[Any] = []
    for _ in range(2):
        page = side.repairer.sum_rows(merchant, after, sums)
        rows, last = side.repairer.rows_of_buckets(merchant, after, sums.minus(page.sums))
        seen.append([dict(page.sums), *map(_bare, (page.recent, page.corrected, rows))])
        assert last == page.last
        if not rows:
            break
        after = rows[len(rows) // 2]
    return seen


def repair(side: Side, chance: random.Random, known: Known) -> Any:
    some = chance.sample(sorted(known), 6)
    held = [change(without_texts(known[name])) for name in some[:4]]
    corrections = [_correction(known[name], chance) for name in some[:2]]
    ledger = AuthoritativeEntries(held, some[4:], corrections)
    done = side.repairer.repair(MERCHANTS, some, lambda ids: ledger)
    return done, side.repairer.wrong_totals(MERCHANTS), side.repairer.merchants()


def look_at_a_day(side: Side, chance: random.Random, known: Known) -> Any:
    entry = known[chance.choice(sorted(known))]
    some = chance.sample(sorted(known), 8)
    return _seen(side, entry.merchant_id, entry.day), side.books.rows(some)


def close(side: Side, chance: random.Random, known: Known) -> Any:
    entry = known[chance.choice(sorted(known))]
    number = chance.randrange(10**6)
    result = []
    for version in range(3):
        state = side.books.day_state(entry.merchant_id, entry.day)
        if chance.random() < 0.6:
            # It comes in after the state was read, so the day must stay marked.
            late = entry_id(entry.merchant_id, f"late-{number}-{version}")
            side.repairer.add([change(entry._replace(entry_id=late))])
        result.append((_closed(side, state), _seen(side, entry.merchant_id, entry.day)))
    return result


def close_two_at_once(side: Side, chance: random.Random, known: Known) -> Any:
    """Two days of a merchant are sealed upon the same chain; the second to come finds it taken."""
    merchant_id = chance.choice(MERCHANTS)
    days = sorted({entry.day for entry in known.values() if entry.merchant_id == merchant_id})
    states = [side.books.day_state(merchant_id, day) for day in chance.sample(days, 2)]
    # The first closing is delivered meanwhile, so the second conflicts with its number only.
    result = []
    for state in states:
        result.append(_closed(side, state))
        side.books.mark_delivered(side.books.pending([merchant_id]))
    return result, [_seen(side, merchant_id, state.day) for state in states]


def note(side: Side, chance: random.Random, known: Known) -> Any:
    entry = known[chance.choice(sorted(known))]
    state = side.books.day_state(entry.merchant_id, entry.day)
    result = [
        Difference(what, name, entry.currency, {"ledger": 1, "read_model": 2})
        for what, name in (("entries", entry.account), ("category", entry.category or ""))
    ]
    for lines, run in ((result[:1], "run"), (result, "again")):
        side.books.record_differences(state, lines, run, NOON)
    repairs = _seen(side, entry.merchant_id, entry.day).repairs
    return repairs, side.books.counts("run"), side.books.counts("again")


def _closed(side: Side, state: DayState) -> Any:
    """Close a day as it was read, or forget its mark where it holds what is sealed."""
    books = side.books
    try:
        check_seal(state)
        if not state.is_changed:
            if state.change_id is not None:
                books.clear_change(state.merchant_id, state.day, state.change_id)
            return "settled"
        version = draft(state, NOON)
    except (OpeningMismatchError, SealMismatchError) as error:
        return type(error)
    sealed = seal(version.closing, version.entries)
    item = closing_item(sealed, "c2lnbmF0dXJl", "key")
    content = (item, sealed.leaves, version.added, version.effects)
    made = SealedClosing(*content, state.change_id, "run")
    first, again = books.insert_closing(made), books.insert_closing(made)
    chain = [books.closing((state.merchant_id, n)) for n in range(1, version.closing.sequence + 1)]
    return item, first, again, chain


def look_around(side: Side, chance: random.Random, known: Known) -> Any:
    until = TODAY - timedelta(days=chance.randrange(20))
    books = side.books
    newest = books.newest_projected(None, 20)
    result = (books.boundaries(2), books.merchants("", None, None, until), newest)
    # Which of those without an entry come first is nobody's promise.
    latest = [(name, at) for name, at in books.newest_projected(None, 2).items() if at is not None]
    waiting = books.pending(MERCHANTS)
    books.mark_delivered(waiting[:1])
    every = chance.choice((1, 7))
    inconsistent = books.inconsistent_days(MERCHANTS, until, every)
    idle = books.idle(MERCHANTS, until)
    return result, latest, inconsistent, sorted(idle), waiting, books.counts("run")


Step = Callable[[Side, random.Random, Known], Any]
STEPS_TO_TAKE: list[Step] = [
    *(add, add, erase, correct, correct, compare, look_at_a_day),
    *(close, close, close_two_at_once, note, look_around, repair),
]


def _bare(rows: list[RowKey]) -> list[tuple[str, str, str]]:
    # Each writes moments its own way, and orders only what it sums.
    return sorted((row.merchant_id, row.day, row.entry_id) for row in rows)


def _seen(side: Side, merchant_id: str, day: date) -> DayState:
    """Return a day's state; marks have other numbers on each side, so only whether it has one."""
    state = side.books.day_state(merchant_id, day)
    return replace(state, change_id=None if state.change_id is None else 1)
