"""What a merchant may know of a consolidation: its own, how it stands, and what it did."""

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


def test_one_that_runs_has_no_counts_yet() -> None:
    result = consolidation(lambda _: execution(), "padaria", NAME)
    assert (result.status, result.started_at, result.stopped_at) == ("running", STARTED, None)
    assert set(result.counts.values()) == {None}


def test_one_that_succeeded_tells_what_it_did() -> None:
    ended = execution("SUCCEEDED", stopDate=STOPPED, output=json.dumps(SUMMARY))
    result = consolidation(lambda _: ended, "padaria", NAME)
    assert (result.status, result.stopped_at) == ("succeeded", STOPPED)
    assert result.counts == {"merchants": 1, "closed": 1, "repaired": 2, "failed": 0}


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("cause", [None, "", "not JSON", "[]", json.dumps(SUMMARY)])
def test_one_that_ended_badly_failed(status: str, cause: str | None) -> None:
    ended = execution(status, stopDate=STOPPED, cause=cause)
    result = consolidation(lambda _: ended, "padaria", NAME)
    assert result.status == "failed"
    assert result.counts["repaired"] == (2 if cause == json.dumps(SUMMARY) else None)


@pytest.mark.parametrize("asker", ["rival", "", "padaria-2"])
def test_another_merchants_does_not_exist(asker: str) -> None:
    with pytest.raises(NotFoundError):
        consolidation(lambda _: execution(), asker, NAME)


def test_the_nights_own_does_not_exist_for_a_merchant() -> None:
    request = json.dumps({"day": "2026-11-22", "merchant_id": None, "started_by": "schedule"})
    with pytest.raises(NotFoundError):
        consolidation(lambda _: execution(input=request), "padaria", NAME)


@pytest.mark.parametrize(
    "name", ["2026-11-22-0", "", "*", "a:b", NAME + "a", NAME[:-1], "../" + NAME]
)
def test_what_cannot_be_an_id_is_not_asked_for(name: str) -> None:
    request: list[str] = []
    with pytest.raises(NotFoundError):
        consolidation(request.append, "padaria", name)
    assert request == []


@pytest.fixture
def step_functions() -> Iterator[Any]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.Session(
            aws_access_key_id="nobody", aws_secret_access_key="nothing", region_name="sa-east-1"
        ).client("stepfunctions")


def test_an_execution_is_asked_for_by_its_name(step_functions: Any) -> None:
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


def test_step_functions_out_of_reach_is_no_absence(step_functions: Any) -> None:
    with pytest.raises(ConsolidationUnavailableError):
        consolidation(describer(step_functions, "no arn at all"), "padaria", NAME)
