"""Every path through the state machines in two interpreters, with stubs of the tasks.

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

from deploy.read_model_load import progress, results_of
from local.deployment import laptop_stacks
from local.emulator import Emulator, start_emulator
from tests.stepfunctions import stub_tasks
from tests.stepfunctions.definition import (
    DEFINITION,
    DEFINITIONS,
    LOAD,
    TEMPLATE,
    State,
    definition,
)
from tests.stepfunctions.second_interpreter import second_interpreter

FUNCTIONS = {
    "AwaitProjectionArn": "await_projection",
    "PlanConsolidationArn": "plan_consolidation",
    "ConsolidateRangeArn": "consolidate_range",
    "SummarizeConsolidationArn": "summarize_consolidation",
    "RebuildArn": "rebuild",
}
ROLE = "arn:aws:iam::000000000000:role/livro-caixa-test"
ARN = "arn:aws:lambda:us-east-1:000000000000:function"
DAY = "2026-11-22"
USUAL = ("plain", "late", "flaky", "killed", "swept-badly")


@dataclass(frozen=True)
class Machine:
    """The deployed state machines, by the names of their definitions' files."""

    stepfunctions: Any
    arns: dict[str, str]

    def run(self, scenario: str) -> Any:
        """Consolidate a day in a scenario; return the description of the ended execution."""
        request = {"day": DAY, "merchant_id": scenario, "started_by": "a test"}
        return self._run(DEFINITION.name, f"{DAY}-{scenario}", request)

    def load(self, scenario: str) -> Any:
        """Load the read model in a scenario; return the description of the ended execution."""
        return self._run(LOAD.name, scenario, {"parts": scenario})

    def _run(self, machine: str, name: str, request: Any) -> Any:
        started = self.stepfunctions.start_execution(
            stateMachineArn=self.arns[machine], name=name, input=json.dumps(request)
        )
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            described = self.stepfunctions.describe_execution(executionArn=started["executionArn"])
            if described["status"] != "RUNNING":
                return described
            time.sleep(0.1)
        raise TimeoutError(f"The execution {name} must end within 300 seconds.")


@pytest.fixture(scope="module", params=["emulator", "moto"])
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """The state machines in each interpreter, with short waits and few checks of the projection."""
    functions = {name: f"{ARN}:{function}" for name, function in FUNCTIONS.items()}
    calls = tmp_path_factory.mktemp("calls")
    if request.param == "moto":
        definitions = {path.name: _without_waits(path) for path in DEFINITIONS}
        with second_interpreter(definitions, functions, calls) as (client, arns):
            yield Machine(client, arns)
        return
    emulator = start_emulator(tmp_path_factory.mktemp("night"))
    try:
        _create_functions_and_files(emulator, calls)
        parameters = {"Stage": "test", "Target": "emulator", "DefinitionBucket": "code"}
        parameters |= {"DefinitionKey": DEFINITION.name, "LoadDefinitionKey": LOAD.name}
        outputs = laptop_stacks(emulator).deploy(
            "machine", f"{emulator.endpoint}/code/template.yaml", parameters | functions
        )
        night = outputs["StateMachineArn"]
        load = night.replace("daily-consolidation", "read-model-load")
        yield Machine(emulator.client("stepfunctions"), {DEFINITION.name: night, LOAD.name: load})
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


@pytest.mark.parametrize(
    ("scenario", "passes"), [("plain", 1), ("long", 3), ("flaky", 3), ("killed", 2)]
)
def test_load_ends_in_success(machine: Machine, scenario: str, passes: int) -> None:
    described = machine.load(scenario)
    assert described["status"] == "SUCCEEDED", described.get("cause")
    passes_of = [passes if scenario == "long" or part == 1 else 1 for part in range(3)]
    expected = [{"entries": 100 * n, "missing": 90 * n, "unreadable": 1} for n in passes_of]
    assert json.loads(described["output"]) == expected
    assert progress(results_of(machine.stepfunctions, described["executionArn"])) == "done"


def test_continued_load_has_no_entries_left(machine: Machine) -> None:
    described = machine.load("continued")
    assert (described["status"], json.loads(described["output"])) == ("SUCCEEDED", [])


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("entries", "beginning"),
        ("part-of-entries", "loading entries: 2 of 3 parts are done, 200 entries"),
        ("indexes", "loading entries: 3 of 3 parts are done, 300 entries"),
        ("sums", "building indexes: 0 left"),
        ("part-of-sums", "adding up totals: 2 of 3 parts are done"),
        ("end", "adding up totals: 3 of 3 parts are done"),
    ],
)
def test_failed_load_says_what_to_do(machine: Machine, step: str, shown: str) -> None:
    described = machine.load(f"broken-{step}")
    assert (described["status"], described["error"]) == ("FAILED", "LoadIncomplete")
    assert described["cause"].startswith("The load failed after all retries (")
    assert described["cause"].endswith("start the load again: it does only what is missing.")
    assert progress(results_of(machine.stepfunctions, described["executionArn"])) == shown


def test_complete_read_model_is_not_loaded(machine: Machine) -> None:
    described = machine.load("complete")
    assert (described["status"], described["error"]) == ("FAILED", "NothingToLoad")
    assert "compare it with the ledger" in described["cause"]


def _create_functions_and_files(emulator: Emulator, calls: Path) -> None:
    storage = emulator.client("s3")
    storage.create_bucket(Bucket="code")
    storage.put_object(Bucket="code", Key="template.yaml", Body=TEMPLATE.read_bytes())
    for path in DEFINITIONS:
        changed = json.dumps(_without_waits(path)).encode()
        storage.put_object(Bucket="code", Key=path.name, Body=changed)
    for function in FUNCTIONS.values():
        emulator.client("lambda").create_function(
            FunctionName=function,
            Runtime="python3.11",
            Role=ROLE,
            Handler=f"stub_tasks.{function}",
            Code={"ZipFile": _zipped()},
            Timeout=60,  # a busy machine starts processes slowly
            Environment={"Variables": {"CALLS": str(calls)}},
        )


def _without_waits(path: Path) -> State:
    changed = definition(path)
    outer = changed["States"]
    if path == DEFINITION:
        outer["WaitForProjection"]["Seconds"] = 0
        outer["HasProjectionCaughtUp"]["Choices"][2]["NumericLessThan"] = 5
    maps = [state["ItemProcessor"]["States"] for state in outer.values() if "ItemsPath" in state]
    for state in chain(outer.values(), *(inner.values() for inner in maps)):
        for retrier in state.get("Retry", []):
            retrier |= {"IntervalSeconds": 0, "MaxAttempts": min(4, retrier["MaxAttempts"])}
    return changed


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(Path(stub_tasks.__file__), "stub_tasks.py")
        archive.writestr("botocore.py", "")  # otherwise each process imports the emulator's own
    return packed.getvalue()
