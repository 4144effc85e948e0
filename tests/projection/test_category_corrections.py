"""Corrections of categories in the read model: the newest wins, whatever the stream delivers."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import Entry
from chalicelib.projection.project import project
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.writer import Writer, columns, statement
from chalicelib.storage.category_items import correction_item
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import Projection, connections
from tests.fixtures.rebuilding import rebuilt
from tests.fixtures.threads import together
from verification.kit.generators import all_inserted, change, corrected, correction, entries
from verification.kit.generators import entry as make_entry

_numbers = count()
CATEGORIES = ["energy", "sales", None]


def check(projection: Projection, recorded: list[Entry], newest: list[CategoryCorrection]) -> None:
    """Check every total, and the category of each entry, by plain addition."""
    merchants = sorted({entry.merchant_id for entry in recorded})
    categories = {each.entry_id: each.category for each in newest}
    assert held(projection.database, merchants) == expected(recorded, categories)
    rows = projection.database.run(
        "SELECT entry_id, current_category(entries), category FROM entries"
        " WHERE merchant_id = ANY (CAST(:merchants AS text[]))",
        merchants=merchants,
    )
    assert {row[0]: row[1:] for row in rows} == {
        entry.entry_id: [categories.get(entry.entry_id, entry.category), entry.category]
        for entry in recorded
    }


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(chance=st.randoms(use_true_random=False), how_many=st.integers(1, 12))
def test_any_delivery_ends_in_the_newest(
    projection: Projection, chance: st.DataObject, how_many: int
) -> None:
    recorded = entries(chance.getrandbits(32), how_many, [f"corrected-{next(_numbers)}"])  # type: ignore[attr-defined]
    newest, records = [], all_inserted(recorded)
    for entry in chance.sample(recorded, how_many // 2):  # type: ignore[attr-defined]
        for number in range(1, chance.randint(2, 4)):  # type: ignore[attr-defined]
            latest = correction(entry, number, chance.choice(CATEGORIES))  # type: ignore[attr-defined]
            records.append(corrected(latest))
        newest.append(latest)
    records += chance.sample(records, len(records) // 2)  # type: ignore[attr-defined]
    chance.shuffle(records)  # type: ignore[attr-defined]
    size = chance.randint(1, 5)  # type: ignore[attr-defined]
    for start in range(0, len(records), size):
        project(records[start : start + size], projection.ports)
        projection.forget()
    check(projection, recorded, newest)


@pytest.mark.parametrize("is_first", [True, False])
def test_entry_and_correction_at_once_meet(
    projection: Projection, merchant: str, is_first: bool
) -> None:
    # Each is a separate statement, and neither sees what the other has not committed.
    entry = make_entry(merchant, "one", category="sales")
    fix = correction(entry, 1, "energy")
    other = Writer(connections(projection.database))
    session = projection.database.connect("livro_projector")
    session.run("BEGIN")
    if is_first:
        session.run(statement("add_entries.sql"), **columns([change(entry)]))
        second = lambda: other.correct([fix])  # noqa: E731
    else:
        session.run(
            "SELECT correct_categories(ARRAY[:entry], ARRAY[:merchant], ARRAY[1], ARRAY['energy'])",
            entry=entry.entry_id,
            merchant=merchant,
        )
        second = lambda: other.add([change(entry)])  # noqa: E731
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    def commit_once_the_other_waits() -> None:
        while not projection.database.run(waiting)[0][0]:
            pass
        session.run("COMMIT")

    together(second, commit_once_the_other_waits)
    session.close()
    check(projection, [entry], [fix])


def test_invalid_corrections_are_dead_letters(projection: Projection, merchant: str) -> None:
    fix = correction(make_entry(merchant, "one"), 1, "energy")
    wrong = [
        fix._replace(category="Not a slug"),
        fix._replace(number=0),
        fix._replace(number=2**31),
        fix._replace(merchant_id=""),
        fix,
    ]
    records = [corrected(each) for each in wrong]
    records[-1]["dynamodb"]["NewImage"].pop("corrects")
    assert project(records, projection.ports).parked == len(records)
    assert len(projection.dead_letters.letters) == len(records)


@pytest.mark.parametrize("in_one_piece", [True, False])
@pytest.mark.parametrize("scope", [True, False])
def test_rebuild_restores_every_category(
    emptied: Projection, repairer: Repairer, in_one_piece: bool, scope: bool
) -> None:
    recorded = entries(5, 40, ["padaria"])
    project(all_inserted(recorded[1:]), emptied.ports)
    newest = [correction(entry, 2, "energy") for entry in recorded[:6]]
    project(
        [
            *(corrected(each) for each in newest[2:4]),
            corrected(newest[4]._replace(number=9)),
            corrected(correction(recorded[7], 1, "never-sent")),
        ],
        emptied.ports,
    )
    emptied.database.run(
        "UPDATE entries SET corrected_category = 'altered' WHERE entry_id = :entry_id",
        entry_id=newest[3].entry_id,
    )
    ledger = MemoryLedger(recorded, page=7)
    for each in newest:
        ledger.put(correction_item(each))
    stats = rebuilt(ledger, repairer, "padaria" if scope else None, in_one_piece)
    check(emptied, recorded, newest)
    # Three were lost, two altered, one never sent; one was lost again with its missing entry.
    assert (stats.missing, stats.categories) == (1, 7)
    assert rebuilt(ledger, repairer).differences == 0
