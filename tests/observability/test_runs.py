"""Runs of functions that answer no request, from Lambda's context to the line."""

from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.observability.runs import FunctionFailedError, log_invocation
from tests.observability.conftest import Lines


@dataclass(frozen=True)
class Context:
    function_name: str = "livro-caixa-production-projector"
    aws_request_id: str = "r-1"


@dataclass(frozen=True)
class Event:
    context: Any


def test_a_run_is_one_line(lines: Lines) -> None:
    assert log_invocation(Event(Context()), lambda event: "done") == "done"
    (line,) = lines()
    assert line["event"] == "function_ended"
    assert line["function"] == "livro-caixa-production-projector"
    assert (line["request_id"], "outcome" in line) == ("r-1", False)


def test_a_run_without_a_context_is_seen_too(lines: Lines) -> None:
    log_invocation(Event(None), lambda event: None)
    assert [line["request_id"] for line in lines()] == ["unknown"]


def test_our_own_errors_pass_as_they_are(lines: Lines) -> None:
    def refuse(event: Event) -> None:
        raise ValidationError("merchant_id must be a slug")

    with pytest.raises(ValidationError, match="slug"):
        log_invocation(Event(Context()), refuse)
    failed, ended = lines()
    assert (failed["event"], failed["request_id"]) == ("function_failed", "r-1")
    assert ended["outcome"] == "chalicelib.ledger.errors.ValidationError"


def test_of_any_other_error_the_kind_alone_is_raised(lines: Lines) -> None:
    def break_down(event: Event) -> None:
        raise ValueError("Maria")

    with pytest.raises(FunctionFailedError, match=r"^builtins\.ValueError$") as caught:
        log_invocation(Event(Context()), break_down)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    failed, ended = lines()
    assert failed["errors"] == ["builtins.ValueError"]
    assert "Maria" not in str((failed, ended))
