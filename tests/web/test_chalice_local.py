"""`chalice local` verifies no token by itself; the application refuses there what the gateway does.

Runs on the laptop cloud's stores and user pool, with its tokens.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.paths import PROJECT
from tests.acceptance.consumer import Consumer
from tests.acceptance.tokens import FORBIDDEN, NOT_AUTHENTICATED, MadeUp, made_on_laptop
from tests.fixtures.service import Service

SECONDS_TO_START = 120


@pytest.fixture(scope="module")
def chalice_local(laptop_cloud: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of `chalice local`."""
    assert laptop_cloud.paths is not None, "This needs the laptop cloud of this machine."
    log = tmp_path_factory.mktemp("chalice-local") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "local", "chalice-local", "--parent-pid", str(os.getpid())],
            cwd=PROJECT,
            env=os.environ | {"LIVRO_LOCAL": str(laptop_cloud.paths.root)},
            stderr=output,
            stdout=output,
            start_new_session=True,
        )
    try:
        yield _served_at(log)
    finally:
        server.terminate()
        server.wait()


def _served_at(log: Path) -> str:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        text = log.read_text()
        response = re.search(r"by chalice local: (http://\S+)", text)
        if response and "Serving on" in text:
            return response[1]
        threading.Event().wait(0.05)
    raise RuntimeError(f"chalice local did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def refused(laptop_cloud: Service) -> MadeUp:
    """Tokens that must be refused, by name."""
    assert laptop_cloud.paths is not None
    return made_on_laptop(laptop_cloud.paths, laptop_cloud.token("accountant"))


@pytest.mark.parametrize("name", [*NOT_AUTHENTICATED, *FORBIDDEN, "close_alone", None])
def test_a_token_is_refused_as_the_gateway_refuses_it(
    chalice_local: str, laptop_cloud: Service, refused: MadeUp, name: str | None
) -> None:
    token = refused[name] if name else None
    for path in ("/v1/entries", "/v1/daily-balances/2026-11-23", f"/v1/entries/{'a' * 32}"):
        here = Consumer(chalice_local, token).get(path)
        there = Consumer(laptop_cloud.base_url, token).get(path)
        assert here.is_problem(there.status), (path, here.text, there.text)
        assert here.headers.get("www-authenticate") == there.headers.get("www-authenticate")


def test_a_word_that_is_not_bearer_is_refused(chalice_local: str, laptop_cloud: Service) -> None:
    token = laptop_cloud.token("operator")
    for said in ("", "Bearer", f"Basic {token}", token):
        request = Consumer(chalice_local, None).get("/v1/entries", Authorization=said)
        assert request.is_problem(401)


def test_a_good_token_reads_and_records(chalice_local: str, laptop_cloud: Service) -> None:
    operator = Consumer(chalice_local, laptop_cloud.token("operator"))
    entry = operator.record(description="Pão")
    assert operator.get(f"/v1/entries/{entry['id']}").json == entry
    deployed = Consumer(laptop_cloud.base_url, operator.token)
    assert deployed.get(f"/v1/entries/{entry['id']}").json == entry
    viewer = Consumer(chalice_local, laptop_cloud.token("viewer"))
    assert viewer.post("/v1/entries", {}).is_problem(403)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nowhere", "/v1/entries/a/b/c/d/e/f?g=h"])
def test_a_path_that_is_not_there_is_not_found(
    chalice_local: str, laptop_cloud: Service, path: str
) -> None:
    for token in (None, laptop_cloud.token("operator")):
        assert Consumer(chalice_local, token).get(path).is_problem(404)


def test_other_methods_and_types_are_refused_as_problems(
    chalice_local: str, laptop_cloud: Service
) -> None:
    operator = Consumer(chalice_local, laptop_cloud.token("operator"))
    assert operator.ask("PUT", "/v1/entries").is_problem(405)
    sale = {"type": "credit", "amount": "1.00"}
    assert operator.post("/v1/entries", sale, content_type="text/plain").is_problem(415)
    assert operator.post("/v1/entries", b"\xff").is_problem(400)
    assert operator.post("/v1/entries", b" " * 300 * 1024).is_problem(413)
    octets = operator.post("/v1/entries", b"x", content_type="application/octet-stream")
    assert octets.is_problem(415)
    preflight = operator.ask("OPTIONS", "/v1/entries")
    assert preflight.headers["access-control-allow-origin"] == "*"
