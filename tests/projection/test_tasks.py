"""The projector, the rebuild, a repair and the migration as a deployment runs them."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.migrations import runner
from chalicelib.projection import wiring
from chalicelib.projection.checkpoint import Checkpoint, encode
from chalicelib.projection.project import project
from chalicelib.projection.rebuild import repair, run_task
from chalicelib.projection.repairer import Repairer
from chalicelib.runtime import wiring as runtime
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
    runtime.reset()
    yield database
    runtime.reset()
    database.run("DELETE FROM unfinished_rebuild")


def _enough_time() -> float:
    return 900.0


def test_the_projector_uses_the_settings_stores(deployment: ReadModelDatabase) -> None:
    recorded = entries(81, 30, ["padaria"])
    assert project(all_inserted(recorded), wiring.ports()).new == 30
    assert held(deployment, ["padaria"]) == expected(recorded)


def test_the_rebuild_task_takes_one_or_all(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    recorded = entries(82, 40, ["padaria", "rival"])
    ledger_table.put(*map(item, recorded))
    mine = [entry for entry in recorded if entry.merchant_id == "padaria"]
    assert run_task({"merchant_id": "padaria"}, _enough_time)["missing"] == len(mine)
    assert held(deployment, ["padaria", "rival"]) == expected(mine)
    assert run_task({}, _enough_time)["missing"] == 40 - len(mine)
    assert held(deployment, ["padaria", "rival"]) == expected(recorded)


def test_a_rebuild_resumes_after_its_time(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    recorded = entries(83, 40, ["padaria"])
    ledger_table.put(*map(item, recorded))
    response = run_task({}, lambda: 300.0)
    phases = [response["phase"]]
    while response["position"] is not None:
        run_task({"position": response["position"]}, lambda: 300.0)
        response = run_task({"position": response["position"]}, lambda: 300.0)
        phases.append(response["phase"])
    assert (phases[0], phases[-1]) == ("ledger", "done")
    assert held(deployment, ["padaria"]) == expected(recorded)


def begin_empty(deployment: ReadModelDatabase) -> None:
    deployment.run("DELETE FROM unfinished_rebuild")
    deployment.run("INSERT INTO unfinished_rebuild (loads) VALUES ('entries')")


def load_in_parts(parts: int) -> Iterator[dict[str, Any]]:
    """Load as the state machine calls the task, but one part after the other; yield each result."""
    position = None
    for step in ("entries", "indexes", "sums", "end"):
        left = 1
        while left:
            request = {"position": position, "load": {"step": step, "parts": parts}}
            divided = run_task(request, _enough_time)
            position, left = divided["position"], divided["left"]
            yield divided
        for part, each in reversed(list(enumerate(divided["positions"]))):
            yield run_task({"position": each, "part": part}, _enough_time)


def test_parts_load_an_empty_read_model(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    recorded = entries(86, 60, ["padaria", "rival", "third"])
    ledger_table.put(*map(item, recorded))
    begin_empty(deployment)
    results = []
    for result in load_in_parts(3):
        results.append(result)
        assert deployment.run(UNFINISHED) == ([] if result["phase"] == "end" else [[1]])
    divided = [(each["phase"], len(each["positions"])) for each in results if "left" in each]
    assert divided == [("entries", 3), *[("indexes", 0)] * 3, ("sums", 3), ("end", 0)]
    parts = [(each["part"], each["position"]) for each in results if "part" in each]
    assert parts == [(2, None), (1, None), (0, None)] * 2
    assert sum(each["missing"] for each in results if "part" in each) == 60
    assert held(deployment, ["padaria", "rival", "third"]) == expected(recorded)


def test_parts_of_an_empty_ledger_complete(deployment: ReadModelDatabase) -> None:
    begin_empty(deployment)
    end = [*load_in_parts(3)][-1]
    assert end["phase"] == "end"
    assert deployment.run(UNFINISHED) == []
    repeated = {"position": end["position"], "load": {"step": "end"}}
    assert run_task(repeated, _enough_time) == end  # its response may have been lost
    deployment.run("INSERT INTO unfinished_rebuild DEFAULT VALUES")  # a comparison begins
    assert run_task(repeated, _enough_time) == end


@pytest.mark.parametrize(
    "request_",
    [{"step": "entries", "parts": 0}, {"step": "entries", "parts": 65}, {"step": "ends"}],
)
def test_unknown_steps_of_a_load_complete_nothing(
    deployment: ReadModelDatabase, request_: dict[str, Any]
) -> None:
    begin_empty(deployment)
    with pytest.raises(ValidationError, match="load must be a step"):
        run_task({"load": request_}, _enough_time)
    assert deployment.run(UNFINISHED) == [[1]]


def test_parts_of_a_complete_read_model_are_none(deployment: ReadModelDatabase) -> None:
    divided = run_task({"load": {"step": "entries", "parts": 3}}, _enough_time)
    assert divided == {"positions": [], "position": None}


UNFINISHED = "SELECT 1 FROM unfinished_rebuild"


@pytest.mark.parametrize("is_replaced", [True, False])
def test_rebuild_of_a_replaced_server_counts(
    deployment: ReadModelDatabase, ledger_table: LedgerTable, is_replaced: bool
) -> None:
    """Only a rebuild from the beginning of a read model makes it complete."""
    ledger_table.put(*map(item, entries(84, 40, ["padaria"])))
    position = run_task({}, lambda: 300.0)["position"]
    assert deployment.run(UNFINISHED) == [[1]]
    if is_replaced:
        deployment.run("UPDATE unfinished_rebuild SET begun_at = clock_timestamp()")
    assert run_task({"position": position}, _enough_time)["phase"] == "done"
    assert deployment.run(UNFINISHED) == ([[1]] if is_replaced else [])
    run_task({}, _enough_time)
    assert deployment.run(UNFINISHED) == []


def test_rebuild_beside_a_finished_one_ends(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    """Two rebuilds at once: after the first has compared everything, nothing is incomplete."""
    ledger_table.put(*map(item, entries(85, 40, ["padaria"])))
    position = run_task({}, lambda: 300.0)["position"]
    run_task({}, _enough_time)
    assert deployment.run(UNFINISHED) == []
    run_task({"position": position}, lambda: 300.0)
    assert deployment.run(UNFINISHED) == []


def test_rebuild_of_one_merchant_completes_nothing(
    deployment: ReadModelDatabase, ledger_table: LedgerTable
) -> None:
    deployment.run("INSERT INTO unfinished_rebuild DEFAULT VALUES")
    assert run_task({"merchant_id": "padaria"}, _enough_time)["phase"] == "done"
    assert deployment.run(UNFINISHED) == [[1]]
    run_task({}, _enough_time)
    assert deployment.run(UNFINISHED) == []


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"merchant_id": "padaria", "position": encode(Checkpoint(None))}, "same merchant_id"),
        ({"merchant_id": "Not A Slug"}, "merchant_id"),
    ],
)
def test_an_invalid_event_is_rejected(
    deployment: ReadModelDatabase, event: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        run_task(event, _enough_time)


def test_a_repeated_migration_applies_nothing(deployment: ReadModelDatabase) -> None:
    assert runner.run_task({}) == {"applied": []}
    assert runner.run_task({"role": deployment.superuser}) == {"applied": []}


def test_a_repair_may_take_minutes(
    deployment: ReadModelDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = entries(43, 20, ("padaria",))
    project(all_inserted(recorded), wiring.ports())
    deployment.run("UPDATE day_totals SET credits_minor = credits_minor + 1")
    limits, original = list[str](), Repairer.repair

    def recording(repairer: Repairer, *arguments: Any) -> Any:
        shown = repairer._connections.use(lambda session: session.rows("SHOW statement_timeout"))
        limits.append(shown[0][0])
        return original(repairer, *arguments)

    monkeypatch.setattr(Repairer, "repair", recording)
    repair(["padaria"], [])
    assert limits == ["5min"]
    assert held(deployment, ("padaria",)) == expected(recorded)
