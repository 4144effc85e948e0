"""A rebuild is asked for piece by piece, and a piece that failed is asked for again."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from deploy.rebuilding import RebuildError, rebuild

COUNTS = {
    "entries": 4_000_000, "missing": 2, "altered": 0, "removed": 0, "totals": 0, "unreadable": 0,
}  # fmt: skip


class Function:
    """A deployed rebuild that answers what it is told to, in turn."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked: list[Any] = []
        self.paused: list[float] = []
        self.heard: list[str] = []

    def invoke(self, **asked: str) -> dict[str, Any]:
        self.asked.append(json.loads(asked["Payload"]))
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}

    def rebuild(self, merchant: str | None = None, position: str | None = None) -> dict[str, Any]:
        return rebuild(self, "one", merchant, self.heard.append, position, self.paused.append)


def _piece(position: str | None) -> dict[str, Any]:
    return {**COUNTS, "phase": "ledger" if position else "done", "position": position}


def _failure() -> dict[str, str]:
    return {"errorMessage": "it is so", "errorType": "OutOfReach"}


def test_it_is_asked_from_the_last_position_on_until_it_is_done() -> None:
    function = Function(_piece("p1"), _piece("p2"), _piece(None))
    assert function.rebuild("padaria") == {**COUNTS, "phase": "done"}
    assert [one["position"] for one in function.asked] == [None, "p1", "p2"]
    assert {one["merchant_id"] for one in function.asked} == {"padaria"}
    assert len(function.heard) == 3
    assert function.heard[0].startswith("reading the ledger: 4,000,000 entries, 2 missing")


def test_it_goes_on_where_an_earlier_one_was_left() -> None:
    function = Function(_piece(None))
    function.rebuild(position="p7")
    assert function.asked == [{"position": "p7"}]


def test_a_piece_that_failed_is_asked_for_again_from_where_it_began() -> None:
    silence = ReadTimeoutError(endpoint_url="https://lambda")
    function = Function(_piece("p1"), silence, _failure(), _piece(None))
    assert function.rebuild()["missing"] == 2
    assert [one["position"] for one in function.asked] == [None, "p1", "p1", "p1"]
    assert function.paused == [5, 60]


def test_who_gives_up_says_where_to_go_on() -> None:
    function = Function(_piece("p1"), *[_failure()] * 5)
    with pytest.raises(RebuildError, match="it is so\nGo on from here with POSITION=p1"):
        function.rebuild()
    assert function.paused == [5, 60, 300, 600]
    assert function.heard[1].endswith("it is so Asking again in 5 s.")


def test_who_is_interrupted_is_told_where_to_go_on() -> None:
    function = Function(_piece("p1"), KeyboardInterrupt())
    with pytest.raises(RebuildError, match="Interrupted\\.\nGo on from here with POSITION=p1"):
        function.rebuild()


def test_who_is_interrupted_in_a_pause_is_told_so_too() -> None:
    function = Function(_piece("p1"), _failure())

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(RebuildError, match="POSITION=p1"):
        rebuild(function, "one", None, function.heard.append, pause=interrupted)


def test_a_function_that_fails_from_the_beginning_is_not_asked_again() -> None:
    function = Function(_failure())
    with pytest.raises(RebuildError, match="it is so\nWhat was put right is right"):
        function.rebuild()
    assert not function.paused
