"""Every path through the state machine in two interpreters, with stubs of the tasks.

One is the emulator's, the other moto's, whose parser is generated from the language's grammar.
"""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from local.deployment import laptop_stacks
from local.emulator import Emulator, start_emulator
from tests.stepfunctions import stub_tasks
from tests.stepfunctions.definition import TEMPLATE, State, definition
from tests.stepfunctions.second_interpreter import second_interpreter

FUNCTIONS = {
    "AwaitProjectionArn": "await_projection",
    "PlanConsolidationArn": "plan_consolidation",
    "ConsolidateRangeArn": "consolidate_range",
    "SummarizeConsolidationArn": "summarize_consolidation",
}
ROLE = "arn:aws:iam::000000000000:role/livro-caixa-test"
ARN = "arn:aws:lambda:us-east-1:000000000000:function"
CALLS: dict[str, Any] = {
    "TableName": "calls",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "name", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
}
DAY = "2026-11-22"
USUAL = ("plain", "late", "flaky", "killed", "swept-badly")


@dataclass(frozen=True)
class Machine:
    """The deployed state machine."""

    stepfunctions: Any
    arn: str

    def run(self, scenario: str) -> Any:
        """Run a scenario to its end; return the description of its execution."""
        request = json.dumps({"day": DAY, "merchant_id": scenario, "started_by": "a test"})
        started = self.stepfunctions.start_execution(
            stateMachineArn=self.arn, name=f"{DAY}-{scenario}", input=request
        )
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            described = self.stepfunctions.describe_execution(executionArn=started["executionArn"])
            if described["status"] != "RUNNING":
                return described
            time.sleep(0.2)
        raise TimeoutError(f"The execution of {scenario} must end within 300 seconds.")


@pytest.fixture(scope="module", params=["emulator", "moto"])
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """The state machine in each interpreter, with short waits and few checks of the projection."""
    if request.param == "moto":
        arns = {name: f"{ARN}:{function}" for name, function in FUNCTIONS.items()}
        with second_interpreter(_without_waits(), arns, CALLS) as (client, arn):
            yield Machine(client, arn)
        return
    emulator = start_emulator(tmp_path_factory.mktemp("night"))
    try:
        _create_functions_and_files(emulator)
        parameters = {"Stage": "test", "Target": "emulator"}
        parameters |= {"DefinitionBucket": "code", "DefinitionKey": "definition.json"}
        parameters |= {name: f"{ARN}:{function}" for name, function in FUNCTIONS.items()}
        outputs = laptop_stacks(emulator).deploy(
            "machine", f"{emulator.endpoint}/code/template.yaml", parameters
        )
        yield Machine(emulator.client("stepfunctions"), outputs["StateMachineArn"])
    finally:
        emulator.server.stop()


@pytest.mark.parametrize(
    ("scenario", "merchants"),
    [("nobody", 0), ("everybody", 200), ("long", 120), *((name, 30) for name in USUAL)],
)
def test_run_ends_in_success(machine: Machine, scenario: str, merchants: int) -> None:
    described = machine.run(scenario)
    assert described["status"] == "SUCCEEDED", described.get("cause")
    counts = {"merchants": merchants, "closed": merchants * 9 // 10, "repaired": merchants // 10}
    expected = {"day": DAY, **counts, "failed": 0, "failed_ranges": 0}
    assert json.loads(described["output"]) == expected


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("behind", {"merchants": 30, "closed": 27, "failed": 1, "failed_ranges": 0}),
        ("refused", {"merchants": 30, "closed": 27, "failed": 1, "failed_ranges": 0}),
        ("broken", {"merchants": 20, "closed": 18, "failed": 0, "failed_ranges": 1}),
        ("endless", {"merchants": 150, "closed": 135, "failed": 0, "failed_ranges": 3}),
    ],
)
def test_failed_merchants_and_ranges_fail_the_run(
    machine: Machine, scenario: str, expected: dict[str, int]
) -> None:
    described = machine.run(scenario)
    assert (described["status"], described["error"]) == ("FAILED", "ConsolidationIncomplete")
    summary = json.loads(described["cause"])
    assert {name: summary[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("scenario", "error", "cause"),
    [
        ("early", "ConsolidationRejected", "Not today."),
        ("incomplete", "ReadModelIncomplete", "The read model is empty or being rebuilt"),
    ],
)
def test_rejected_run_fails_with_a_sentence(
    machine: Machine, scenario: str, error: str, cause: str
) -> None:
    described = machine.run(scenario)
    assert (described["status"], described["error"]) == ("FAILED", error)
    assert described["cause"].startswith(cause)


def test_name_starts_one_execution(machine: Machine) -> None:
    machine.run("plain-twice")
    with pytest.raises(machine.stepfunctions.exceptions.ExecutionAlreadyExists):
        machine.run("plain-twice")


def _create_functions_and_files(emulator: Emulator) -> None:
    storage = emulator.client("s3")
    storage.create_bucket(Bucket="code")
    storage.put_object(Bucket="code", Key="template.yaml", Body=TEMPLATE.read_bytes())
    changed = json.dumps(_without_waits()).encode()
    storage.put_object(Bucket="code", Key="definition.json", Body=changed)
    emulator.client("dynamodb").create_table(**CALLS)
    for function in FUNCTIONS.values():
        emulator.client("lambda").create_function(
            FunctionName=function,
            Runtime="python3.11",
            Role=ROLE,
            Handler=f"stub_tasks.{function}",
            Code={"ZipFile": _zipped()},
            Timeout=60,  # a busy machine starts processes slowly
            Environment={"Variables": {"AWS_ENDPOINT_URL": emulator.endpoint}},
        )


def _without_waits() -> State:
    changed = definition()
    outer = changed["States"]
    outer["WaitForProjection"]["Seconds"] = 0
    outer["HasProjectionCaughtUp"]["Choices"][2]["NumericLessThan"] = 5
    maps = (outer[name]["ItemProcessor"]["States"] for name in ("ConsolidateRanges", "SweepLedger"))
    for state in chain(outer.values(), *(inner.values() for inner in maps)):
        for retrier in state.get("Retry", []):
            retrier["IntervalSeconds"] = 0
    return changed


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(Path(stub_tasks.__file__), "stub_tasks.py")
    return packed.getvalue()
