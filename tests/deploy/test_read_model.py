"""The rebuild of a deployed read model: piece by piece, with retries, resumable."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from deploy.read_model import RebuildError, migrate, rebuild
from tests.deploy.aws_facts import InactiveFunction

COUNTS = {
    "entries": 4_000_000, "missing": 2, "altered": 0, "removed": 0, "totals": 0, "unreadable": 0,
}  # fmt: skip


class Function:
    """A deployed rebuild function with these responses, in turn."""

    def __init__(self, *responses: Any) -> None:
        self._responses = list(responses)
        self.requests: list[Any] = []
        self.paused: list[float] = []
        self.lines: list[str] = []

    def invoke(self, **params: str) -> dict[str, Any]:
        self.requests.append(json.loads(params["Payload"]))
        response = self._responses.pop(0)
        if isinstance(response, BaseException):
            raise response
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in response else {}
        return {"Payload": io.BytesIO(json.dumps(response).encode()), **failed}

    def rebuild(self, merchant: str | None = None, position: str | None = None) -> dict[str, Any]:
        return rebuild(self, "one", merchant, self.lines.append, position, self.paused.append)


def _piece(position: str | None) -> dict[str, Any]:
    return {**COUNTS, "phase": "ledger" if position else "done", "position": position}


def _failure() -> dict[str, str]:
    return {"errorMessage": "store down", "errorType": "OutOfReach"}


def test_rebuild_continues_until_it_is_done() -> None:
    function = Function(_piece("p1"), _piece("p2"), _piece(None))
    assert function.rebuild("padaria") == {**COUNTS, "phase": "done"}
    assert [request["position"] for request in function.requests] == [None, "p1", "p2"]
    assert {request["merchant_id"] for request in function.requests} == {"padaria"}
    assert len(function.lines) == 3
    assert function.lines[0].startswith("reading the ledger: 4,000,000 entries, 2 missing")


def test_unknown_merchant_is_an_error() -> None:
    nothing = {**_piece(None), **dict.fromkeys(COUNTS, 0)}
    with pytest.raises(RebuildError, match="has entries of a merchant 'nobody'"):
        Function(nothing).rebuild("nobody")
    assert Function(nothing).rebuild()["entries"] == 0  # an empty ledger
    lost = {**nothing, "removed": 1}
    assert Function(lost).rebuild("padaria")["removed"] == 1


def test_rebuild_resumes_at_a_position() -> None:
    function = Function(_piece(None))
    function.rebuild(position="p7")
    assert function.requests == [{"position": "p7"}]


def test_failed_piece_is_repeated() -> None:
    silence = ReadTimeoutError(endpoint_url="https://lambda")
    function = Function(_piece("p1"), silence, _failure(), _piece(None))
    assert function.rebuild()["missing"] == 2
    assert [request["position"] for request in function.requests] == [None, "p1", "p1", "p1"]
    assert function.paused == [5, 60]


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        ([_piece("p1"), *[_failure()] * 5], "store down\nResume .* command with --position p1"),
        ([_piece("p1"), KeyboardInterrupt()], r"Interrupted\.\nResume .* with --position p1"),
        ([_failure()], "store down\nRun the same command again"),  # and is not repeated
    ],
)
def test_last_failure_names_the_position(responses: list[Any], message: str) -> None:
    function = Function(*responses)
    with pytest.raises(RebuildError, match=message):
        function.rebuild()
    assert function.paused == ([5, 60, 300, 600] if len(responses) == 6 else [])


def test_idle_function_is_awaited() -> None:
    """Also for the first piece, which is not repeated after other failures."""
    idle = InactiveFunction(_piece(None))
    assert rebuild(idle, "one", None, lambda _: None)["phase"] == "done"
    assert idle.requests == [{"position": None}]
    idle = InactiveFunction({"applied": ["0001_tables.sql"]})
    assert migrate(idle, "one") == ["0001_tables.sql"]
    assert idle.requests == [{"role": "livro_admin"}]


def test_interrupted_pause_names_the_position() -> None:
    function = Function(_piece("p1"), _failure())

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(RebuildError, match="--position p1"):
        rebuild(function, "one", None, function.lines.append, pause=interrupted)
    assert function.lines[1].endswith("store down Trying again in 5 s.")
