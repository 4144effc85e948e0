"""Any files of the same rows, in any order, killed anywhere: the same entries once."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.importing.bank_import import BankImport
from tests.bank_files.examples import Movement, movements, ofx, transaction
from tests.importing.world import Interruption, SimulatedKillError, World


def file_of(rows: Sequence[Movement]) -> str:
    return ofx("".join(_transaction(row) for row in rows))


def _transaction(row: Movement) -> str:
    text = row.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return transaction(f"{row.day:%Y%m%d}", row.decimal, row.bank_id, text)


def sums_of(rows: Sequence[Movement]) -> Counter[tuple[str, date]]:
    sums: Counter[tuple[str, date]] = Counter()
    for row in rows:
        sums["bb", row.day] += row.amount_minor
    return Counter({name: minor for name, minor in sums.items() if minor})


@st.composite
def pieces(draw: st.DrawFn) -> tuple[list[Movement], list[list[Movement]]]:
    """Return the rows of an account, and overlapping pieces of whole days that cover them."""
    rows = sorted(draw(movements), key=lambda row: row.day)
    days = sorted({row.day for row in rows})
    spans = draw(st.lists(st.tuples(st.sampled_from(days), st.sampled_from(days)), max_size=3))
    whole = [(days[0], days[-1]), (days[0], days[-1])]
    ordered = draw(st.permutations([*spans, *whole]))
    return rows, [
        part
        for first, last in ordered
        if (part := [row for row in rows if min(first, last) <= row.day <= max(first, last)])
    ]


@given(pieces())
@settings(max_examples=60)
def test_overlapping_pieces_record_each_row_once(
    generated: tuple[list[Movement], list[list[Movement]]],
) -> None:
    rows, parts = generated
    world = World()
    # All are previewed before any is recorded, as by two people at once.
    for stored in [world.preview(file_of(part)) for part in parts]:
        world.record(stored)
    assert world.book.balances() == sums_of(rows)
    assert len(world.book.entries_by_id) == len(rows)
    assert world.preview(file_of(rows)).count("duplicate") == len(rows)


@given(movements)
@settings(max_examples=40)
def test_import_undo_import_equals_one_import(rows: list[Movement]) -> None:
    world = World()
    undone = world.undo(world.record(world.preview(file_of(rows))))
    assert world.book.balances() == Counter()
    assert undone.undone == (len(rows), 0)
    again = world.record(world.preview(file_of(rows)))
    assert again.count("created") == len(rows)
    assert world.book.balances() == sums_of(rows)


FILE = ofx(
    transaction("20261005", "-10.00", "1", "A")
    + transaction("20261005", "-10.00", "1", "A")
    + transaction("20261006", "25.00", "2", "B")
    + transaction("20261007", "7.00", "3", "C")
)


def run(world: World, interruption: Interruption) -> BankImport:
    """Import a file whose third row is an entry recorded by hand, then undo that."""
    ports = interruption.within(world.ports())
    stored = world.preview(FILE, ports)
    world.decide_same(stored, 3, ports)
    return world.undo(world.record(stored, ports), ports)


def resumed(world: World) -> None:
    """Do the rest of `run`, as people do: they look at the imports, and repeat their requests."""
    imports = world.imports()
    stored = imports[0] if imports else world.preview(FILE)
    if stored.status == "preview":
        world.decide_same(stored, 3)
    recorded = stored if stored.status in ("undoing", "undone") else world.record(stored)
    if recorded.status != "undone":
        world.undo(recorded)


def new_world() -> World:
    world = World()
    world.book.by_hand(date(2026, 10, 6), 2500)
    return world


def test_killed_at_every_effect_and_resumed() -> None:
    undisturbed, counting = new_world(), Interruption()
    run(undisturbed, counting)
    assert counting.effects > 30
    for at, after in product(range(1, counting.effects + 1), (False, True)):
        world = new_world()
        try:
            run(world, Interruption(at, after))
        except SimulatedKillError:
            resumed(world)
        assert world.book.entries_by_id.keys() == undisturbed.book.entries_by_id.keys()
        assert world.book.balances() == undisturbed.book.balances()
        (stored,) = world.imports()
        assert (stored.status, stored.undone) == ("undone", (3, 0))
        assert not world.bucket.names("recording/")
        again = world.preview(FILE)
        assert (again.count("created"), again.count("needs_decision")) == (3, 1)
