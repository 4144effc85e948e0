"""The state machine and app.py name the same functions, and no error goes by another name."""

import re

import app
from tests.stepfunctions.definition import states

TASKS = {"await_projection", "plan_consolidation", "consolidate_range", "summarize_consolidation"}


def _named() -> set[str]:
    """Return the tasks' functions: "${AwaitProjectionArn}" stands for await_projection."""
    placeholders = [state["Parameters"]["FunctionName"] for _, state in states("Task")]
    words = [placeholder.removeprefix("${").removesuffix("Arn}") for placeholder in placeholders]
    return {re.sub(r"(?<!^)([A-Z])", r"_\1", word).lower() for word in words}


def test_every_task_is_a_function_of_the_contents_page_and_no_other() -> None:
    deployed = {handler.name for handler in app.app.pure_lambda_functions}
    assert _named() == TASKS
    assert deployed >= TASKS


def test_a_retry_waits_for_no_error_that_a_function_could_rename() -> None:
    # Functions raise what their stores raise, under many names; retries and catches take them all.
    # That none was free is what Lambda itself says.
    handlers = [
        handler
        for _, state in states("Task")
        for handler in [*state.get("Retry", []), *state.get("Catch", [])]
    ]
    assert handlers
    names = {name for handler in handlers for name in handler["ErrorEquals"]}
    assert names == {"States.ALL", "Lambda.TooManyRequestsException"}


def test_a_failed_execution_says_which_of_two_ends_it_met() -> None:
    assert {state["Error"] for _, state in states("Fail")} == {
        "ProjectionBehind",
        "ConsolidationIncomplete",
    }
