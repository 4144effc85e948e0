"""The state machine calls functions of app.py, and fails with documented errors."""

import re

import app
from tests.stepfunctions.definition import states

TASKS = {"await_projection", "plan_consolidation", "consolidate_range", "summarize_consolidation"}


def test_every_task_is_a_function_of_app() -> None:
    placeholders = [state["Parameters"]["FunctionName"] for _, state in states("Task")]
    words = [placeholder.removeprefix("${").removesuffix("Arn}") for placeholder in placeholders]
    assert {re.sub(r"(?<!^)([A-Z])", r"_\1", word).lower() for word in words} == TASKS
    assert {handler.name for handler in app.app.pure_lambda_functions} >= TASKS


def test_executions_fail_with_two_errors() -> None:
    assert {state["Error"] for _, state in states("Fail")} == {
        "ProjectionBehind",
        "ConsolidationIncomplete",
    }
