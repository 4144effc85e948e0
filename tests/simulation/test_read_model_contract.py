"""The read model in memory answers as the real PostgreSQL does, whatever was done to both."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

import pytest

from chalicelib.consolidation.books import PostgresBooks
from chalicelib.consolidation.next_closing import next_closing
from chalicelib.consolidation.ports import Books, SealedClosing
from chalicelib.ledger.entries import Entry, content_digest, without_texts
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.seals import closing_item, seal
from chalicelib.projection.changes import Change
from chalicelib.projection.repairer import Repairer, RowKey, Truth
from chalicelib.queries.cash_flow import CashFlowQuestion
from chalicelib.queries.daily_balances import BalanceQuestion
from chalicelib.queries.entry_list import EntryFilters, PageQuestion
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import connections
from tests.fixtures.seeded_entries import NOON, entries
from tests.simulation.wire import Fate
from tests.simulation.world import World

MERCHANTS = ["a", "b", "c"]
TODAY = NOON.date()
STEPS = 60


@dataclass(frozen=True)
class Side:
    """One of the two read models, by all of its ports."""

    repairer: Repairer
    books: Books
    reads: ReadModel


@pytest.fixture
def sides(own_read_model_database: ReadModelDatabase) -> Iterator[tuple[Side, Side]]:
    """PostgreSQL, and the memory."""
    place = own_read_model_database
    roles = ("livro_projector", "livro_closer", "livro_reader")
    writer, closer, reader = kept = [connections(place, role) for role in roles]
    world = World("contract", lambda port: Fate.ANSWERED)
    real = Side(Repairer(writer), PostgresBooks(closer), ReadModel(reader))
    yield real, Side(world.repairer(), world.books(page=50), cast(ReadModel, world.reads))
    for one in kept:
        one.close()


@pytest.mark.parametrize("seed", range(6))
def test_memory_and_postgresql_answer_alike(sides: tuple[Side, Side], seed: int) -> None:
    chance = random.Random(seed)
    known = {one.entry_id: one for one in entries(seed, 80, MERCHANTS, days=70)}
    for side in sides:
        side.repairer.begin()
    for number in range(STEPS):
        step = chance.choice(STEPS_TO_TAKE)
        state = chance.getstate()
        told = []
        for side in sides:
            chance.setstate(state)
            told.append(step(side, chance, known))
        assert told[0] == told[1], f"step {number}: {step.__name__}"


Known = dict[str, Entry]


def add(side: Side, chance: random.Random, known: Known) -> Any:
    some = chance.sample(sorted(known), 12)
    return side.repairer.add([_change(known[one]) for one in some])


def erase(side: Side, chance: random.Random, known: Known) -> Any:
    side.repairer.erase(chance.sample(sorted(known), 3))
    return None


def compare(side: Side, chance: random.Random, known: Known) -> Any:
    some = [_change(known[one]) for one in chance.sample(sorted(known), 12)]
    altered = some[0].entry._replace(account="other")
    some[0] = replace(some[0], entry=altered, digest=content_digest(altered))
    differing = sorted(side.repairer.differing(some))
    merchant = chance.choice([None, *MERCHANTS])
    rows = side.repairer.rows_after(merchant, None)
    further = side.repairer.rows_after(merchant, rows[len(rows) // 2]) if rows else []
    return differing, side.repairer.compare(some), [_bare(rows), _bare(further)]


def put_right(side: Side, chance: random.Random, known: Known) -> Any:
    some = chance.sample(sorted(known), 6)
    held = [_change(without_texts(known[one])) for one in some[:4]]
    done = side.repairer.put_right(MERCHANTS, some, lambda ids: Truth(held, some[4:]))
    return done, side.repairer.wrong_totals(MERCHANTS), side.repairer.merchants()


def read(side: Side, chance: random.Random, known: Known) -> Any:
    merchant, currency = chance.choice(MERCHANTS), chance.choice(("BRL", "JPY"))
    first = TODAY - timedelta(days=chance.randrange(80))
    asked = BalanceQuestion(merchant, first, TODAY, chance.choice((None, "main")), currency)
    by, group = chance.choice(("day", "week", "month")), chance.choice(("category", "account"))
    flow = CashFlowQuestion(merchant, first, TODAY, by, group, currency)  # type: ignore[arg-type]
    sought = chance.choice((None, "pao", "acucar"))
    page = PageQuestion(merchant, EntryFilters(first=first), sought, None, 5, 9)
    listed = side.reads.entries(page)
    return side.reads.balances(asked), side.reads.cash_flow(flow), listed.entries, listed.looked_to


def look_at_a_day(side: Side, chance: random.Random, known: Known) -> Any:
    merchant, day = _some_day(chance, known)
    state = side.books.day_state(merchant, day)
    some = chance.sample(sorted(known), 8)
    return replace(state, mark=state.mark is not None), side.books.rows(some)


def close(side: Side, chance: random.Random, known: Known) -> Any:
    merchant, day = _some_day(chance, known)
    state = side.books.day_state(merchant, day)
    if not state.is_changed or state.rows.keys() < state.sealed_ids:
        return None
    if state.newest is not None:
        return None
    draft = next_closing(state, NOON)
    sealed = seal(draft.closing, draft.entries)
    item = closing_item(sealed, "c2lnbmF0dXJl", "key")
    made = SealedClosing(item, sealed.leaves, draft.added, draft.effects, state.mark, "run")
    first, again = side.books.record(made), side.books.record(made)
    return item, first, again, side.books.closing(made.key)


def look_around(side: Side, chance: random.Random, known: Known) -> Any:
    until = TODAY - timedelta(days=chance.randrange(20))
    books = side.books
    told = (books.boundaries(2), books.merchants("", None, None, until), books.newest(None, 20))
    waiting = books.undelivered(MERCHANTS)
    books.delivered(waiting[:1])
    every = chance.choice((1, 7))
    return told, books.doubtful_days(MERCHANTS, until, every), waiting, books.counts("run")


Step = Callable[[Side, random.Random, Known], Any]
STEPS_TO_TAKE: list[Step] = [
    add,
    add,
    erase,
    compare,
    read,
    read,
    look_at_a_day,
    close,
    look_around,
]
STEPS_TO_TAKE.append(put_right)


def _bare(rows: list[RowKey]) -> list[tuple[str, str, str]]:
    # Each writes moments its own way.
    return [(row.merchant_id, row.day, row.entry_id) for row in rows]


def _some_day(chance: random.Random, known: Known) -> tuple[str, date]:
    one = known[chance.choice(sorted(known))]
    return one.merchant_id, one.day


def _change(one: Entry) -> Change:
    return Change(one, parse_instant(one.occurred_at), content_digest(one))
