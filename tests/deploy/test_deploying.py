"""A stage in the emulator, deployed by `chalice deploy` itself: new, repeated, and removed."""

import gzip
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from deploy import down, up
from deploy.chalice_state import api_of, functions_of
from deploy.paths import DeployPaths
from deploy.read_model_load import rebuild_all
from infrastructure.deployer import deployer_policies
from infrastructure.functions import FUNCTIONS
from infrastructure.gateway_responses import RESPONSES
from local.processes import descendants
from tests.deploy.conftest import THIS_MACHINE
from tests.deploy.emulated_stage import STAGE, EmulatedStage, stage_in_emulator
from tests.deploy.kill_points import check_removed, kills
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.stores import Database
from tests.local.processes import mentioning, until
from verification.kit.api_client import ApiClient, over_http
from verification.kit.generators import entries, item

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# Changes in AWS after which commands are killed: between stacks, between two calls for a function,
# and between the removals of stacks; kill_points.py has all of them.
DEPLOYMENT_KILLS, REMOVAL_KILLS = (2, 15), (1, 20)
MERCHANTS = ("mercearia", "oficina", "papelaria")
LOAD_MACHINE = (
    "arn:aws:states:us-east-1:000000000000:stateMachine:livro-caixa-trial-read-model-load"
)
LOADED_TABLES = (
    "entries", "merchants", "day_totals", "month_totals", "year_totals", "category_totals",
    "unsealed_days", "unfinished_rebuild",
)  # fmt: skip
WAITING_PARTS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%unfinished_rebuild WHERE loads%'
"""
ACCEPTS: list[dict[str, str]] = [{"accept": BROWSER}, {"accept": "*/*"}, {}]


@pytest.fixture(scope="module")
def stage(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedStage]:
    """A trial stage, deployed once, after deployments that were killed."""
    folder = tmp_path_factory.mktemp("deploying")
    with stage_in_emulator(postgres, folder) as emulated:
        with kills(folder) as killed:
            for changes in DEPLOYMENT_KILLS:
                assert not killed.run(emulated.deploy, changes)
        emulated.deploy()
        yield emulated


@pytest.fixture(scope="module")
def client(stage: EmulatedStage) -> ApiClient:
    """A merchant's machine."""
    pool = stage.pool()
    pool.assign_machine("padaria")
    return ApiClient(over_http(stage.base_url), pool.machine_token().body["access_token"])


def test_chalice_itself_sets_responses_and_ipv6(stage: EmulatedStage) -> None:
    """Otherwise there is a time without them in each deployment."""
    (after,) = [n for n, line in enumerate(stage.first_lines) if line.startswith("schema: ")]
    changes = [line for line in stage.first_lines[:after] if "chalice: " not in line]
    assert changes
    assert not any("error responses" in line or "IPv6" in line for line in changes)
    lambdas, apigateway = stage.aws.client("lambda"), stage.aws.client("apigateway")
    for function in filter(lambda each: each.in_network, FUNCTIONS):
        settings = lambdas.get_function_configuration(FunctionName=function.aws_name("trial"))
        assert settings["VpcConfig"]["Ipv6AllowedForDualStack"] is True
    api = api_of(stage.aws, "trial")
    items = apigateway.get_gateway_responses(restApiId=api, limit=500)["items"]
    assert {response.response_type for response in RESPONSES} <= {
        item["responseType"] for item in items if not item.get("defaultResponse")
    }
    assert len(apigateway.get_deployments(restApiId=api)["items"]) == 1


def test_api_records_and_balances_an_entry(client: ApiClient) -> None:
    entry = client.record(amount="150.75")
    client.wait_for(entry, seconds=120)  # a busy machine starts the projector slowly
    assert client.get(f"/v1/daily-balances/{entry['day']}").json["closing"] == "150.75"
    assert client.get("/v1/nowhere").is_problem(404)  # the gateway's own response


