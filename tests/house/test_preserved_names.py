"""Names that others rely on do not change: routes, stores, events, metrics, stacks, digests.

`preserved_names.json` and `openapi_shape.json` hold them. The command REWRITE writes both, and
fails, so that somebody reads the difference before it is committed.

The project's own Python names are used in few places: `import app` (recorded_api.py, scenario.py),
where recorded_run.py records rights, and where artefacts.py gets templates. Everything else comes
from events, responses, stores, logs and files. Scopes and 405 are in openapi_shape.json,
test_route_table.py and tests/api/test_endpoint.py; how seals are hashed, in
tests/verify/test_agreement.py.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.house import artefacts
from tests.house.openapi_shape import openapi_shape
from tests.house.shapes import flattened

NAMES = Path(__file__).with_name("preserved_names.json")
OPENAPI = Path(__file__).with_name("openapi_shape.json")
REWRITE = "WRITE_PRESERVED_NAMES=1 .venv/bin/python -m pytest tests/house/test_preserved_names.py"
FROM_A_RUN = (
    "dynamodb", "events", "executions", "function results", "golden", "log fields", "log values",
    "metrics", "postgresql", "problems", "quarantine messages", "redis", "responses", "s3 objects",
)  # fmt: skip
FROM_FILES: dict[str, Callable[[], Any]] = {
    "chalice settings": artefacts.chalice_settings,
    "dashboard metrics": artefacts.dashboard_metrics,
    "documented seal": artefacts.documented_seal,
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
    "chalicelib": {
        "NightOverdue", "CacheDegraded", "metric", "tracing_failed", "origin_trace", "too_large",
        "schedule", "livro-caixa/cursor/1", "livro-caixa/content/1", "livro-caixa/request/1",
        *artefacts.dashboard_metrics(),
    },
    "deploy": {
        "livro_admin", "request_id", "trace_id", "route", "method", "status",
        "latency_ms", "application_ms", "refused_by_gateway", "base_url", "token_url",
    },
    "infrastructure": {
        "livro-caixa", "livro-caixa-canary", "AccessLogArn", "client_id", "merchant_id",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def preserved(request: pytest.FixtureRequest) -> Any:
    """The snapshot, unless it is to be rewritten from what the project does now."""
    if "WRITE_PRESERVED_NAMES" in os.environ:
        record = request.getfixturevalue("recorded_run")
        names = {section: record[section] for section in FROM_A_RUN}
        names |= {section: read() for section, read in FROM_FILES.items()}
        for file, now in ((NAMES, names), (OPENAPI, openapi_shape(record["openapi"]))):
            text = json.dumps(now, indent=1, sort_keys=True, ensure_ascii=False)
            file.write_text(text + "\n", encoding="utf-8")
        pytest.fail("The snapshots are written; read the difference and run without the variable.")
    return json.loads(NAMES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("section", FROM_A_RUN)
def test_functions_write_the_preserved_names(
    section: str, preserved: Any, recorded_run: Any
) -> None:
    _assert_same(section, preserved[section], recorded_run[section])


@pytest.mark.parametrize("section", FROM_FILES)
def test_files_hold_the_preserved_names(section: str, preserved: Any) -> None:
    _assert_same(section, preserved[section], FROM_FILES[section]())


def test_the_openapi_document_keeps_its_shape(preserved: Any, recorded_run: Any) -> None:
    shape = json.loads(OPENAPI.read_text(encoding="utf-8"))
    _assert_same("openapi", shape, openapi_shape(recorded_run["openapi"]))


@pytest.mark.parametrize("folder", UNREACHED)
def test_rarely_written_names_are_in_the_source(folder: str) -> None:
    assert UNREACHED[folder] - artefacts.constants(folder) == set()


def _assert_same(section: str, expected: Any, actual: Any) -> None:
    before, now = flattened(expected), flattened(json.loads(json.dumps(actual)))
    new = set() if section in MAY_GROW else now - before
    differing = [f"- {name}" for name in before - now] + [f"+ {name}" for name in new]
    assert not differing, "\n".join([section, *sorted(differing), "Intended? " + REWRITE])
