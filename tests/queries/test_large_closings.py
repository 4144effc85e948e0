"""A page of leaves, or a proof, of a large day reads only two of its subtrees."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

import verify
from chalicelib.ledger.errors import NotFoundError, ReadModelUnavailableError
from chalicelib.ledger.subtrees import subtrees_of
from chalicelib.queries.closings import Version, leaves, proof
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.verify.book import KEY_ID, pem, private_key

COUNT = 600
FIRST = Version(YESTERDAY, 1)
SUBTREES = "closing_subtrees WHERE merchant_id = :merchant"


@pytest.fixture
def large(night_world: NightWorld) -> NightWorld:
    """A day of 600 entries, closed."""
    night_world.record(*(sale(night_world.merchant, f"{number}") for number in range(COUNT)))
    night_world.close()
    return night_world


def sealed_ids(world: NightWorld) -> list[str]:
    """Return the ids of the archived leaves, in the order of the tree."""
    (name,) = [name for name in world.bucket if name.startswith(f"leaves/{world.merchant}/")]
    return [leaf["entry"] for leaf in json.loads(world.bucket[name])["items"]]


def page_ids(
    read_model: ReadModel, world: NightWorld, limit: int, cursor: str | None = None
) -> tuple[list[str], str | None]:
    page = leaves(read_model, world.merchant, FIRST, limit, cursor)
    return [leaf["entry"] for leaf in page.items], page.next_cursor


def all_ids(read_model: ReadModel, world: NightWorld, limit: int = 200) -> list[str]:
    result, cursor = page_ids(read_model, world, limit)
    while cursor is not None:
        ids, cursor = page_ids(read_model, world, limit, cursor)
        result += ids
    return result


@pytest.mark.parametrize("limit", [33, 200, 256])
def test_pages_are_all_sealed_leaves_once(
    read_model: ReadModel, large: NightWorld, limit: int
) -> None:
    ids = sealed_ids(large)
    assert len(ids) == COUNT
    assert all_ids(read_model, large, limit) == ids


def test_subtrees_hold_ids_and_hashes_alone(large: NightWorld) -> None:
    rows = sorted(large.rows("closing_subtrees"), key=lambda row: row[3])
    ids = sealed_ids(large)
    assert [row[3] for row in rows] == [ids[255], ids[511], ids[599]]
    assert {(merchant, day, version) for merchant, day, version, _, _ in rows} == {
        (large.merchant, YESTERDAY, 1)
    }
    assert all(re.fullmatch("[0-9a-f]{64}", root) for *_, root in rows)


def test_small_day_stores_no_subtrees(night_world: NightWorld) -> None:
    night_world.record(*(sale(night_world.merchant, f"{number}") for number in range(256)))
    night_world.close()
    assert night_world.rows("closing_subtrees") == []


def test_checker_accepts_proofs_of_every_subtree(
    read_model: ReadModel, large: NightWorld, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": {KEY_ID: pem(private_key())}}))
    ids = sealed_ids(large)
    files = []
    for place in (0, 1, 254, 255, 256, 400, 511, 512, 598, 599):
        shown = proof(read_model, large.merchant, YESTERDAY, ids[place])
        assert shown["leaf"]["entry"] == ids[place]
        files.append(tmp_path / f"proof-{place}.json")
        files[-1].write_text(json.dumps(shown))
    assert verify.main(["--keys", f"{keys}", "--proof", *map(str, files)]) == 0
    for missing in ("2" * 32, "z" * 32, "m" * 32):
        with pytest.raises(NotFoundError):
            proof(read_model, large.merchant, YESTERDAY, missing)


@pytest.mark.parametrize("change", ["UPDATE entries SET amount_minor = 1", "DELETE FROM entries"])
def test_altered_entry_hides_only_its_subtree(
    read_model: ReadModel, large: NightWorld, change: str
) -> None:
    ids = sealed_ids(large)
    large.corrupt(f"{change} WHERE entry_id = :entry_id", entry_id=ids[560])
    first, cursor = page_ids(read_model, large, 200)
    second, cursor = page_ids(read_model, large, 200, cursor)
    assert first + second == ids[:400]
    assert proof(read_model, large.merchant, YESTERDAY, ids[255])["entry"] == ids[255]
    with pytest.raises(ReadModelUnavailableError):
        proof(read_model, large.merchant, YESTERDAY, ids[560])
    with pytest.raises(ReadModelUnavailableError):
        all_ids(read_model, large)
    large.night()
    assert all_ids(read_model, large) == ids


@pytest.mark.parametrize("table", ["entries", "sealed_entries"])
def test_missing_end_of_the_day_is_unavailable(
    read_model: ReadModel, large: NightWorld, table: str
) -> None:
    ids = sealed_ids(large)
    large.corrupt(
        f"DELETE FROM {table} WHERE merchant_id = :merchant AND entry_id > :entry_id",
        merchant=large.merchant,
        entry_id=ids[511],
    )
    _, cursor = page_ids(read_model, large, 200)
    second, cursor = page_ids(read_model, large, 200, cursor)
    assert second == ids[200:400]
    with pytest.raises(ReadModelUnavailableError):
        page_ids(read_model, large, 200, cursor)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM closing_subtrees",
        "UPDATE closing_subtrees SET root = repeat('0', 64)",
        "UPDATE closing_subtrees SET last_entry = 'zz' || left(last_entry, 30)",
        "UPDATE closing_subtrees SET last_entry = '22' || left(last_entry, 30)",
    ],
)
def test_subtrees_need_not_be_trusted(
    read_model: ReadModel, large: NightWorld, change: str
) -> None:
    large.corrupt(f"{change} WHERE merchant_id = :merchant", merchant=large.merchant)
    ids = sealed_ids(large)
    assert all_ids(read_model, large) == ids
    assert proof(read_model, large.merchant, YESTERDAY, ids[560])["entry"] == ids[560]
    large.corrupt("UPDATE entries SET amount_minor = 1 WHERE entry_id = :id", id=ids[560])
    with pytest.raises(ReadModelUnavailableError):
        proof(read_model, large.merchant, YESTERDAY, ids[560])


def test_subtrees_over_altered_entries_prove_nothing(
    read_model: ReadModel, large: NightWorld
) -> None:
    ids = sealed_ids(large)
    large.corrupt("UPDATE entries SET amount_minor = 1 WHERE entry_id = :id", id=ids[0])
    altered = subtrees_of(large.read_model.closing((large.merchant, 1))[1])
    for subtree in altered:
        large.corrupt(
            "UPDATE closing_subtrees SET root = :root WHERE last_entry = :last",
            root=subtree.root.hex(),
            last=subtree.last_entry,
        )
    with pytest.raises(ReadModelUnavailableError):
        page_ids(read_model, large, 1)
    with pytest.raises(ReadModelUnavailableError):
        proof(read_model, large.merchant, YESTERDAY, ids[0])


def test_later_version_has_its_own_subtrees(read_model: ReadModel, large: NightWorld) -> None:
    before = all_ids(read_model, large)
    large.record(sale(large.merchant, "late"))
    large.close()
    assert all_ids(read_model, large) == before
    second = leaves(read_model, large.merchant, Version(YESTERDAY, 2), 256)
    assert len(second.items) == 256
    assert len(large.rows("closing_subtrees")) == 6


def test_page_reads_at_most_two_subtrees(read_model: ReadModel, large: NightWorld) -> None:
    ids = sealed_ids(large)
    for above in ("", ids[0], ids[255], ids[400], ids[598], ids[599]):
        rows = read_model.leaves(large.merchant, FIRST, above, 10_000)
        assert len(rows.leaves) <= 512
        assert len(rows.subtrees) == 3
    other = Version(date(2020, 1, 1), 1)
    assert read_model.leaves(large.merchant, other, "", 10_000).entries_root is None
