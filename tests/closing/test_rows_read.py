"""What a day's state reads of closings does not grow with the age of a merchant."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.closing.sql import statement
from tests.fixtures.night import YESTERDAY, NightWorld

YEARS = 8
DAYS = [YESTERDAY - timedelta(days=back) for back in range(365 * YEARS, 0, -1)]


@pytest.fixture
def old_merchant(night_world: NightWorld) -> Iterator[Any]:
    """A connection that sees a merchant whose every day of eight years is closed."""
    night_world.sell("a")
    connection = night_world.database.connect("livro_closer")
    connection.run(
        "INSERT INTO closings SELECT m, day, 1, n, 'root', 'key', json_build_object('merchant', m,"
        " 'day', day, 'version', 1, 'sequence', n, 'root', 'root', 'key_id', 'key', 'closed_at',"
        " day)::text, 'run' FROM (SELECT CAST(:m AS text)) AS merchant (m),"
        " unnest(CAST(:days AS date[])) WITH ORDINALITY AS closed (day, n)",
        m=night_world.merchant,
        days=DAYS,
    )
    connection.run(
        "INSERT INTO closing_effects SELECT merchant_id, sequence, 'BRL', 'main', day, 1, 1"
        " FROM closings WHERE merchant_id = CAST(:m AS text)",
        m=night_world.merchant,
    )
    yield connection
    connection.close()


def test_state_reads_few_closings(old_merchant: Any, night_world: NightWorld) -> None:
    night_world.database.run("ANALYZE closings, closing_effects, sealed_totals")
    counted = (
        "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " FROM pg_stat_xact_user_tables WHERE relname LIKE 'closing%' OR relname LIKE 'sealed%'"
    )
    old_merchant.run("SET enable_seqscan = off")  # as if there were other merchants
    state = statement("day_state.sql")
    old_merchant.run("BEGIN")
    before = dict(old_merchant.run(counted))
    text = old_merchant.run(state, merchant=night_world.merchant, day=YESTERDAY)[0][0]
    read = {table: rows - before[table] for table, rows in old_merchant.run(counted)}
    old_merchant.run("COMMIT")
    assert json.loads(text)["prior_balances"][0][2] == len(DAYS)
    assert read["closings"] <= 2
    assert read["closing_effects"] <= 31
    assert read["sealed_totals"] <= YEARS + 1 + 12
