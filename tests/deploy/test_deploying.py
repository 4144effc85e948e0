"""A stage deployed to the emulator by `chalice deploy`, finished, repeated and taken away."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest

from deploy import down, layers, up
from deploy.aws import Aws
from deploy.migration import migrate
from deploy.places import Places
from deploy.record import api_of, functions_of
from deploy.smoke import StageSmokes, smoke_test
from deploy.stacks import Stacks
from infrastructure.functions import FUNCTIONS
from infrastructure.stages import load
from local.calls import Answer, call
from local.deployment import Deployed
from local.emulator import ACCESS, REGION, Emulator, start_emulator
from tests.deploy.conftest import THIS_MACHINE
from tests.fixtures.user_pool import UserPool

IMPORTING = Path(__file__).with_name("importing_emulator.py")
STAGE = load("trial")


@dataclass
class Attempt:
    """A stage in the emulator; `heard` is what the last command told."""

    emulator: Emulator
    aws: Aws
    places: Places
    stores: dict[str, str]
    heard: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    api: str = ""

    @property
    def base_url(self) -> str:
        return f"{self.emulator.endpoint}/_aws/execute-api/{self.api}/{STAGE.name}"

    def stacks(self) -> Stacks:
        return Stacks(
            self.aws.client("cloudformation"), self.heard.append, lambda _: time.sleep(0.05)
        )

    def deployment(self) -> up.Deployment:
        return up.Deployment(STAGE, self.aws, self.heard.append, self.places)

    def stand_up(self) -> list[str]:
        self.heard.clear()
        found = layers.stand_up(self.stacks(), STAGE, "emulator")
        # The emulator makes no PostgreSQL; the session's own takes its place.
        elsewhere = {"DatabaseHost": self.stores["DATABASE_HOST"], "DatabaseResourceId": "db-NONE"}
        self.outputs = found | elsewhere | {"DatabasePort": self.stores["DATABASE_PORT"]}
        return self.heard

    def ship(self) -> None:
        # Chalice takes the functions' variables for its own, those of single services as well.
        services = ("", "_KMS", "_EVENTBRIDGE", "_SFN")
        emulated = {f"AWS_ENDPOINT_URL{one}": self.emulator.endpoint for one in services}
        there = {**emulated, **self.stores}
        up.ship(self.deployment(), self.outputs, THIS_MACHINE, there)

    def finish(self) -> list[str]:
        self.heard.clear()
        self.api = up.finish(self.deployment(), self.outputs)
        return list(self.heard)

    def pool(self) -> UserPool:
        return UserPool(self.emulator, Deployed(self.base_url, self.outputs, {}))


@pytest.fixture(scope="module")
def attempt(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempt]:
    """A stage deployed once, with a PostgreSQL of its own."""
    folder = tmp_path_factory.mktemp("deploying")
    name = f"deployed_{secrets.token_hex(4)}"
    _create_database(postgres, name)
    emulator = start_emulator(folder / "emulator", script=IMPORTING)
    with pytest.MonkeyPatch.context() as environment:
        _point_at(emulator, environment, folder)
        aws = Aws(boto3.Session(region_name=REGION), REGION, "000000000000", "aws")
        made = Attempt(
            emulator,
            aws,
            Places(folder / "work"),
            {
                "DATABASE_HOST": postgres.host,
                "DATABASE_PORT": str(postgres.port),
                "DATABASE_NAME": name,
                "DATABASE_TLS": "off",
                "DATABASE_AUTH": "trust",
            },
        )
        try:
            made.stand_up()
            made.ship()
            made.finish()
            migrate(aws.client("lambda"), "livro-caixa-trial-migrate", role=postgres.superuser)
            yield made
        finally:
            emulator.server.stop()


def _point_at(emulator: Emulator, environment: pytest.MonkeyPatch, folder: Path) -> None:
    for name, text in ACCESS.items():
        environment.setenv(name, text)
    environment.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    # The emulator is done at once; AWS's own waiters look every 5 seconds.
    models = Path(botocore.__file__).parent / "data" / "lambda" / "2015-03-31" / "waiters-2.json"
    waiters = json.loads(models.read_text())
    for waiter in waiters["waiters"].values():
        waiter["delay"] = 0.05
    quick = folder / "models" / "lambda" / "2015-03-31"
    quick.mkdir(parents=True)
    (quick / "waiters-2.json").write_text(json.dumps(waiters))
    environment.setenv("AWS_DATA_PATH", str(folder / "models"))


def _create_database(postgres: Any, name: str) -> None:
    import pg8000.native

    connection = pg8000.native.Connection(
        postgres.superuser, host=postgres.host, port=postgres.port, database="postgres"
    )
    connection.run(f"CREATE DATABASE {name}")
    connection.close()


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


def _ask(attempt: Attempt, method: str, path: str, token: str, body: str = "") -> Answer:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return call(
        method, f"{attempt.base_url}{path}", headers | {"Idempotency-Key": "first"}, body or None
    )


def test_the_deployed_gateway_refuses_in_problems(attempt: Attempt) -> None:
    answer = call("GET", f"{attempt.base_url}/v1/nowhere", {})
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_deployed_stage_passes_its_smoke_test(attempt: Attempt) -> None:
    assert smoke_test(attempt.base_url)
    with pytest.raises(StageSmokes, match="/health/ready said"):
        smoke_test(f"{attempt.emulator.endpoint}/elsewhere", patience=0)


def test_each_function_is_what_its_table_says(attempt: Attempt) -> None:
    lambdas = attempt.aws.client("lambda")
    assert dict(functions_of(attempt.aws, "trial")).keys() == {one.name for one in FUNCTIONS}
    for one in FUNCTIONS:
        found = lambdas.get_function(FunctionName=one.aws_name("trial"))
        settings = found["Configuration"]
        reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions")
        assert (settings["Timeout"], settings["MemorySize"]) == (one.timeout_seconds, one.memory_mb)
        assert reserved == STAGE.size.concurrency(one)
        assert bool(settings.get("VpcConfig", {}).get("SubnetIds")) == one.in_network
        assert settings["Architectures"] == [THIS_MACHINE]


def test_the_steps_after_chalices_change_nothing_the_second_time(attempt: Attempt) -> None:
    attempt.finish()
    assert attempt.finish() == ["what Chalice cannot say: unchanged"]


def test_the_stacks_are_left_alone_the_second_time_and_keep_what_they_hold(
    attempt: Attempt,
) -> None:
    table = attempt.aws.client("dynamodb")
    place = {"client_id": {"S": "somebody"}, "merchant_id": {"S": "padaria"}}
    table.put_item(TableName=attempt.outputs["ClientsTable"], Item=place)
    before = attempt.outputs
    heard = attempt.stand_up()
    assert {line.rpartition(": ")[2] for line in heard} == {"unchanged"}
    assert attempt.outputs == before
    key = {"client_id": place["client_id"]}
    assert table.get_item(TableName=before["ClientsTable"], Key=key)["Item"] == place


def test_deployed_from_another_machine_it_is_still_one_stage(
    attempt: Attempt, tmp_path: Path
) -> None:
    attempt.places = Places(tmp_path / "elsewhere")
    before = (attempt.api, dict(functions_of(attempt.aws, "trial")))
    attempt.ship()
    attempt.finish()
    assert (attempt.api, dict(functions_of(attempt.aws, "trial"))) == before
    assert len(attempt.aws.client("apigateway").get_rest_apis()["items"]) == 1
    lambdas = attempt.aws.client("lambda")
    assert len(lambdas.list_event_source_mappings()["EventSourceMappings"]) == 1


def test_a_stage_whose_name_goes_on_is_another_one(attempt: Attempt) -> None:
    assert dict(functions_of(attempt.aws, "tri")) == {}
    assert api_of(attempt.aws, "tri") is None


def test_a_trial_can_be_taken_away_and_a_protected_stage_cannot(attempt: Attempt) -> None:
    heard: list[str] = []
    with pytest.raises(down.Protected, match="production is protected"):
        down.take_down(load("production"), attempt.aws, heard.append, attempt.places)
    attempt.aws.client("cloudformation").update_termination_protection(
        StackName="livro-caixa-trial-database", EnableTerminationProtection=True
    )
    with pytest.raises(down.Protected, match="livro-caixa-trial-database still is"):
        down.take_down(STAGE, attempt.aws, heard.append, attempt.places)
    assert heard == []
    attempt.stand_up()  # as the stage's file describes it now: not protected
    down.take_down(STAGE, attempt.aws, heard.append, attempt.places)
    assert dict(functions_of(attempt.aws, "trial")) == {}
    assert attempt.aws.client("apigateway").get_rest_apis()["items"] == []
    assert attempt.aws.client("dynamodb").list_tables()["TableNames"] == []
    again: list[str] = []
    down.take_down(STAGE, attempt.aws, again.append, attempt.places)
    assert not any("removed" in line for line in again)
