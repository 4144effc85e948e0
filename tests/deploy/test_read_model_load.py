"""The rebuild of all merchants: loaded by the state machine, or compared, and what is shown."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.read_model import RebuildError
from deploy.read_model_load import follow as follow_run
from deploy.read_model_load import rebuild_all, start
from infrastructure.stages import load as load_stage

MACHINE = "arn:aws:states:sa-east-1:1:stateMachine:livro-caixa-trial-read-model-load"
FIRST = f"{MACHINE.replace('stateMachine', 'execution')}:load-1"
BUSY: Any = {"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}
EXISTS: Any = {"Error": {"Code": "ExecutionAlreadyExists", "Message": "it exists"}}
PART = {"phase": "entries", "missing": 0, "unreadable": 0}
RESULTS: list[dict[str, Any]] = [
    {"phase": "entries", "positions": ["a", "b"], "position": "w", "left": 0},
    {**PART, "part": 1, "position": "b", "entries": 3_000_000},
    {**PART, "part": 0, "position": "a", "entries": 2_000_000},
    {**PART, "part": 1, "position": None, "entries": 4_000_000},
    {**PART, "part": 0, "position": None, "entries": 2_500_000},
    {"phase": "indexes", "positions": [], "position": "w", "left": 1},
    {"phase": "indexes", "positions": [], "position": "w", "left": 0},
    {"phase": "sums", "positions": ["a", "b"], "position": "w", "left": 0},
    {**PART, "phase": "done", "part": 0, "position": None, "entries": 0},
    {"phase": "end", "positions": [], "position": "w", "left": 0},
]
LOADED = [
    {"entries": 4, "missing": 3, "unreadable": 1},
    {"entries": 2, "missing": 2, "unreadable": 0},
]


@dataclass
class Machines:
    """Step Functions with earlier runs by name, and one that returns a result at each look."""

    earlier: dict[str, str] = field(default_factory=dict)
    ended: dict[str, Any] = field(
        default_factory=lambda: {"status": "SUCCEEDED", "output": json.dumps(LOADED)}
    )
    results: list[dict[str, Any]] = field(default_factory=lambda: RESULTS)
    started: list[tuple[str, Any]] = field(default_factory=list)
    looks: int = 0

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> dict[str, str]:  # noqa: N803
        assert stateMachineArn == MACHINE
        if name in self.earlier:
            raise ClientError(EXISTS, "StartExecution")
        self.started.append((name, json.loads(input)))
        return {"executionArn": FIRST.replace("load-1", name)}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        name = executionArn.rpartition(":")[2]
        if self.earlier.get(name, "RUNNING") != "RUNNING":
            return {"status": self.earlier[name]}
        self.looks += 1
        began = {"startDate": datetime.now(UTC) - timedelta(minutes=7)}
        return began | (self.ended if self.looks > len(self.results) else {"status": "RUNNING"})

    def list_executions(self, stateMachineArn: str, statusFilter: str) -> dict[str, Any]:  # noqa: N803
        assert (stateMachineArn, statusFilter) == (MACHINE, "RUNNING")
        running = [name for name, status in self.earlier.items() if status == "RUNNING"]
        return {"executions": [{"executionArn": FIRST.replace("load-1", n)} for n in running]}

    def get_paginator(self, name: str) -> Any:
        assert name == "get_execution_history"
        return SimpleNamespace(paginate=lambda executionArn: self._pages())  # noqa: N803

    def _pages(self) -> list[dict[str, Any]]:
        seen = self.results[: self.looks]
        outputs = [json.dumps({"Payload": result, "StatusCode": 200}) for result in seen]
        events: list[dict[str, Any]] = [
            {"type": "TaskSucceeded", "taskSucceededEventDetails": {"output": output}}
            for output in outputs
        ]
        return [{"events": [{"type": "ExecutionStarted"}, *events[:3]]}, {"events": events[3:]}]


def follow(machines: Machines, parts: int = 2) -> tuple[str, list[str], list[float]]:
    """Load, and return the last sentence, the lines and the pauses."""
    lines: list[str] = []
    pauses: list[float] = []
    execution = start(machines, MACHINE, parts)
    return follow_run(machines, execution, lines.append, pauses.append), lines, pauses


def test_load_is_followed_to_its_end() -> None:
    machines = Machines()
    text, lines, _ = follow(machines, parts=16)
    assert machines.started == [("load-1", {"parts": 16})]
    assert text == "Loaded from the ledger: 6 entries, 5 missing, 1 unreadable."
    assert lines == [
        "loading entries: 0 of 2 parts are done, 0 entries (7 min)",
        "loading entries: 0 of 2 parts are done, 3,000,000 entries (7 min)",
        "loading entries: 0 of 2 parts are done, 5,000,000 entries (7 min)",
        "loading entries: 1 of 2 parts are done, 6,000,000 entries (7 min)",
        "loading entries: 2 of 2 parts are done, 6,500,000 entries (7 min)",
        "building indexes: 1 left (7 min)",
        "building indexes: 0 left (7 min)",
        "adding up totals: 0 of 2 parts are done (7 min)",
        "adding up totals: 1 of 2 parts are done (7 min)",
        "done (7 min)",
    ]


def test_silent_load_shows_a_line_a_minute() -> None:
    _, lines, pauses = follow(Machines(results=[RESULTS[0]] * 25))
    assert (len(lines), len(pauses), set(pauses)) == (3, 25, {5.0})


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ({"load-1": "FAILED", "load-2": "ABORTED"}, ["load-3"]),
        ({"load-1": "SUCCEEDED", "load-2": "RUNNING"}, []),  # followed
    ],
)
def test_one_run_at_a_time(earlier: dict[str, str], expected: list[str]) -> None:
    machines = Machines(earlier)
    follow(machines)
    assert [name for name, _ in machines.started] == expected


@pytest.mark.parametrize(
    ("ended", "message"),
    [
        ({"status": "FAILED", "cause": "The load failed (Xy)."}, "The load failed (Xy).\nStart it"),
        ({"status": "TIMED_OUT"}, "The load ended: TIMED_OUT.\nStart it by the same command"),
        ({"status": "ABORTED"}, "The load ended: ABORTED.\nStart it by the same command"),
    ],
)
def test_failed_load_names_the_next_command(ended: dict[str, Any], message: str) -> None:
    with pytest.raises(RebuildError) as raised:
        follow(Machines(ended=ended))
    assert str(raised.value).startswith(message)


def test_complete_read_model_names_the_cause() -> None:
    ended = {"status": "FAILED", "error": "NothingToLoad", "cause": "It is complete."}
    machines = Machines(results=[{"positions": [], "position": None}], ended=ended)
    with pytest.raises(RebuildError, match=r"^It is complete"):
        follow(machines)


def test_continued_load_counts_no_entries() -> None:
    text, _, _ = follow(Machines(ended={"status": "SUCCEEDED", "output": "[]"}))
    assert text == "Continued: all entries were here already; indexes and totals are complete now."


def test_interrupted_command_leaves_the_load_going() -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(RebuildError, match=f"goes on in AWS.* --execution-arn {FIRST}$"):
        follow_run(Machines(), FIRST, lambda _: None, interrupted)


@dataclass
class Account:
    """An account with the function `rebuild`, which responds in turn, and the state machine."""

    responses: list[dict[str, Any] | Exception]
    machines: Machines = field(default_factory=lambda: Machines(results=[]))
    requests: list[Any] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    partition, region, account_id, endpoint_url = "aws", "sa-east-1", "1", None

    @property
    def session(self) -> Any:
        return SimpleNamespace(client=lambda *_, **__: self)

    def client(self, service: str) -> Machines:
        assert service == "stepfunctions"
        return self.machines

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "livro-caixa-trial-rebuild"
        self.requests.append(json.loads(Payload))
        response = self.responses.pop(0)
        if isinstance(response, Exception):
            raise response
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in response else {}
        return {"Payload": io.BytesIO(json.dumps(response).encode()), **failed}

    def rebuild(self, parts: int | None = None) -> str:
        stage, report, pause = load_stage("trial"), self.lines.append, self.pauses.append
        return rebuild_all(self, stage, report, parts, pause)  # type: ignore[arg-type]


@pytest.mark.parametrize(("parts", "expected"), [(None, 4), (3, 3)])
def test_empty_read_model_is_loaded(parts: int | None, expected: int) -> None:
    account = Account([{"positions": ["a"], "position": "load.x"}])
    assert account.rebuild(parts) == "Loaded from the ledger: 6 entries, 5 missing, 1 unreadable."
    assert account.machines.started == [("load-1", {"parts": expected})]


def test_complete_read_model_is_compared() -> None:
    compared = {"entries": 7, "missing": 1, "phase": "done", "position": None}
    account = Account([{"positions": [], "position": None}, compared])
    assert account.rebuild() == "Compared with the ledger, and repaired: 7 entries, 1 missing."
    assert account.requests == [{"load": {"step": "entries"}}, {"position": None}]
    assert account.machines.started == []


def test_more_parts_than_calls_are_refused() -> None:
    for parts in (0, 5):
        with pytest.raises(RebuildError, match="loads 1 to 4 parts at once"):
            Account([]).rebuild(parts)


def test_failure_before_the_load_is_reported() -> None:
    with pytest.raises(RebuildError, match="store down"):
        Account([{"errorMessage": "store down"}]).rebuild()


@pytest.mark.parametrize("name", ["load-2", "by-hand"])
def test_running_load_is_followed_without_a_call(name: str) -> None:
    """Its parts may take all calls, and a call would lock the table that they insert into."""
    account = Account([], Machines({"load-1": "FAILED", name: "RUNNING"}, results=[]))
    assert account.rebuild() == "Loaded from the ledger: 6 entries, 5 missing, 1 unreadable."
    assert (account.requests, account.machines.started) == ([], [])


def test_busy_function_is_awaited() -> None:
    """Calls of a load that was stopped go on, for 15 minutes at most."""
    busy = [ClientError(BUSY, "Invoke")] * 15
    account = Account([*busy, {"positions": ["a"], "position": "load.x"}])
    assert account.rebuild().startswith("Loaded from the ledger")
    assert (account.machines.started, account.pauses) == ([("load-1", {"parts": 4})], [60] * 15)
    assert set(account.lines[:15]) == {
        "All calls that livro-caixa-trial-rebuild may run at once are under way, each for up to 15 "
        "minutes (An error occurred (TooManyRequestsException) when calling the Invoke operation: "
        "Rate Exceeded.). Trying again in 60 s."
    }


def test_function_busy_for_longer_is_reported() -> None:
    account = Account([ClientError(BUSY, "Invoke")] * 16)
    with pytest.raises(RebuildError, match=r"Rate Exceeded.*\nRun the same command again"):
        account.rebuild()
    assert sum(account.pauses) == 15 * 60


def test_load_begun_meanwhile_is_followed() -> None:
    account = Account([ClientError(BUSY, "Invoke")])
    account.pauses = Begun(account.machines)
    assert account.rebuild().startswith("Loaded from the ledger")
    assert account.machines.started == []


class Begun(list[float]):
    """Pauses, in the first of which a load begins."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines

    def append(self, seconds: float) -> None:
        """Take note of a pause."""
        self._machines.earlier["load-1"] = "RUNNING"
        super().append(seconds)
