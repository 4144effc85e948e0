"""One line for each request or invocation, with all of its fields and metrics."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import observability
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.text import parse_slug
from chalicelib.observability import log_invocation, log_request, request_log
from chalicelib.runtime import wiring
from tests.fixtures.threads import together

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
SAMPLED = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
PROJECTOR = SimpleNamespace(function_name="livro-caixa-production-projector", aws_request_id="r-1")
Lines = Callable[[], list[dict[str, Any]]]
post = partial(log_request, "request_answered", "record_entry")


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Return the log lines since the last call; standard error must be empty."""

    def read() -> list[dict[str, Any]]:
        printed = capsys.readouterr()
        assert printed.err == ""
        return [json.loads(line) for line in printed.out.splitlines()]

    return read


def test_request_is_one_line_at_its_end(lines: Lines) -> None:
    with post("r-1", SAMPLED):
        observability.annotate(status=201)
        observability.count("EntriesAccepted")
        observability.count("EntriesAccepted", 2)
        observability.count("CacheDegraded", cache="TimeoutError")
        assert lines() == []
        observability.log("read_model_out_of_reach", reason="TimeoutError")
    intermediate, line = lines()
    events = (intermediate["event"], line["event"])
    assert events == ("read_model_out_of_reach", "request_answered")
    for ids in (intermediate, line):
        assert (ids["request_id"], ids["trace_id"]) == ("r-1", ROOT)
    assert line["status"] == 201 and line["latency_ms"] >= 0
    assert (line["EntriesAccepted"], line["CacheDegraded"], line["cache"]) == (3, 1, "TimeoutError")
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert names == ["EntriesAccepted", "CacheDegraded"]


def test_outside_a_request_only_metrics_are_written(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "production")
    wiring.reset()
    observability.annotate(status=201)
    observability.count("RecordsParked", 3, queue="quarantine")
    wiring.reset()
    (line,) = lines()
    assert (line["event"], line["RecordsParked"], line["queue"]) == ("metric", 3, "quarantine")
    assert (line["Stage"], "_aws" in line) == ("production", True)


def test_duration_is_counted_since_a_moment(lines: Lines) -> None:
    observability.count_since("ProjectionLag", datetime.now(UTC) - timedelta(seconds=90))
    (line,) = lines()
    assert 90_000 <= line["ProjectionLag"] < 95_000


def test_concurrent_requests_do_not_mix(lines: Lines) -> None:
    def request(number: int) -> None:
        with post(f"r-{number}"):
            for _ in range(200):
                observability.count("EntriesAccepted", number)

    together(*(partial(request, number) for number in range(1, 9)))
    counts = {line["request_id"]: line["EntriesAccepted"] for line in lines()}
    assert counts == {f"r-{number}": 200 * number for number in range(1, 9)}


def test_threads_count_for_their_request(lines: Lines) -> None:
    def work(number: int) -> int:
        observability.count("EntriesAccepted")
        return number

    with post("r-1"), ThreadPoolExecutor(8) as pool:
        assert list(pool.map(observability.in_context(work), range(100))) == list(range(100))
        pool.submit(work, 1)
    outside, request = lines()
    assert (outside["event"], outside["EntriesAccepted"]) == ("metric", 1)
    assert request["EntriesAccepted"] == 100


def test_only_the_first_request_is_a_cold_start(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "_REQUESTS", iter(range(2)))
    for _ in range(2):
        with post("r-1"):
            pass
    assert [line.get("cold_start") for line in lines()] == [True, None]


def test_merchant_is_logged_as_a_digest() -> None:
    digest = observability.merchant_hash("padaria")
    assert re.fullmatch("[0-9a-f]{12}", digest)
    assert digest != observability.merchant_hash("padaria2")


def test_only_a_valid_trace_header_is_stored() -> None:
    with post("r-1", f"{SAMPLED};Lineage=x"):
        assert observability.trace_header(SAMPLED) == SAMPLED
    assert observability.trace_header(f"{SAMPLED};Maria=1") == SAMPLED
    assert [observability.trace_header(text) for text in ("Maria", None)] == [None, None]


def test_batch_logs_its_first_ten_traces(lines: Lines) -> None:
    sampled = [f"Root=1-5759e988-{n:024x};Parent={n:016x};Sampled=1" for n in range(30)]
    unsampled = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0"
    with log_request("function_ended", "projector", "r-1"):
        observability.trace_link([None, "Maria", unsampled, *sampled, *sampled])
    (line,) = lines()
    assert line["origin_traces"] == [f"1-5759e988-{number:024x}" for number in range(10)]


def invoke(handler: Callable[[Any], Any], context: Any = PROJECTOR) -> Any:
    return log_invocation(SimpleNamespace(context=context), handler)


def test_invocation_is_one_line(lines: Lines) -> None:
    assert invoke(lambda _event: "done") == "done"
    invoke(lambda _event: None, context=None)
    line, without_context = lines()
    assert line["event"] == "function_ended"
    assert line["function"] == "livro-caixa-production-projector"
    assert (line["request_id"], "outcome" in line) == ("r-1", False)
    assert without_context["request_id"] == "unknown"


def test_own_errors_pass_unchanged(lines: Lines) -> None:
    with pytest.raises(ValidationError):
        invoke(lambda _event: parse_slug("Maria", "merchant_id"))
    failed, ended = lines()
    assert (failed["event"], failed["request_id"]) == ("function_failed", "r-1")
    assert ended["outcome"] == "chalicelib.ledger.errors.ValidationError"


def test_other_errors_are_replaced_by_type(lines: Lines) -> None:
    with pytest.raises(request_log.FunctionFailedError, match=r"^builtins\.ValueError$") as caught:
        invoke(lambda _event: int("Maria"))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    failed, ended = lines()
    assert failed["errors"] == ["builtins.ValueError"]
    assert "Maria" not in str((failed, ended))
