"""`chalice local` verifies no token; there the application rejects what API Gateway rejects.

Runs on the laptop cloud's stores and user pool, with its tokens.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
def served(laptop_cloud: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transport]:
    """What `make chalice-local` serves."""
    assert laptop_cloud.paths is not None, "This needs the laptop cloud of this machine."
    command = [sys.executable, "-m", "local", "chalice-local", "--parent-pid", str(os.getpid())]
    place = {"LIVRO_LOCAL": str(laptop_cloud.paths.root)}
    log = tmp_path_factory.mktemp("chalice-local") / "log"
    with server(command, place, log, r"by chalice local: (http://\S+)") as transport:
        yield transport


@pytest.fixture
def by_hand(laptop_cloud: Service, tmp_path: Path) -> Iterator[Transport]:
    """What Chalice's own `chalice local` serves, with the variables of the deployed functions."""
    assert laptop_cloud.paths is not None
    command = [CHALICE, "local", "--no-autoreload", "--port", str(free_port(8000))]
    variables = ACCESS | read_endpoints(laptop_cloud.paths)["variables"]
    with server(command, variables, tmp_path / "log", r"Serving on (\S+)") as transport:
        yield transport


@contextmanager
def server(
    command: list[str], variables: dict[str, str], log: Path, address: str
) -> Iterator[Transport]:
    """Run a server of the project until the end; its output has the base URL."""
    environment = os.environ | variables | {"PYTHONUNBUFFERED": "1"}
    with log.open("w") as output:
        running = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stderr=output,
            stdout=output,
            start_new_session=True,
        )
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


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nowhere", "/v1/entries/a/b/c/d/e/f?g=h"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_unknown_path_is_not_found(
    served: Transport, http_api: Api, method: str, path: str
) -> None:
    for token in (None, http_api.operator.token):
        assert ApiClient(served, token).request(method, path).is_problem(404)


def test_other_methods_and_types_are_problems(served: Transport, http_api: Api) -> None:
    operator = ApiClient(served, http_api.operator.token)
    assert operator.request("PUT", "/v1/entries").is_problem(405)
    for media_type in ("text/plain", "application/octet-stream"):
        assert operator.post("/v1/entries", b"x", content_type=media_type).is_problem(415)
    assert operator.post("/v1/entries", b"\xff").is_problem(400)
    assert operator.post("/v1/entries", b" " * 300 * 1024).is_problem(413)
    preflight = operator.request("OPTIONS", "/v1/entries")
    assert preflight.headers["access-control-allow-origin"] == "*"


def test_chalice_local_by_hand_verifies_tokens(
    by_hand: Transport, http_api: Api, rejected_tokens: Tokens
) -> None:
    operator = ApiClient(by_hand, http_api.operator.token)
    assert operator.get("/health").json == {"status": "ok"}
    entry = operator.record()
    assert http_api.operator.get(f"/v1/entries/{entry['id']}").json == entry
    # Chalice's own server closes the connection on a token that is not a JWT.
    names = [name for name in NOT_AUTHENTICATED if name != "nonsense"]
    for token in (None, *(rejected_tokens[name] for name in names)):
        assert ApiClient(by_hand, token).get("/v1/entries").is_problem(401)


@pytest.mark.parametrize("stage", [[], ["--stage", "laptop"], ["--stage", "trial"]])
def test_chalice_deploy_by_hand_names_make_deploy(stage: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
    command = [CHALICE, "deploy", *stage]
    ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=False)
    expected = b"This stage is not prepared: run `make deploy STAGE=<name>` instead.\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", expected)