def test_bytes_pass_unchanged_through_the_gateway(client: ApiClient) -> None:
    def statement(name: str, **headers: str) -> bytes:
        path = f"/v1/statements/{date.today():%Y-%m}?format={name}"
        while (response := client.get(path, **headers)).status == HTTPStatus.TOO_MANY_REQUESTS:
            time.sleep(float(response.headers["retry-after"]))
        return response.content

    sent = b'{"type": "credit", "amount": "1.00", "description": "P\xe3o"}'
    response = client.post("/v1/entries", sent)
    assert response.is_problem(400) and "not UTF-8 at byte 54" in response.json["detail"]
    for name, start in {"pdf": b"%PDF-1.7", "xlsx": b"PK\3\4"}.items():
        (content,) = {statement(name, **headers) for headers in ACCEPTS}
        assert content.startswith(start)
    packed = statement("csv", accept="*/*", accept_encoding="gzip")
    assert gzip.decompress(packed) == statement("csv")


def test_new_stage_has_a_complete_read_model(stage: EmulatedStage, postgres: Any) -> None:
    """Its days may be closed, although its ledger is not empty any more."""
    name = stage.deployment.target.variables["DATABASE_NAME"]
    database = Database(postgres.host, postgres.port, name, postgres.superuser)
    with closing(database.connect(database.superuser)) as connection:
        assert connection.run("SELECT * FROM read_model.unfinished_rebuild") == []


def test_empty_read_model_is_loaded_in_parts(
    stage: EmulatedStage, client: ApiClient, postgres: Any
) -> None:
    """The projector inserts some of the entries meanwhile, and one of the parts is killed."""
    name = stage.deployment.target.variables["DATABASE_NAME"]
    database = ReadModelDatabase(postgres.host, postgres.port, name, postgres.superuser)
    machines, ledger = stage.aws.client("stepfunctions"), stage.aws.client("dynamodb")
    balances = f"/v1/daily-balances/{date.today()}"
    before = client.get(balances).json["closing"]
    database.run(f"TRUNCATE {', '.join(LOADED_TABLES)}")
    database.run("INSERT INTO unfinished_rebuild (loads) VALUES ('entries')")
    recorded = entries(16, 300, MERCHANTS)
    for entry in recorded:
        ledger.put_item(TableName="livro-caixa-trial-entries", Item=item(entry))
    lines: list[str] = []
    with closing(database.connect(database.superuser)) as locking, ThreadPoolExecutor(1) as pool:
        locking.run("BEGIN")
        locking.run("SELECT FROM read_model.unfinished_rebuild FOR UPDATE")
        run = pool.submit(rebuild_all, stage.aws, STAGE, lines.append, 3)
        assert until(lambda: database.run(WAITING_PARTS) == [[3]], 120), lines
        own = descendants(os.getpid())  # another run of the tests has functions of this name, too
        parts = [pid for pid in mentioning("livro-caixa-trial-rebuild") if pid in own]
        os.kill(parts[0], signal.SIGKILL)
        assert client.get(balances).is_problem(503)
        locking.run("ROLLBACK")
        text = run.result(timeout=300)
    assert re.fullmatch(r"Loaded from the ledger: 30\d entries, \d+ missing, 0 unreadable\.", text)
    assert lines[-1].startswith("done (")
    assert held(database, MERCHANTS) == expected(recorded)
    assert client.get(balances).json["closing"] == before
    (newest, *_) = machines.list_executions(stateMachineArn=LOAD_MACHINE)["executions"]
    history = machines.get_execution_history(executionArn=newest["executionArn"], maxResults=1000)
    assert [event["type"] for event in history["events"]].count("TaskFailed") == 1
    text = rebuild_all(stage.aws, STAGE, lines.append)
    compared = r"Compared with the ledger, and repaired: 30\d entries(, 0 \w+){6}\."
    assert re.fullmatch(compared, text)


def test_deployer_may_make_all_calls(stage: EmulatedStage) -> None:
    statements = [part for policy in deployer_policies() for part in policy["Statement"]]
    allowed = {action for part in statements for action in part["Action"]}
    denied = {
        action
        for action in stage.calls
        if not any(fnmatchcase(action, pattern) for pattern in allowed)
    }
    assert len(stage.calls) > 20
    assert denied == set()


