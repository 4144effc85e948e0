"""Rebuilds a stage's whole read model: loaded by the state machine if it began empty, or compared.

The state machine runs in AWS, so a load that nobody follows goes on.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from deploy.aws import Aws
from deploy.read_model import (
    Pause,
    RebuildError,
    Report,
    began_empty,
    client_options,
    counts_text,
    rebuild,
    when_free,
)
from infrastructure.functions import APPLICATION, function
from infrastructure.stages import Stage

REBUILD = "rebuild"
PAUSE_SECONDS = 5.0
LONGEST_SILENCE_SECONDS = 60.0


def rebuild_all(
    aws: Aws,
    stage: Stage,
    report: Report,
    parts: int | None = None,
    pause: Pause = time.sleep,
) -> str:
    """Rebuild the read model of all merchants; return what was done, as a sentence.

    One that began empty is loaded in `parts` at once, by default as many as the stage's functions
    may run. Raises RebuildError.
    """
    most = stage.size.reservations()[REBUILD]
    if parts is not None and not 1 <= parts <= most:
        raise RebuildError(
            f"Stage {stage.name} loads 1 to {most} parts at once; "
            f"more need more reserved concurrency of the function {REBUILD}."
        )
    lambdas = aws.session.client("lambda", endpoint_url=aws.endpoint_url, **client_options())
    name = function(REBUILD).aws_name(stage.name)
    machines = aws.client("stepfunctions")
    place = f"{aws.partition}:states:{aws.region}:{aws.account_id}:stateMachine"
    machine = f"arn:{place}:{APPLICATION}-{stage.name}-read-model-load"

    def begun() -> str | None:
        # Looked up first: the parts of a load may take every call that the function has.
        run = _running(machines, machine)
        if run is None and began_empty(lambdas, name):
            run = start(machines, machine, parts or most)
        return run

    execution = when_free(begun, report, pause)
    if execution is not None:
        return follow(machines, execution, report, pause)
    counts = rebuild(lambdas, name, None, report, pause=pause)
    return f"Compared with the ledger, and repaired: {counts_text(counts)}."


def _running(machines: Any, machine: str) -> str | None:
    """Return the run of a load that is under way, if there is one."""
    listed = machines.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    return next((str(run["executionArn"]) for run in listed["executions"]), None)


def follow(machines: Any, execution: str, report: Report, pause: Pause = time.sleep) -> str:
    """Follow a run of the state machine to its end; return what was done, as a sentence.

    Raises RebuildError for a run that fails or is stopped, and where Ctrl-C ends the following.
    """
    try:
        ended = _follow(machines, execution, report, pause)
    except KeyboardInterrupt:
        raise RebuildError(
            "The load goes on in AWS. Follow it by the same command; stop it by: "
            f"aws stepfunctions stop-execution --execution-arn {execution}"
        ) from None
    if ended["status"] != "SUCCEEDED":
        reason = ended.get("cause") or f"The load ended: {ended['status']}."
        raise RebuildError(f"{reason}\nStart it by the same command: it does only what is missing.")
    loaded = json.loads(ended["output"])
    if not loaded:
        return "Continued: all entries were here already; indexes and totals are complete now."
    names = ("entries", "missing", "unreadable")
    counts = {name: sum(part[name] for part in loaded) for name in names}
    return f"Loaded from the ledger: {counts_text(counts)}."


def start(machines: Any, machine: str, parts: int) -> str:
    """Start the next run, or return the one that is under way, also to two commands at once."""
    for number in count(1):
        name = f"load-{number}"
        try:
            started = machines.start_execution(
                stateMachineArn=machine, name=name, input=json.dumps({"parts": parts})
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
        else:
            return str(started["executionArn"])
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        if machines.describe_execution(executionArn=execution)["status"] == "RUNNING":
            return execution
    raise AssertionError("count() does not end")


def _follow(machines: Any, execution: str, report: Report, pause: Pause) -> dict[str, Any]:
    shown, silent_seconds = "", 0.0
    while True:
        described: dict[str, Any] = machines.describe_execution(executionArn=execution)
        text = progress(results_of(machines, execution))
        if text != shown or silent_seconds >= LONGEST_SILENCE_SECONDS:
            elapsed = (datetime.now(UTC) - described["startDate"]).total_seconds()
            report(f"{text} ({elapsed / 60:.0f} min)")
            shown, silent_seconds = text, 0.0
        if described["status"] != "RUNNING":
            return described
        pause(PAUSE_SECONDS)
        silent_seconds += PAUSE_SECONDS


def results_of(machines: Any, execution: str) -> Iterator[dict[str, Any]]:
    """Yield what the function has returned so far, in order."""
    pages = machines.get_paginator("get_execution_history").paginate(executionArn=execution)
    for event in (event for page in pages for event in page["events"]):
        if event["type"] == "TaskSucceeded":
            yield json.loads(event["taskSucceededEventDetails"]["output"])["Payload"]


def progress(results: Iterator[dict[str, Any]]) -> str:
    """Return how far a load is, from what the function has returned in its order."""
    phase, parts, left, done, entries = "begin", 0, 0, 0, dict[int, int]()
    for result in results:
        if "part" not in result:
            if result["position"] is None:
                return "nothing to load"
            phase, parts, done = result["phase"], len(result["positions"]), 0
            left = result["left"]
            continue
        done += result["position"] is None
        if phase == "entries":
            entries[result["part"]] = result["entries"]
    if phase == "entries":
        return (
            f"loading entries: {done} of {parts} parts are done, {sum(entries.values()):,} entries"
        )
    if phase == "indexes":
        return f"building indexes: {left} left"
    if phase == "sums":
        return f"adding up totals: {done} of {parts} parts are done"
    return {"begin": "beginning", "end": "done"}[phase]
