"""The rebuild of a deployed read model: piece by piece, with retries, resumable."""

import io
import json
import random
import re
import signal
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.projection.checkpoint import Checkpoint, encode
from chalicelib.projection.row_sums import BUCKETS, RowSums
from deploy import __main__ as deploy_command
from deploy.read_model import RebuildError, migrate, rebuild
from local import __main__ as local_command
from local import commands, read_model
from local.signals import SignalReceivedError
from tests.deploy.aws_facts import InactiveFunction

COUNTS = {
    "entries": 4_000_000, "missing": 2, "altered": 0, "removed": 0, "totals": 0, "unreadable": 0,
}  # fmt: skip
_RANDOM = random.Random(7)
SUMS = RowSums(sums=tuple(_RANDOM.randint(-(2**90), 2**90) for _ in range(BUCKETS)))
KEYS = {str(part): {"entry_id": {"S": f"{_RANDOM.getrandbits(128):032x}"}} for part in range(64)}
POSITION = encode(Checkpoint(None, "ledger", KEYS, sums=SUMS))
REJECTED = {"errorMessage": "position must be from this release.", "errorType": "ValidationError"}
RESUME = "Resume by the same command with --position "


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


@pytest.mark.parametrize(
    ("phase", "text"),
    [("row_sums", "comparing the rows' sums with the ledger's"), ("sums", "adding up totals")],
)
def test_each_phase_has_its_text(phase: str, text: str) -> None:
    function = Function({**_piece(POSITION), "phase": phase}, _piece(None))
    function.rebuild()
    assert function.lines[0].startswith(f"{text}: 4,000,000 entries")


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
        ([_piece(POSITION), *[_failure()] * 5], f"store down\n{RESUME}@"),
        ([_piece(POSITION), KeyboardInterrupt()], rf"Interrupted\.\n{RESUME}@"),
        ([_piece(POSITION), SignalReceivedError("SIGTERM")], rf"Interrupted\.\n{RESUME}@"),
        ([_failure()], "store down\nRun the same command again"),  # and is not repeated
        (
            [REJECTED],
            "must be from this release.\nGive what a stopped rebuild printed, or no --posi",
        ),
    ],
)
def test_last_failure_says_how_to_resume(
    responses: list[Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function = Function(*responses)
    with pytest.raises(RebuildError, match=message):
        function.rebuild()
    assert function.paused == ([5, 60, 300, 600] if len(responses) == 6 else [])
    saved = [path.read_text() for path in tmp_path.iterdir()]
    assert saved == ([POSITION] if len(responses) > 1 else [])


@pytest.mark.parametrize(
    ("command", "rebuilds", "name", "arguments"),
    [
        (deploy_command, deploy_command, "rebuild", ["trial", "padaria"]),
        (local_command, commands, "rebuild_read_model", ["padaria"]),
    ],
)
def test_printed_argument_resumes_the_rebuild(
    command: Any, rebuilds: Any, name: str, arguments: list[str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RebuildError) as stopped:
        Function(KeyboardInterrupt()).rebuild(position=POSITION)
    [argument] = re.findall(f"{RESUME}(.+)", str(stopped.value))
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
    positions: list[Any] = []

    def resumed(parsed: Namespace) -> int:
        function = Function(_piece(None))
        function.rebuild(position=parsed.position)
        positions.extend(request["position"] for request in function.requests)
        return 0

    monkeypatch.setattr(local_command, "forget_real_aws", lambda _environment: None)
    monkeypatch.setattr(rebuilds, name, resumed)
    monkeypatch.setattr(sys, "argv", ["program", "rebuild", *arguments, "--position", argument])
    assert (command.main(), positions) == (0, [POSITION])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "is_deleted"),
    [("rebuild-position-a_b1c2d3", True), ("rebuild-position-of-may", False), ("mine", False)],
)
def test_only_a_written_file_is_deleted(name: str, is_deleted: bool, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text("p7\n")
    function = Function(_piece(None))
    function.rebuild(position=f"@{file}")
    assert (function.requests, file.exists()) == ([{"position": "p7"}], not is_deleted)
    deleted = [f"Deleted {file}, which is not needed any more."]
    assert function.lines[1:] == (deleted if is_deleted else [])


@pytest.mark.parametrize(
    ("responses", "expected"),
    [([KeyboardInterrupt()], "p7"), ([_piece("p8"), KeyboardInterrupt()], "p8")],
)
def test_rebuild_stopped_again_leaves_one_file(
    responses: list[Any], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "rebuild-position-a_b1c2d3"
    file.write_text("p7")
    with pytest.raises(RebuildError) as stopped:
        Function(*responses).rebuild(position=f"@{file}")
    [left] = tmp_path.iterdir()
    assert (left.read_text(), left == file) == (expected, expected == "p7")
    assert str(stopped.value) == f"Interrupted.\n{RESUME}@{left}"


def test_unreadable_file_of_a_position_is_named(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\xff\xd8")
    for name, reason in (("gone", "No such file"), ("picture", "can't decode")):
        with pytest.raises(RebuildError, match=f"position cannot be read: .*{reason}"):
            Function().rebuild(position=f"@{tmp_path / name}")


def test_interrupted_local_rebuild_names_its_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    class Interrupted(Function):
        def invoke(self, **params: str) -> dict[str, Any]:
            signal.raise_signal(signal.SIGINT)
            return super().invoke(**params)

    function = Interrupted()
    monkeypatch.setattr(read_model, "aws_client", lambda *_args, **_options: function)
    monkeypatch.setattr(commands, "read_endpoints", lambda _paths: {"aws_endpoint_url": "http://"})
    monkeypatch.setattr(local_command, "forget_real_aws", lambda _environment: None)
    monkeypatch.setattr(sys, "argv", ["program", "rebuild", "--position", POSITION])
    assert local_command.main() == 1
    assert f"Interrupted.\n{RESUME}@" in capsys.readouterr().err


def test_position_without_a_file_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(RebuildError, match=f"{RESUME}{POSITION}$"):
        Function(KeyboardInterrupt()).rebuild(position=POSITION)


def test_idle_function_is_awaited() -> None:
    """Also for the first piece, which is not repeated after other failures."""
    idle = InactiveFunction(_piece(None))
    assert rebuild(idle, "one", None, lambda _: None)["phase"] == "done"
    assert idle.requests == [{"position": None}]
    idle = InactiveFunction({"applied": ["0001_tables.sql"]})
    assert migrate(idle, "one", print) == ["0001_tables.sql"]
    assert idle.requests == [{"role": "livro_admin"}]


def _busy() -> ClientError:
    error: Any = {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}
    return ClientError({"Error": error}, "Invoke")


@pytest.mark.parametrize(("merchant", "position"), [("padaria", None), (None, "p7")])
def test_busy_function_is_called_again(merchant: str | None, position: str | None) -> None:
    function = Function(*[_busy()] * 15, _piece("p8"), _busy(), _piece(None))
    assert function.rebuild(merchant, position)["missing"] == 2
    assert [request["position"] for request in function.requests] == [position] * 16 + ["p8"] * 2
    assert function.paused == [60] * 16
    assert function.lines[0] == (
        "All calls that one may run at once are under way, each for up to 15 minutes (An error "
        "occurred (TooManyRequestsException) when calling the Invoke operation: Rate Exceeded.). "
        "Trying again in 60 s."
    )


def test_function_busy_for_longer_ends_the_rebuild() -> None:
    function = Function(*[_busy()] * 16)
    with pytest.raises(RebuildError, match=r"^All calls that one .*\nRun the same command again"):
        function.rebuild("padaria")
    assert function.paused == [60] * 15


def test_migration_waits_for_another_one() -> None:
    function = Function(_busy(), {"applied": []})
    assert migrate(function, "one", function.lines.append, pause=function.paused.append) == []
    assert (function.paused, len(function.lines)) == ([60], 1)


def test_interrupted_pause_says_how_to_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function = Function(_piece(POSITION), _failure())

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(RebuildError, match=f"{RESUME}@"):
        rebuild(function, "one", None, function.lines.append, pause=interrupted)
    assert function.lines[1].endswith("store down Trying again in 5 s.")