def test_functions_have_their_settings(stage: EmulatedStage) -> None:
    lambdas = stage.aws.client("lambda")
    deployed = dict(functions_of(stage.aws, "trial")).keys()
    assert deployed == {function.name for function in FUNCTIONS}
    for function in FUNCTIONS:
        result = lambdas.get_function(FunctionName=function.aws_name("trial"))
        settings = result["Configuration"]
        reserved = result.get("Concurrency", {}).get("ReservedConcurrentExecutions")
        expected = (function.timeout_seconds, function.memory_mb)
        assert (settings["Timeout"], settings["MemorySize"]) == expected
        assert reserved == STAGE.size.reservations().get(function.name)
        assert bool(settings.get("VpcConfig", {}).get("SubnetIds")) == function.in_network
        assert settings["Architectures"] == [THIS_MACHINE]


def test_second_completion_changes_nothing(stage: EmulatedStage) -> None:
    outputs = stage.outputs()
    up.complete(stage.deployment, outputs)
    stage.lines.clear()
    up.complete(stage.deployment, outputs)
    result = {line.rpartition(": ")[2] for line in stage.lines if "smoke test" not in line}
    assert result == {"unchanged"}


def test_second_deployment_of_stacks_changes_nothing(stage: EmulatedStage) -> None:
    table, before = stage.aws.client("dynamodb"), stage.outputs()
    place = {"client_id": {"S": "somebody"}, "merchant_id": {"S": "padaria"}}
    table.put_item(TableName=before["ClientsTable"], Item=place)
    stage.lines.clear()
    assert stage.outputs() == before
    assert {line.rpartition(": ")[2] for line in stage.lines} == {"unchanged"}
    key = {"client_id": place["client_id"]}
    assert table.get_item(TableName=before["ClientsTable"], Key=key)["Item"] == place


def test_another_machine_updates_the_same_stage(stage: EmulatedStage, tmp_path: Path) -> None:
    before = (stage.base_url, dict(functions_of(stage.aws, "trial")))
    elsewhere = replace(stage.deployment, paths=DeployPaths(tmp_path / "elsewhere"))
    again = up.bring_up(elsewhere)
    assert (again, dict(functions_of(stage.aws, "trial"))) == before
    (api,) = stage.aws.client("apigateway").get_rest_apis()["items"]
    assert api["binaryMediaTypes"] == ["*/*"]
    lambdas = stage.aws.client("lambda")
    assert len(lambdas.list_event_source_mappings()["EventSourceMappings"]) == 1


def test_longer_stage_name_is_another_stage(stage: EmulatedStage) -> None:
    assert dict(functions_of(stage.aws, "tri")) == {}
    assert api_of(stage.aws, "tri") is None


def test_only_an_unprotected_stage_is_removed(stage: EmulatedStage, tmp_path: Path) -> None:
    stage.lines.clear()
    stage.aws.client("cloudformation").update_termination_protection(
        StackName="livro-caixa-trial-database", EnableTerminationProtection=True
    )
    with pytest.raises(down.ProtectedStageError, match="livro-caixa-trial-database still is"):
        down.take_down(stage.deployment)
    assert stage.lines == []
    stage.outputs()  # deploys the stage with its current file, which is not protected
    with kills(tmp_path) as killed:
        for changes in REMOVAL_KILLS:
            assert not killed.run(lambda: down.take_down(stage.deployment), changes)
    down.take_down(stage.deployment)
    inside = sum(function.in_network for function in FUNCTIONS)
    left = stage.lines.index(f"network: {inside} functions left it")
    assert not any("chalice" in line for line in stage.lines[:left])  # their roles still exist
    check_removed(stage.deployment)
    stage.lines.clear()
    down.take_down(stage.deployment)
    assert not any(line.endswith(": removed") for line in stage.lines)
