"""Names that others rely on do not change: routes, stores, events, metrics, stacks, digests.

`preserved_names.json` and `openapi_shape.json` hold them. One command writes both, and fails so
that somebody reads the difference before it is committed:
`python -m pytest tests/house/test_preserved_names.py --write-preserved-names`.

The project's own Python names are used in two places alone: `import app` (recorded_http.py,
recorded_requests.py, recorded_scenario.py), and the commands LOGS and MERGE_TEMPLATE of
artefacts.py. Everything else comes from events, responses, stores, logs and files.
"""

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pg8000.native
import pytest

from tests.house import artefacts, golden_entries
from tests.house.openapi_shape import openapi_shape
from tests.house.shapes import flattened, written

NAMES = Path(__file__).with_name("preserved_names.json")
OPENAPI = Path(__file__).with_name("openapi_shape.json")
FROM_A_RUN = (
    "dynamodb", "events", "executions", "function results", "golden", "log fields", "log values",
    "metrics", "postgresql", "problems", "quarantine messages", "redis",
    "responses", "routes", "s3 objects",
)  # fmt: skip
FROM_FILES: dict[str, Callable[[], Any]] = {
    "chalice settings": artefacts.chalice_settings,
    "dashboard metrics": artefacts.dashboard_metrics,
    "documented seal": golden_entries.documented_hashes,
    "environment": artefacts.environment_names,
    "packaged application": artefacts.packaged_application,
    "state machine": artefacts.state_machine,
    "templates": artefacts.template_names,
}
# A migration may add views, functions and rights, a room may read another setting of AWS.
MAY_GROW = {"environment", "postgresql"}
# Written where the recorded run does not come: into logs, traces, messages, digests and AWS. The
# names of stacks are literals of tests/local/test_deployment.py, which makes the stacks.
UNREACHED = {
    "chalicelib": [
        "NightOverdue", "CacheDegraded", "metric", "tracing_failed", "origin_trace", "too_large",
        "schedule", "livro-caixa/cursor/1", "livro-caixa/content/1", "livro-caixa/request/1",
    ],
    "deploy": [
        "livro_admin", "request_id", "trace_id", "route", "method", "status",
        "latency_ms", "application_ms", "refused_by_gateway", "base_url", "token_url",
    ],
    "infrastructure": [
        "livro-caixa", "livro-caixa-canary", "AccessLogArn", "client_id", "merchant_id",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def run(postgres: Any, valkey: Any) -> Iterator[dict[str, Any]]:
    """What one run of all functions recorded, in a database that is dropped afterwards."""
    name = f"names_{secrets.token_hex(6)}"
    place = {"host": postgres.host, "port": postgres.port, "database": "postgres"}
    connection = pg8000.native.Connection(postgres.superuser, **place)
    connection.run(f"CREATE DATABASE {name} STRATEGY file_copy")
    try:
        yield _recorded([postgres.host, postgres.port, name, postgres.superuser, valkey.port])
    finally:
        connection.run(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()


def _recorded(place: list[Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.house.recorded_run", *map(str, place)]
    printed = artefacts.run_command(command, artefacts.ROOT, {"PATH": os.environ["PATH"]})
    record: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return record


@pytest.fixture(scope="module")
def preserved(request: pytest.FixtureRequest) -> Any:
    """The snapshot; with the flag, it is first rewritten from what the project does now."""
    if request.config.getoption("--write-preserved-names", default=False):
        record = request.getfixturevalue("run")
        names = {section: record[section] for section in FROM_A_RUN}
        names |= {section: read() for section, read in FROM_FILES.items()}
        NAMES.write_text(written(names) + "\n", encoding="utf-8")
        OPENAPI.write_text(written(openapi_shape(record["openapi"])) + "\n", encoding="utf-8")
        pytest.fail("The snapshots are written; read the difference and run without the flag.")
    return json.loads(NAMES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("section", FROM_A_RUN)
def test_functions_write_the_preserved_names(section: str, preserved: Any, run: Any) -> None:
    _assert_same(section, preserved[section], run[section])


@pytest.mark.parametrize("section", FROM_FILES)
def test_files_hold_the_preserved_names(section: str, preserved: Any) -> None:
    _assert_same(section, preserved[section], FROM_FILES[section]())


def test_the_openapi_document_keeps_its_shape(preserved: Any, run: Any) -> None:
    shape = json.loads(OPENAPI.read_text(encoding="utf-8"))
    _assert_same("openapi", shape, openapi_shape(run["openapi"]))


@pytest.mark.parametrize("folder", UNREACHED)
def test_rarely_written_names_are_in_the_source(folder: str) -> None:
    assert artefacts.missing_constants(folder, UNREACHED[folder]) == []


def test_shown_metrics_are_in_the_source() -> None:
    shown = artefacts.dashboard_metrics()
    assert artefacts.missing_constants("chalicelib", shown) == []


def _assert_same(section: str, expected: Any, actual: Any) -> None:
    before, now = flattened(expected), flattened(json.loads(json.dumps(actual)))
    new = set() if section in MAY_GROW else now - before
    differing = [f"- {name}" for name in before - now] + [f"+ {name}" for name in new]
    assert not differing, "\n".join([section, *sorted(differing)])
