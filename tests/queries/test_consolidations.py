"""A merchant can read the status and counts of the consolidations that it started."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.ledger.errors import ConsolidationUnavailableError, NotFoundError
from chalicelib.queries.consolidations import consolidation, describer

NAME = f"2026-11-22-{'a' * 32}"
STARTED, STOPPED = (datetime(2026, 11, 23, 3, minute, tzinfo=UTC) for minute in (10, 11))
SUMMARY = {"day": "2026-11-22", "merchants": 1, "closed": 1, "repaired": 2, "failed": 0}


def execution(status: str = "RUNNING", **more: Any) -> dict[str, Any]:
    request = {"day": "2026-11-22", "merchant_id": "padaria", "started_by": "joana"}
    return {"status": status, "startDate": STARTED, "input": json.dumps(request), **more}


def test_a_running_consolidation_has_no_counts() -> None:
    result = consolidation(lambda _: execution(), "padaria", NAME)
    assert (result.status, result.started_at, result.stopped_at) == ("running", STARTED, None)
    assert set(result.counts.values()) == {None}


def test_a_succeeded_consolidation_has_counts() -> None:
    ended = execution("SUCCEEDED", stopDate=STOPPED, output=json.dumps(SUMMARY))
    result = consolidation(lambda _: ended, "padaria", NAME)
    assert (result.status, result.stopped_at) == ("succeeded", STOPPED)
    assert result.counts == {"merchants": 1, "closed": 1, "repaired": 2, "failed": 0}


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("cause", [None, "", "not JSON", "[]", json.dumps(SUMMARY)])
def test_an_unsuccessful_end_is_failed(status: str, cause: str | None) -> None:
    ended = execution(status, stopDate=STOPPED, cause=cause)
    result = consolidation(lambda _: ended, "padaria", NAME)
    assert result.status == "failed"
    assert result.counts["repaired"] == (2 if cause == json.dumps(SUMMARY) else None)


@pytest.mark.parametrize("reader", ["rival", "", "padaria-2"])
def test_another_merchants_consolidation_is_not_found(reader: str) -> None:
    with pytest.raises(NotFoundError):
        consolidation(lambda _: execution(), reader, NAME)


def test_a_scheduled_consolidation_is_not_found() -> None:
    request = json.dumps({"day": "2026-11-22", "merchant_id": None, "started_by": "schedule"})
    with pytest.raises(NotFoundError):
        consolidation(lambda _: execution(input=request), "padaria", NAME)


@pytest.mark.parametrize(
    "name", ["2026-11-22-0", "", "*", "a:b", NAME + "a", NAME[:-1], "../" + NAME]
)
def test_an_impossible_id_is_not_requested(name: str) -> None:
    requested: list[str] = []
    with pytest.raises(NotFoundError):
        consolidation(requested.append, "padaria", name)
    assert requested == []


@pytest.fixture
def step_functions() -> Iterator[Any]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.Session(
            aws_access_key_id="nobody", aws_secret_access_key="nothing", region_name="sa-east-1"
        ).client("stepfunctions")


def test_an_execution_is_described_by_name(step_functions: Any) -> None:
    arn = step_functions.create_state_machine(
        name="consolidation",
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/nobody",
    )["stateMachineArn"]
    step_functions.start_execution(stateMachineArn=arn, name=NAME, input=execution()["input"])
    result = consolidation(describer(step_functions, arn), "padaria", NAME)
    assert result.status in ("running", "succeeded")
    with pytest.raises(NotFoundError):
        consolidation(describer(step_functions, arn), "padaria", NAME.replace("a", "b"))


def test_an_unreachable_service_is_unavailable(step_functions: Any) -> None:
    with pytest.raises(ConsolidationUnavailableError):
        consolidation(describer(step_functions, "not an ARN"), "padaria", NAME)
