"""A merchant can read the status and counts of the consolidations that it started."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.ledger.errors import ConsolidationUnavailableError, NotFoundError
from chalicelib.queries.consolidations import consolidation, describer
from tests.fixtures.emulated_aws import StateMachine

NAME = f"2026-11-22-{'a' * 32}"
STARTED, STOPPED = (datetime(2026, 11, 23, 3, minute, tzinfo=UTC) for minute in (10, 11))
COUNTS = {"merchants": 1, "closed": 1, "repaired": 2, "failed": 0}
SUMMARY = {"day": "2026-11-22", **COUNTS}
UNSUCCESSFUL = ("FAILED", "TIMED_OUT", "ABORTED")


def execution(status: str = "RUNNING", **more: Any) -> dict[str, Any]:
    request = {"day": "2026-11-22", "merchant_id": "padaria", "started_by": "joana"}
    return {"status": status, "startDate": STARTED, "input": json.dumps(request)} | more


@pytest.mark.parametrize(
    ("status", "ended", "shown", "counts"),
    [
        ("RUNNING", {}, "running", None),
        ("SUCCEEDED", {"output": json.dumps(SUMMARY)}, "succeeded", COUNTS),
        *((status, {"cause": json.dumps(SUMMARY)}, "failed", COUNTS) for status in UNSUCCESSFUL),
        *(("FAILED", {"cause": cause}, "failed", None) for cause in (None, "", "not JSON", "[]")),
    ],
)
def test_an_execution_has_status_and_counts(
    status: str, ended: dict[str, Any], shown: str, counts: dict[str, int] | None
) -> None:
    stopped = STOPPED if ended else None
    described = execution(status, stopDate=stopped, **ended)
    result = consolidation(lambda _: described, "padaria", NAME)
    assert (result.status, result.started_at, result.stopped_at) == (shown, STARTED, stopped)
    assert result.counts == (counts or dict.fromkeys(COUNTS))


@pytest.mark.parametrize(
    ("merchant_id", "reader"),
    [("padaria", "rival"), ("padaria", ""), ("padaria", "padaria-2"), (None, "padaria")],
)
def test_another_merchants_consolidation_is_not_found(merchant_id: str | None, reader: str) -> None:
    request = {"day": "2026-11-22", "merchant_id": merchant_id, "started_by": "schedule"}
    with pytest.raises(NotFoundError):
        consolidation(lambda _: execution(input=json.dumps(request)), reader, NAME)


@pytest.mark.parametrize(
    "name", ["2026-11-22-0", "", "*", "a:b", NAME + "a", NAME[:-1], "../" + NAME]
)
def test_an_impossible_id_is_not_requested(name: str) -> None:
    requested: list[str] = []
    with pytest.raises(NotFoundError):
        consolidation(requested.append, "padaria", name)
    assert requested == []


def test_an_execution_is_described_by_name(state_machine: StateMachine) -> None:
    client, arn = state_machine
    client.start_execution(stateMachineArn=arn, name=NAME, input=execution()["input"])
    result = consolidation(describer(client, arn), "padaria", NAME)
    assert result.status in ("running", "succeeded")
    with pytest.raises(NotFoundError):
        consolidation(describer(client, arn), "padaria", NAME.replace("a", "b"))
    with pytest.raises(ConsolidationUnavailableError):
        consolidation(describer(client, "not an ARN"), "padaria", NAME)
