"""`make deploy` in the emulator, by `chalice deploy` itself: up, repeated, and taken away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy import account, down, up
from deploy.chalice_state import api_of, functions_of
from deploy.paths import Places
from deploy.smoke import SmokeTestError, smoke_test
from infrastructure.functions import FUNCTIONS
from infrastructure.stages import load
from local.http_client import Response, call
from tests.deploy.attempts import STAGE, Attempt, attempted
from tests.deploy.conftest import THIS_MACHINE


@pytest.fixture(scope="module")
def attempt(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempt]:
    """A trial stage, brought up once."""
    with attempted(postgres, tmp_path_factory.mktemp("deploying")) as made:
        yield made


def test_the_deployed_api_records_an_entry_and_balances_the_day(attempt: Attempt) -> None:
    pool = attempt.pool()
    pool.assign_machine("padaria")
    token = pool.machine_token().body["access_token"]
    recorded = _ask(attempt, "POST", "/v1/entries", token, '{"type": "credit", "amount": "150.75"}')
    assert recorded.status == 201, recorded.body
    day, entry = recorded.body["day"], recorded.body["id"]
    for _ in range(10):  # each waits up to 2 s for the entry
        balance = _ask(attempt, "GET", f"/v1/daily-balances/{day}?after={entry}", token)
        if balance.body["freshness"]["complete"]:
            break
    assert (balance.status, balance.body["closing"]) == (200, "150.75")


def _ask(attempt: Attempt, method: str, path: str, token: str, body: str = "") -> Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return call(
        method, f"{attempt.base_url}{path}", headers | {"Idempotency-Key": "first"}, body or None
    )


def test_the_deployed_gateway_refuses_in_problems(attempt: Attempt) -> None:
    answer = call("GET", f"{attempt.base_url}/v1/nowhere", {})
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_stage_that_does_not_answer_fails_its_smoke_test(attempt: Attempt) -> None:
    assert smoke_test(attempt.base_url)
    with pytest.raises(SmokeTestError, match="/health/ready said"):
        smoke_test(f"{attempt.emulator.endpoint}/elsewhere", patience=0)


def test_each_function_is_what_its_table_says(attempt: Attempt) -> None:
    lambdas = attempt.aws.client("lambda")
    assert dict(functions_of(attempt.aws, "trial")).keys() == {
        function.name for function in FUNCTIONS
    }
    for one in FUNCTIONS:
        result = lambdas.get_function(FunctionName=one.aws_name("trial"))
        settings = result["Configuration"]
        reserved = result.get("Concurrency", {}).get("ReservedConcurrentExecutions")
        assert (settings["Timeout"], settings["MemorySize"]) == (one.timeout_seconds, one.memory_mb)
        assert reserved == STAGE.size.concurrency(one)
        assert bool(settings.get("VpcConfig", {}).get("SubnetIds")) == one.in_network
        assert settings["Architectures"] == [THIS_MACHINE]


def test_all_that_comes_after_chalice_changes_nothing_the_second_time(attempt: Attempt) -> None:
    outputs = attempt.outputs()
    up.complete(attempt.deployment, outputs)
    attempt.heard.clear()
    up.complete(attempt.deployment, outputs)
    result = {line.rpartition(": ")[2] for line in attempt.heard if "smoke test" not in line}
    assert result == {"unchanged"}


def test_what_the_stage_stands_on_is_left_alone_and_keeps_what_it_holds(attempt: Attempt) -> None:
    table, before = attempt.aws.client("dynamodb"), attempt.outputs()
    place = {"client_id": {"S": "somebody"}, "merchant_id": {"S": "padaria"}}
    table.put_item(TableName=before["ClientsTable"], Item=place)
    attempt.heard.clear()
    assert attempt.outputs() == before
    assert {line.rpartition(": ")[2] for line in attempt.heard} == {"unchanged"}
    key = {"client_id": place["client_id"]}
    assert table.get_item(TableName=before["ClientsTable"], Key=key)["Item"] == place


def test_deployed_from_another_machine_it_is_still_one_stage(
    attempt: Attempt, tmp_path: Path
) -> None:
    before = (attempt.base_url, dict(functions_of(attempt.aws, "trial")))
    elsewhere = replace(attempt.deployment, places=Places(tmp_path / "elsewhere"))
    again = up.bring_up(elsewhere)
    assert (again, dict(functions_of(attempt.aws, "trial"))) == before
    assert len(attempt.aws.client("apigateway").get_rest_apis()["items"]) == 1
    lambdas = attempt.aws.client("lambda")
    assert len(lambdas.list_event_source_mappings()["EventSourceMappings"]) == 1


def test_a_stage_whose_name_goes_on_is_another_one(attempt: Attempt) -> None:
    assert dict(functions_of(attempt.aws, "tri")) == {}
    assert api_of(attempt.aws, "tri") is None


def test_an_account_that_runs_too_few_functions_is_told_so(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.check_account(attempt.aws, STAGE)
    monkeypatch.setattr(account, "UNRESERVED", 1000)
    with pytest.raises(account.AccountError, match="Ask AWS for 1"):
        account.check_account(attempt.aws, STAGE)


def test_a_trial_can_be_taken_away_and_a_protected_stage_cannot(attempt: Attempt) -> None:
    attempt.heard.clear()
    with pytest.raises(down.ProtectedStageError, match="production is protected"):
        down.take_down(attempt.of(load("production")))
    attempt.aws.client("cloudformation").update_termination_protection(
        StackName="livro-caixa-trial-database", EnableTerminationProtection=True
    )
    with pytest.raises(down.ProtectedStageError, match="livro-caixa-trial-database still is"):
        down.take_down(attempt.deployment)
    assert attempt.heard == []
    attempt.outputs()  # deploys the stage as its file describes it now: not protected
    down.take_down(attempt.deployment)
    assert dict(functions_of(attempt.aws, "trial")) == {}
    assert attempt.aws.client("apigateway").get_rest_apis()["items"] == []
    assert attempt.aws.client("dynamodb").list_tables()["TableNames"] == []
    attempt.heard.clear()
    down.take_down(attempt.deployment)
    assert not any("removed" in line for line in attempt.heard)
