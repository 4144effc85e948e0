"""The state machines by validators and by this project's rules."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import app
from infrastructure.functions import function
from tests.stepfunctions.definition import (
    DEFINITION,
    DEFINITIONS,
    LOAD,
    definition,
    machines,
    next_names,
    states,
)

OF_THE_NIGHT, OF_THE_LOAD = (dict(states("Task", path)) for path in DEFINITIONS)
TASKS = OF_THE_NIGHT | OF_THE_LOAD
THROTTLED = "Lambda.TooManyRequestsException"
every_task = pytest.mark.parametrize("name", TASKS)
every_machine = pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)


@every_machine
def test_statelint_finds_nothing(path: Path) -> None:
    """Every state can be reached, and continues or ends."""
    command = [sys.executable, "-m", "statelint", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@every_machine
def test_run_times_out_after_six_hours(path: Path) -> None:
    assert definition(path)["TimeoutSeconds"] == 6 * 60 * 60


@every_task
def test_every_task_times_out(name: str) -> None:
    assert 0 < TASKS[name]["TimeoutSeconds"] <= 900  # no function runs longer


@every_task
def test_retries_back_off_with_jitter(name: str) -> None:
    """Except throttled calls of a load, whose retries must last long enough."""
    for retrier in TASKS[name]["Retry"]:
        assert retrier["BackoffRate"] > 1
        is_exact = name in OF_THE_LOAD and retrier["ErrorEquals"] == [THROTTLED]
        assert retrier["JitterStrategy"] == ("NONE" if is_exact else "FULL")
        assert retrier["IntervalSeconds"] < retrier["MaxDelaySeconds"] <= 120
    assert 0 < TASKS[name]["Retry"][-1]["MaxAttempts"] <= (6 if name in OF_THE_LOAD else 4)


@every_task
def test_throttled_calls_are_retried_for_minutes(name: str) -> None:
    """Runs of single merchants use the same functions, and must not make the nightly run fail.

    Each pass of a range may need all its retries, so the history limits them.
    """
    throttled, _ = TASKS[name]["Retry"]
    assert throttled["ErrorEquals"] == [THROTTLED]
    minutes = 14 if name in ("ConsolidateRange", "Sweep") else 20
    assert throttled["MaxAttempts"] * throttled["MaxDelaySeconds"] >= minutes * 60


@pytest.mark.parametrize("name", OF_THE_LOAD)
def test_throttled_load_outlasts_earlier_calls(name: str) -> None:
    """Calls of a load that was stopped take the function's concurrency for up to 15 minutes."""
    throttled = OF_THE_LOAD[name]["Retry"][0]
    delays = [
        min(
            throttled["IntervalSeconds"] * throttled["BackoffRate"] ** attempt,
            throttled["MaxDelaySeconds"],
        )
        for attempt in range(throttled["MaxAttempts"])
    ]
    assert sum(delays) == 980 > function("rebuild").timeout_seconds


def test_errors_of_functions_are_not_distinguished() -> None:
    """The emulator names every function's error Runtime.HandlerError, AWS by its class.

    Throttling is an error of Lambda itself, which the emulator never raises.
    """
    every = [state for path in DEFINITIONS for _, state in states(path=path)]
    handlers = [*(s.get("Retry", []) for s in every), *(s.get("Catch", []) for s in every)]
    names = {name for group in handlers for handler in group for name in handler["ErrorEquals"]}
    assert names == {"States.ALL", THROTTLED}


@pytest.mark.parametrize(("number", "caught"), [(1, "RangeFailed"), (2, "SweepFailed")])
def test_failed_item_stops_no_other(number: int, caught: str) -> None:
    inner = machines()[number]["States"]
    tasks = [state for state in inner.values() if state["Type"] == "Task"]
    assert [task["Catch"][0]["Next"] for task in tasks] == [caught]
    assert inner[caught]["End"] is True


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, [{"range", "merchants", "closed", "repaired", "failed", "error"}] * 3),
        (2, [{"failed", "error"}] * 2),
    ],
)
def test_every_item_has_the_same_outcome_fields(number: int, expected: list[set[str]]) -> None:
    ends = [state for state in machines()[number]["States"].values() if state.get("End")]
    fields = [{name.removesuffix(".$") for name in state["Parameters"]} for state in ends]
    assert fields == expected


def test_sweep_cannot_change_the_outcome() -> None:
    states_of = definition()["States"]
    assert states_of["ConsolidateRanges"]["Next"] == "SweepLedger"
    assert next_names(states_of["SweepLedger"]) == {"Summarize"}
    assert "sweep" not in str(states_of["IsEveryMerchantClosed"])


def test_every_loop_is_counted() -> None:
    for looping, back in zip(
        machines(), ("AwaitProjection", "ConsolidateRange", "Sweep"), strict=True
    ):
        states_of = looping["States"]
        (counter,) = [n for n, s in states_of.items() if "MathAdd" in str(s.get("Parameters"))]
        assert next_names(states_of[counter]) == {back}
        first = [s for n, s in states_of.items() if n != counter and back in next_names(s)]
        assert len(first) + (looping["StartAt"] == back) == 1


def test_tasks_invoke_functions_of_app() -> None:
    functions = {name: task["Parameters"]["FunctionName"] for name, task in OF_THE_NIGHT.items()}
    assert {task["Resource"] for task in TASKS.values()} == {"arn:aws:states:::lambda:invoke"}
    assert functions == {
        "AwaitProjection": "${AwaitProjectionArn}",
        "PlanRanges": "${PlanConsolidationArn}",
        "ConsolidateRange": "${ConsolidateRangeArn}",
        "Sweep": "${ConsolidateRangeArn}",
        "Summarize": "${SummarizeConsolidationArn}",
    }
    of_the_load = {task["Parameters"]["FunctionName"] for task in OF_THE_LOAD.values()}
    assert of_the_load == {"${RebuildArn}"}
    handlers = {handler.name.replace("_", "") for handler in app.app.pure_lambda_functions}
    assert {name[2:-4].lower() for name in {*functions.values(), *of_the_load}} <= handlers


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (DEFINITION, {"ConsolidationRejected", "ReadModelIncomplete", "ConsolidationIncomplete"}),
        (LOAD, {"NothingToLoad", "LoadIncomplete"}),
    ],
    ids=lambda value: getattr(value, "stem", ""),
)
def test_executions_fail_with_known_errors(path: Path, expected: set[str]) -> None:
    assert {state["Error"] for _, state in states("Fail", path)} == expected


def test_any_failed_state_says_what_to_do() -> None:
    outer, *parts = machines(LOAD)
    working = [state for state in outer["States"].values() if state["Type"] in ("Task", "Map")]
    for state in working:
        (caught,) = state["Catch"]
        assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "LoadFailed")
    assert len(working) == 6
    inner = [state for part in parts for state in part["States"].values()]
    assert not any("Catch" in state for state in inner)  # a part's failure is the load's


def test_results_are_selected_field_by_field() -> None:
    """So a result can neither exceed the limit of the state nor lack a field unnoticed."""
    for task in TASKS.values():
        fields = task["ResultSelector"]
        assert fields
        assert all(path == f"$.Payload.{name[:-2]}" for name, path in fields.items())


@every_machine
def test_definition_uses_only_json_path(path: Path) -> None:
    """The emulator does not fully support JSONata."""
    assert not re.search(r"QueryLanguage|\{%", path.read_text())
