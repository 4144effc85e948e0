"""The projector, the rebuild and the migration as a deployment runs them, by its settings."""

from collections.abc import Iterator

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.migrations import runner
from chalicelib.projection import wiring
from chalicelib.projection.checkpoint import Checkpoint, encode
from chalicelib.projection.project import project
from chalicelib.projection.rebuild import run_task
from chalicelib.runtime import clients, settings
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.ledger_table import LedgerTable
from tests.fixtures.plain_sums import expected, held
from verification.kit.generators import all_inserted, entries, item


@pytest.fixture
def deployment(
    emptied_read_model_database: ReadModelDatabase,
    ledger_table: LedgerTable,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ReadModelDatabase]:
    """A deployment without Redis, whose table is the emulated one."""
    database = emptied_read_model_database
    variables = {
        "DATABASE_HOST": database.host, "DATABASE_PORT": str(database.port),
        "DATABASE_NAME": database.name, "DATABASE_TLS": "off", "DATABASE_AUTH": "trust",
        "ENTRIES_TABLE": ledger_table.name, "QUARANTINE_QUEUE_URL": "https://sqs/none",
        "AWS_DEFAULT_REGION": "sa-east-1", "REDIS_HOST": "",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield database
    _forget()


def _long() -> float:
    return 900.0


def _forget() -> None:
    for made_once in (settings.current, clients._aws_client, clients.fast_memory, wiring.real):
        made_once.cache_clear()


def test_the_projector_finds_its_stores_by_the_settings(deployment: ReadModelDatabase) -> None:
    recorded = entries(81, 30, ["padaria"])
    assert project(all_inserted(recorded), wiring.real()).new == 30
    assert held(deployment, ["padaria"]) == expected(recorded)
    wiring.real.cache_clear()


def test_the_rebuild_task_brings_back_one_merchant_or_all(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    recorded = entries(82, 40, ["padaria", "rival"])
    for one in recorded:
        ledger_table.client.put_item(TableName=ledger_table.name, Item=item(one))
    mine = [one for one in recorded if one.merchant_id == "padaria"]
    assert run_task({"merchant_id": "padaria"}, _long)["missing"] == len(mine)
    assert held(deployment, ["padaria", "rival"]) == expected(mine)
    assert run_task({}, _long)["missing"] == 40 - len(mine)
    assert held(deployment, ["padaria", "rival"]) == expected(recorded)


def test_a_rebuild_goes_on_from_where_its_time_ended(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    recorded = entries(83, 40, ["padaria"])
    for one in recorded:
        ledger_table.client.put_item(TableName=ledger_table.name, Item=item(one))
    result = run_task({}, lambda: 300.0)
    phases = [result["phase"]]
    while result["position"] is not None:
        run_task({"position": result["position"]}, lambda: 300.0)
        result = run_task({"position": result["position"]}, lambda: 300.0)
        phases.append(result["phase"])
    assert phases[0] == "ledger"
    assert phases[-1] == "done"
    assert held(deployment, ["padaria"]) == expected(recorded)


def test_the_rebuild_task_refuses_a_position_of_another_rebuild(
    deployment: ReadModelDatabase,
) -> None:
    with pytest.raises(ValidationError, match="same merchant_id"):
        run_task({"merchant_id": "padaria", "position": encode(Checkpoint(None))}, _long)


def test_the_rebuild_task_refuses_what_is_no_merchant(deployment: ReadModelDatabase) -> None:
    with pytest.raises(ValidationError, match="merchant_id"):
        run_task({"merchant_id": "Not A Slug"}, _long)


def test_the_migration_task_has_nothing_to_do_twice(deployment: ReadModelDatabase) -> None:
    assert runner.run_task({}) == {"applied": []}
    assert runner.run_task({"role": deployment.superuser}) == {"applied": []}
