"""One request or run, one line: what was noted and counted anywhere stands in it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import observability
from chalicelib.observability.observation import log_request
from chalicelib.runtime import settings
from tests.fixtures.threads import together
from tests.observability.conftest import Lines

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
SAMPLED = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"


def test_what_is_noted_and_counted_stands_in_one_line_at_the_end(lines: Lines) -> None:
    with log_request("request_answered", "record_entry", "r-1", SAMPLED):
        observability.annotate(status=201)
        observability.count("EntriesAccepted")
        observability.count("EntriesAccepted", 2)
        observability.count("CacheDegraded", cache="TimeoutError")
        assert lines() == []
    (line,) = lines()
    assert line["event"] == "request_answered"
    assert (line["request_id"], line["trace_id"], line["status"]) == ("r-1", ROOT, 201)
    assert line["latency_ms"] >= 0
    assert (line["EntriesAccepted"], line["CacheDegraded"], line["cache"]) == (3, 1, "TimeoutError")
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert [metric["Name"] for metric in directive["Metrics"]] == [
        "EntriesAccepted",
        "CacheDegraded",
    ]


def test_a_line_written_meanwhile_bears_the_same_marks(lines: Lines) -> None:
    with log_request("request_answered", "record_entry", "r-1", SAMPLED):
        observability.log("read_model_out_of_reach", reason="TimeoutError")
    first, last = lines()
    assert first["event"] == "read_model_out_of_reach"
    assert first["request_id"] == last["request_id"] == "r-1"
    assert first["trace_id"] == last["trace_id"] == ROOT


def test_without_a_request_a_count_is_written_at_once_and_a_note_goes_nowhere(lines: Lines) -> None:
    observability.annotate(status=201)
    observability.count("RecordsParked", 3, queue="quarantine")
    (line,) = lines()
    assert (line["event"], line["RecordsParked"], line["queue"]) == ("metric", 3, "quarantine")
    assert "_aws" in line


def test_a_metric_is_told_under_its_stage(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "production")
    settings.current.cache_clear()
    observability.count("RecordsParked")
    settings.current.cache_clear()
    (line,) = lines()
    assert line["Stage"] == "production"


def test_a_duration_is_counted_from_a_moment(lines: Lines) -> None:
    observability.count_since("ProjectionLag", datetime.now(UTC) - timedelta(seconds=90))
    (line,) = lines()
    assert 90_000 <= line["ProjectionLag"] < 95_000


def test_what_fails_is_noted_by_its_kind_alone_and_passes_on(lines: Lines) -> None:
    with (
        pytest.raises(ValueError, match="Maria"),
        log_request("function_ended", "projector", "r-1"),
    ):
        raise ValueError("Maria")
    (line,) = lines()
    assert line["outcome"] == "builtins.ValueError"
    assert "Maria" not in str(line)


def test_requests_side_by_side_do_not_mix(lines: Lines) -> None:
    def request(number: int) -> None:
        with log_request("request_answered", "record_entry", f"r-{number}"):
            for _ in range(200):
                observability.count("EntriesAccepted", number)

    together(*(lambda number=number: request(number) for number in range(1, 9)))
    response = {line["request_id"]: line["EntriesAccepted"] for line in lines()}
    assert response == {f"r-{number}": 200 * number for number in range(1, 9)}


def test_the_threads_of_a_request_count_for_it(lines: Lines) -> None:
    def work(number: int) -> int:
        observability.count("EntriesAccepted")
        return number

    with log_request("request_answered", "record_entries", "r-1"):
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(observability.in_context(work), range(100))) == list(range(100))
        with ThreadPoolExecutor(1) as pool:
            list(pool.map(work, range(1)))
    alone, whole = lines()
    assert (alone["event"], alone["EntriesAccepted"]) == ("metric", 1)
    assert whole["EntriesAccepted"] == 100


def test_the_first_of_a_process_says_so() -> None:
    from chalicelib.observability import observation

    assert next(observation._RUNS) > 0


def test_a_merchant_is_known_by_a_digest_alone() -> None:
    digest = observability.merchant_hash("padaria")
    assert re.fullmatch("[0-9a-f]{12}", digest)
    assert digest != observability.merchant_hash("padaria2")


def test_an_entry_keeps_where_it_came_from_and_no_other_text() -> None:
    with log_request("request_answered", "record_entry", "r-1", f"{SAMPLED};Lineage=x"):
        assert observability.trace_header(SAMPLED) == SAMPLED
    assert observability.trace_header(f"{SAMPLED};Maria=1") == SAMPLED
    assert observability.trace_header("Maria") is None
    assert observability.trace_header(None) is None


def test_a_batch_tells_the_traces_that_its_entries_came_from(lines: Lines) -> None:
    kept = [f"Root=1-5759e988-{number:024x};Parent={number:016x};Sampled=1" for number in range(30)]
    lost = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0"
    with log_request("function_ended", "projector", "r-1"):
        observability.trace_link([None, "Maria", lost, *kept, *kept])
    (line,) = lines()
    assert line["origin_traces"] == [f"1-5759e988-{number:024x}" for number in range(10)]
