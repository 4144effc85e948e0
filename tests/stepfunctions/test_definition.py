"""The state machine, checked by validators and against our own rules."""

import re
import subprocess
import sys

import pytest

from tests.stepfunctions.definition import (
    DEFINITION,
    State,
    definition,
    machines,
    next_names,
    states,
)

TASKS = dict(states("Task"))
EVERY_STATE = [pytest.param(state, id=name) for name, state in states()]
THROTTLED = "Lambda.TooManyRequestsException"
EVERY_TASK = [pytest.param(state, id=name) for name, state in TASKS.items()]


def test_statelint_finds_nothing() -> None:
    command = [sys.executable, "-m", "statelint", str(DEFINITION)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("machine", machines(), ids=["the night", "a range"])
def test_every_state_can_be_reached_and_every_way_leads_somewhere(machine: State) -> None:
    reached: set[str] = set()
    waiting = [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += next_names(machine["States"][name])
    assert reached == set(machine["States"])


@pytest.mark.parametrize("state", EVERY_STATE)
def test_every_state_goes_on_or_ends(state: State) -> None:
    ends = state.get("End", False) or state["Type"] in ("Succeed", "Fail")
    assert bool(next_names(state)) != ends


def test_the_night_has_an_end() -> None:
    assert definition()["TimeoutSeconds"] == 6 * 60 * 60


@pytest.mark.parametrize("task", EVERY_TASK)
def test_every_task_has_an_end(task: State) -> None:
    assert 0 < task["TimeoutSeconds"] <= 900  # no function runs longer


@pytest.mark.parametrize("task", EVERY_TASK)
def test_every_task_is_tried_again_later_and_later_and_not_all_at_once(task: State) -> None:
    for retrier in task["Retry"]:
        assert retrier["BackoffRate"] > 1
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["IntervalSeconds"] < retrier["MaxDelaySeconds"] <= 120
    assert 0 < task["Retry"][-1]["MaxAttempts"] <= 4


@pytest.mark.parametrize("name", TASKS)
def test_a_call_that_finds_no_function_free_waits_for_minutes(name: str) -> None:
    """Closings that merchants ask for share the night's functions, and may not make it fail.

    Of a range's waits each pass may need all, and the history bounds them.
    """
    throttled, _ = TASKS[name]["Retry"]
    assert throttled["ErrorEquals"] == [THROTTLED]
    minutes = 14 if name == "ConsolidateRange" else 20
    assert throttled["MaxAttempts"] * throttled["MaxDelaySeconds"] >= minutes * 60


def test_errors_are_told_apart_by_no_name_that_only_one_cloud_gives() -> None:
    """The emulator calls every function's error Runtime.HandlerError; AWS has their class names.

    That no function was free is Lambda's own error; the emulator is never so full.
    """
    handlers = [way for _, state in states() for way in state.get("Retry", [])]
    handlers += [way for _, state in states() for way in state.get("Catch", [])]
    names = {name for handler in handlers for name in handler["ErrorEquals"]}
    assert names == {"States.ALL", THROTTLED}


def test_a_failed_range_stops_no_other() -> None:
    range_machine = machines()[1]
    caught = [state for state in range_machine["States"].values() if state["Type"] == "Task"]
    assert [state["Catch"][0]["Next"] for state in caught] == ["RangeFailed"]
    assert range_machine["States"]["RangeFailed"]["End"] is True


def test_every_range_is_told_in_the_same_words() -> None:
    ends = [state for state in machines()[1]["States"].values() if state.get("End")]
    result = [{name.removesuffix(".$") for name in state["Parameters"]} for state in ends]
    assert result == [{"range", "merchants", "closed", "repaired", "failed", "error"}] * 3


def test_every_loop_is_counted() -> None:
    machine, range_machine = machines()
    for looping, back in ((machine, "AwaitProjection"), (range_machine, "ConsolidateRange")):
        states_of = looping["States"]
        (counter,) = [n for n, s in states_of.items() if "MathAdd" in str(s.get("Parameters"))]
        assert next_names(states_of[counter]) == {back}
        first = [s for n, s in states_of.items() if n != counter and back in next_names(s)]
        assert len(first) + (looping["StartAt"] == back) == 1


def test_functions_are_called_in_one_way_and_named_by_substitutions() -> None:
    named = {name: task["Parameters"]["FunctionName"] for name, task in TASKS.items()}
    assert {task["Resource"] for task in TASKS.values()} == {"arn:aws:states:::lambda:invoke"}
    assert named == {
        "AwaitProjection": "${AwaitProjectionArn}",
        "PlanRanges": "${PlanConsolidationArn}",
        "ConsolidateRange": "${ConsolidateRangeArn}",
        "Summarize": "${SummarizeConsolidationArn}",
    }


def test_what_a_function_answers_is_taken_field_by_field() -> None:
    """So that an answer can never grow the state beyond its limit, nor hide a missing field."""
    for task in TASKS.values():
        fields = task["ResultSelector"]
        assert fields
        assert all(path == f"$.Payload.{name[:-2]}" for name, path in fields.items())


def test_it_is_written_in_json_path_alone() -> None:
    """The emulator knows too little of JSONata."""
    assert not re.search(r"QueryLanguage|\{%", DEFINITION.read_text())
