"""Each truth of a story's end is held by itself: one thing that is off shows as its own kind."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from chalicelib.ledger.balances import Totals
from chalicelib.storage.dynamodb_items import is_entry
from verification.simulation import final_invariants, seals_hold
from verification.simulation.expected_book import Book
from verification.simulation.scenario import Scenario
from verification.simulation.violations import CLOSING, DOUBLED, DRIFT, LIST, LOST, InvariantError
from verification.simulation.world import World


@dataclass(frozen=True)
class Ended:
    """A story that came to rest, and the book of what its merchants sent."""

    world: World
    book: Book

    def check(self) -> None:
        """Demand all truths once more."""
        facts = final_invariants.facts_of(self.world, self.book)
        final_invariants.check_reads(self.world, facts)
        seals_hold.check_chains(self.world)


@pytest.fixture
def ended() -> Iterator[Ended]:
    world = World(0)
    story = Scenario(world, lambda _line: None)
    with world.listening():
        story.live()
        story.come_to_rest()
        yield Ended(world, story.cast.merchants.book)


def lose_an_answered_entry(ended: Ended) -> None:
    result = next(entry.made for entry in ended.book.entries() if entry.made)
    del ended.world.table.items[result.entry_id]


def record_an_entry_twice(ended: Ended) -> None:
    items = ended.world.table.items
    one = next(item for item in items.values() if is_entry(item))
    items["z" * 32] = {**one, "entry_id": {"S": "z" * 32}}


def raise_a_day_total(ended: Ended) -> None:
    days = ended.world.tables.days
    line = min(days)
    days[line] = days[line].plus(Totals(1, 0, 0))


def raise_a_category_total(ended: Ended) -> None:
    categories = ended.world.tables.categories
    line = min(categories)
    categories[line] = categories[line].plus(Totals(0, 1, 0))


def count_an_entry_twice(ended: Ended) -> None:
    days = ended.world.tables.days
    line = min(days)
    days[line] = days[line].plus(Totals(0, 0, 1))


def list_another_account(ended: Ended) -> None:
    rows = ended.world.tables.entries
    name = min(rows)
    rows[name] = replace(rows[name], entry=rows[name].entry._replace(account="other"))


def leave_an_entry_out(ended: Ended) -> None:
    rows = ended.world.tables.entries
    del rows[min(rows)]


def alter_a_kept_closing(ended: Ended) -> None:
    objects = ended.world.bucket.objects
    name = min(one for one in objects if one.startswith("closings/"))
    closing = json.loads(objects[name])
    objects[name] = json.dumps({**closing, "entries": closing["entries"] + 1}).encode()


def alter_a_kept_leaf(ended: Ended) -> None:
    objects = ended.world.bucket.objects
    name = min(one for one in objects if one.startswith("leaves/"))
    kept = json.loads(objects[name])
    kept["items"][0]["amount"] = "0.01"
    objects[name] = json.dumps(kept).encode()


def test_a_story_that_ended_well_is_true(ended: Ended) -> None:
    ended.check()


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (lose_an_answered_entry, LOST),
        (record_an_entry_twice, DOUBLED),
        (raise_a_day_total, DRIFT),
        (raise_a_category_total, DRIFT),
        (count_an_entry_twice, DOUBLED),
        (list_another_account, LIST),
        (leave_an_entry_out, LIST),
        (alter_a_kept_closing, CLOSING),
        (alter_a_kept_leaf, CLOSING),
    ],
)
def test_one_thing_that_is_off_shows(
    ended: Ended, harm: Callable[[Ended], None], kind: str
) -> None:
    harm(ended)
    with pytest.raises(InvariantError) as result:
        ended.check()
    assert result.value.kind == kind
