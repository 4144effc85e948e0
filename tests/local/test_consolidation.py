"""Consolidation on the laptop cloud: the state machine, its schedule, and `make close-day`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from chalicelib.ledger.days import business_day
from local.consolidation import STATE_MACHINE_ARN, close_day, wait_for_execution
from local.emulator import aws_client
from local.paths import Paths
from local.running import Endpoints, read_endpoints
from local.stores.stores import DATABASE
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.emulated_stage import SCHEDULED
from tests.local.processes import until
from tests.local.test_run import local, make, running
from verification.kit.api_client import ApiClient, over_http
from verification.kit.generators import ZONE

DAY = f"{business_day(datetime.now(UTC), ZONE) - timedelta(days=40)}"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paths]:
    """A running cloud for this module only."""
    from local.cloud import remove_cloud

    paths = Paths(tmp_path_factory.mktemp("night") / "local")
    with running(paths):
        yield paths
    remove_cloud(paths)


@pytest.fixture
def endpoints(cloud: Paths) -> Endpoints:
    return read_endpoints(cloud)


@pytest.fixture
def operator(cloud: Paths, endpoints: Endpoints) -> ApiClient:
    from local.demo_users import access_token

    return ApiClient(over_http(endpoints["base_url"]), access_token(cloud, "operator"))


def on_the_database(endpoints: Endpoints, statement: str) -> None:
    """Run a statement as the superuser, past row-level security and triggers."""
    server = endpoints["servers"]["postgres"]
    database = ReadModelDatabase(str(server["host"]), int(server["port"]), DATABASE, "postgres")
    database.run(f"SET session_replication_role = replica; {statement}")


def test_close_day_runs_the_state_machine(
    cloud: Paths, endpoints: Endpoints, operator: ApiClient
) -> None:
    operator.wait_for(operator.record(occurred_at=f"{DAY}T12:00:00-03:00"))
    ran = make(cloud, "close-day", f"DAY={DAY}")
    result, _ = ran.communicate(timeout=120)
    assert (ran.returncode, result.split()[:2]) == (0, [f"{DAY}-m1", "SUCCEEDED"])
    assert operator.get(f"/v1/daily-balances/{DAY}").json["status"] == "closed"
    machines = aws_client(endpoints["aws_endpoint_url"], "stepfunctions")
    listed = machines.list_executions(stateMachineArn=STATE_MACHINE_ARN)["executions"]
    assert f"{DAY}-m1" in {execution["name"] for execution in listed}


def test_early_day_has_nothing_to_close(cloud: Paths) -> None:
    _, said = local(cloud, "close-day", "2019-01-01").communicate(timeout=120)
    assert said.splitlines()[-1] == "No merchant had a day to close up to 2019-01-01."


def test_altered_read_model_is_repaired(endpoints: Endpoints, operator: ApiClient) -> None:
    entry = operator.record(occurred_at=f"{DAY}T13:00:00-03:00", amount="5.00")
    operator.wait_for(entry)
    on_the_database(
        endpoints, f"UPDATE entries SET amount_minor = 7 WHERE entry_id = '{entry['id']}'"
    )
    on_the_database(endpoints, f"UPDATE day_totals SET credits_minor = 1 WHERE day = '{DAY}'")
    ended = close_day(endpoints["aws_endpoint_url"], DAY)
    assert ended.status == "SUCCEEDED"
    assert json.loads(ended.output)["repaired"] == 2
    result = operator.get(f"/v1/daily-balances/{DAY}").json
    assert (result["credits"], result["status"]) == ("6.00", "closed")
    newest = operator.get(f"/v1/closings/{DAY}").json["items"][0]
    assert (newest["version"], newest["repairs"]) == (2, 2)


def test_lost_closings_are_restored_from_bucket(endpoints: Endpoints, operator: ApiClient) -> None:
    sealed = operator.get(f"/v1/closings/{DAY}").json
    assert len(sealed["items"]) == 2
    for table in (
        "closings",
        "sealed_entries",
        "closing_effects",
        "closing_outbox",
        "sealed_totals",
    ):
        on_the_database(endpoints, f"DELETE FROM {table}")
    assert operator.get(f"/v1/closings/{DAY}").status == 404
    late = operator.record(occurred_at=f"{DAY}T14:00:00-03:00", amount="2.00")
    operator.wait_for(late)
    assert close_day(endpoints["aws_endpoint_url"], DAY).status == "SUCCEEDED"
    newest, *before = operator.get(f"/v1/closings/{DAY}").json["items"]
    assert before == sealed["items"]
    assert (newest["version"], newest["changes"]["added"]) == (3, [late["id"]])
    assert newest["previous_root"] == before[0]["root"]


def test_failed_day_closes_after_its_repair(endpoints: Endpoints, operator: ApiClient) -> None:
    day = f"{datetime.fromisoformat(DAY) - timedelta(days=1):%Y-%m-%d}"
    entry = operator.record(occurred_at=f"{day}T12:00:00-03:00")
    operator.wait_for(entry)
    ledger = aws_client(endpoints["aws_endpoint_url"], "dynamodb")
    key = {
        "TableName": endpoints["variables"]["ENTRIES_TABLE"],
        "Key": {"entry_id": {"S": entry["id"]}},
    }
    broken = ledger.get_item(**key)["Item"]["amount_minor"]["N"]
    values = {":n": {"N": "0"}, ":was": {"N": broken}}
    change = {
        "UpdateExpression": "SET amount_minor = :n",
        "ConditionExpression": "amount_minor = :was",
    }
    ledger.update_item(**key, **change, ExpressionAttributeValues=values)
    failed = close_day(endpoints["aws_endpoint_url"], day)
    assert (failed.status, json.loads(failed.output)["failed"]) == ("FAILED", 1)
    values = {":n": {"N": broken}, ":was": {"N": "0"}}
    ledger.update_item(**key, **change, ExpressionAttributeValues=values)
    repaired = close_day(endpoints["aws_endpoint_url"], day)
    assert (repaired.status, json.loads(repaired.output)["failed"]) == ("SUCCEEDED", 0)
    assert (failed.name, repaired.name) == (f"{day}-m1", f"{day}-m2")
    assert operator.get(f"/v1/daily-balances/{day}").json["status"] == "closed"


def test_schedule_starts_yesterday_once(endpoints: Endpoints) -> None:
    functions = aws_client(endpoints["aws_endpoint_url"], "lambda")
    machines = aws_client(endpoints["aws_endpoint_url"], "stepfunctions")
    for _ in range(2):
        result = functions.invoke(
            FunctionName="livro-caixa-laptop-nightly", Payload=json.dumps(SCHEDULED)
        )
        assert "FunctionError" not in result, result["Payload"].read()
    yesterday = business_day(datetime.now(UTC), ZONE) - timedelta(days=1)

    def ended() -> bool:
        listed = machines.list_executions(stateMachineArn=STATE_MACHINE_ARN)["executions"]
        names = [item["name"] for item in listed if item["status"] == "SUCCEEDED"]
        return names.count(f"{yesterday}-0") == 1

    assert until(ended, 120)
    rules = aws_client(endpoints["aws_endpoint_url"], "events").list_rules()["Rules"]
    assert "cron(10 * * * ? *)" in {rule.get("ScheduleExpression") for rule in rules}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("{today}-m1", "Day {today} is not over; it must be before today, {today}."),
        ("{day}-0", "Only the schedule may name an execution {day}-0; name this one {day}-m1."),
    ],
)
def test_machine_rejects_running_days_and_names(
    endpoints: Endpoints, name: str, sentence: str
) -> None:
    today = f"{business_day(datetime.now(UTC), ZONE)}"
    machines = aws_client(endpoints["aws_endpoint_url"], "stepfunctions")
    name = name.format(today=today, day=DAY)
    request = {"day": name.rpartition("-")[0], "merchant_id": None, "started_by": "operator"}
    arn = machines.start_execution(
        stateMachineArn=STATE_MACHINE_ARN, name=name, input=json.dumps(request)
    )["executionArn"]
    ended = wait_for_execution(machines, arn)
    assert (ended.status, ended.output) == ("FAILED", sentence.format(today=today, day=DAY))


def test_sealed_object_cannot_be_deleted(endpoints: Endpoints) -> None:
    storage = aws_client(endpoints["aws_endpoint_url"], "s3")
    bucket = endpoints["variables"]["SEAL_BUCKET"]
    sealed = storage.list_object_versions(Bucket=bucket, Prefix="closings/")["Versions"][0]
    with pytest.raises(ClientError, match="object lock"):
        storage.delete_object(Bucket=bucket, Key=sealed["Key"], VersionId=sealed["VersionId"])
