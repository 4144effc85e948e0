"""`chalice local` verifies no token; there the application rejects what API Gateway rejects.

Runs on the laptop cloud's stores and user pool, with its tokens.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from local.emulator import ACCESS
from local.paths import PROJECT
from local.ports import free_port
from local.running import read_endpoints
from tests.api.conftest import Api
from tests.api.tokens import FORBIDDEN, NOT_AUTHENTICATED, Tokens
from tests.fixtures.service import Service
from tests.local.processes import until
from verification.kit.api_client import ApiClient, Transport, over_http

CHALICE = str(Path(sys.executable).with_name("chalice"))


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest,
    laptop_cloud: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Transport]:
    """What make serves, and what Chalice serves with the variables of the deployed functions."""
    paths = laptop_cloud.paths
    assert paths is not None, "This needs the laptop cloud of this machine."
    if getattr(request, "param", None) == "chalice local":
        command = [CHALICE, "local", "--no-autoreload", "--port", str(free_port(8000))]
        variables, address = ACCESS | read_endpoints(paths)["variables"], r"Serving on (\S+)"
    else:
        command = [sys.executable, "-m", "local", "chalice-local", "--parent-pid", f"{os.getpid()}"]
        variables, address = {"LIVRO_LOCAL": f"{paths.root}"}, r"by chalice local: (http://\S+)"
    environment = os.environ | variables | {"PYTHONUNBUFFERED": "1"}
    log = tmp_path_factory.mktemp("chalice-local") / "log"
    with log.open("w") as output:
        streams: Any = {"stderr": output, "stdout": output, "start_new_session": True}
        running = subprocess.Popen(command, cwd=PROJECT, env=environment, **streams)
    try:
        assert until(lambda: "Serving on http" in log.read_text(), 120), log.read_text()
        yield over_http(re.findall(address, log.read_text())[0])
    finally:
        running.terminate()
        running.wait()


@pytest.mark.parametrize("name", [*NOT_AUTHENTICATED, *FORBIDDEN, "close_alone", None])
def test_token_is_rejected_as_by_the_gateway(
    served: Transport, http_api: Api, rejected_tokens: Tokens, name: str | None
) -> None:
    token = rejected_tokens[name] if name else None
    for path in ("/v1/entries", "/v1/daily-balances/2026-11-23", f"/v1/entries/{'a' * 32}"):
        local = ApiClient(served, token).get(path)
        gateway = ApiClient(http_api.transport, token).get(path)
        assert local.is_problem(gateway.status), (path, local.text, gateway.text)
        challenge = "www-authenticate"
        assert local.headers.get(challenge) == gateway.headers.get(challenge)


def test_valid_token_reads_and_records(served: Transport, http_api: Api) -> None:
    operator = ApiClient(served, http_api.operator.token)
    entry = operator.record(description="Pão")
    for client in (operator, http_api.operator):
        assert client.get(f"/v1/entries/{entry['id']}").json == entry
    assert ApiClient(served, http_api.viewer.token).post("/v1/entries", {}).is_problem(403)
    for authorization in ("", "Bearer", f"Basic {operator.token}", str(operator.token)):
        response = ApiClient(served, None).get("/v1/entries", Authorization=authorization)
        assert response.is_problem(401)


def test_other_paths_methods_and_types_are_problems(served: Transport, http_api: Api) -> None:
    operator = ApiClient(served, http_api.operator.token)
    paths = ("/v1", "/v1/nowhere", "/v1/entries/a/b/c/d/e/f?g=h")
    for path, method in product(paths, ("GET", "OPTIONS", "POST")):
        for client in (operator, ApiClient(served, None)):
            assert client.request(method, path).is_problem(404)
    assert operator.request("PUT", "/v1/entries").is_problem(405)
    for media_type in ("text/plain", "application/octet-stream"):
        assert operator.post("/v1/entries", b"x", content_type=media_type).is_problem(415)
    assert operator.post("/v1/entries", b"\xff").is_problem(400)
    assert operator.post("/v1/entries", b" " * 300 * 1024).is_problem(413)
    preflight = operator.request("OPTIONS", "/v1/entries")
    assert preflight.headers["access-control-allow-origin"] == "*"


def test_repeated_key_is_refused_as_by_the_gateway(served: Transport, http_api: Api) -> None:
    for transport in (served, http_api.transport):
        operator = ApiClient(transport, http_api.operator.token)
        sale, again = {"type": "credit", "amount": "1.00"}, {"Idempotency-Key": "k"}
        response = operator.post("/v1/entries", sale, "k", **again)
        assert response.is_problem(400, "Idempotency-Key")


@pytest.mark.parametrize("served", ["chalice local"], indirect=True)
def test_chalice_local_by_hand_verifies_tokens(
    served: Transport, http_api: Api, rejected_tokens: Tokens
) -> None:
    operator = ApiClient(served, http_api.operator.token)
    assert http_api.operator.get(f"/v1/entries/{operator.record()['id']}").status == 200
    # Chalice's own server closes the connection on a token that is not a JWT.
    names = [name for name in NOT_AUTHENTICATED if name != "nonsense"]
    for token in (None, *(rejected_tokens[name] for name in names)):
        assert ApiClient(served, token).get("/v1/entries").is_problem(401)


@pytest.mark.parametrize("stage", [[], ["--stage", "laptop"], ["--stage", "trial"]])
def test_chalice_deploy_by_hand_names_make_deploy(stage: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
    command = [CHALICE, "deploy", *stage]
    ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=False)
    expected = b"This stage is not prepared: run `make deploy STAGE=<name>` instead.\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", expected)
