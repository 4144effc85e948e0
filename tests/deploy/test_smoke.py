"""The smoke test of a stage passes with the right responses and no others."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy import up
from deploy.smoke import SmokeTestError, smoke_test
from deploy.up import Deployment, Target
from infrastructure.stages import load
from verification.kit.http_server import Sent, serving

PROBLEM = "application/problem+json"
Responses = dict[str, Sent]
RIGHT: Responses = {
    "/health/ready": Sent(200, {"ledger": "up", "read_model": "up"}),
    "/openapi.json": Sent(200, {"openapi": "3.1.0"}),
    "/v1/entries": Sent(401, {"status": 401}, PROBLEM),
    "/": Sent(200, "<!doctype html>", "text/html; charset=utf-8"),
}


@pytest.fixture
def responses() -> Responses:
    """The stage's responses by path, which a test may change."""
    return dict(RIGHT)


@pytest.fixture
def base_url(responses: Responses) -> Iterator[str]:
    """The address of a stage with these responses."""
    with serving(lambda request: responses[request.path]) as url:
        yield url


def test_right_responses_pass(base_url: str) -> None:
    assert len(smoke_test(base_url, patience=0)) == 3


@pytest.mark.parametrize(
    ("path", "response"),
    [
        ("/health/ready", Sent(503, {"ledger": "up"})),
        ("/health/ready", Sent(200, {"ledger": "up", "read_model": "down"})),
        ("/openapi.json", Sent(404, {}, PROBLEM)),
        ("/openapi.json", Sent(200, {})),
        ("/v1/entries", Sent(200, {"items": []})),
        ("/v1/entries", Sent(401, {"message": "Unauthorized"})),
        ("/", Sent(200, {"message": "Internal server error"})),
        ("/", Sent(502, "<!doctype html>", "text/html")),
    ],
)
def test_wrong_response_fails(
    base_url: str, responses: Responses, path: str, response: Sent
) -> None:
    responses[path] = response
    with pytest.raises(SmokeTestError, match=path):
        smoke_test(base_url, patience=0, pause=lambda _: None)


def test_stage_has_a_minute_to_start(
    base_url: str, responses: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("deploy.smoke.time.monotonic", lambda: clock[0])
    responses["/openapi.json"] = Sent(502, {}, PROBLEM)

    with pytest.raises(SmokeTestError):
        smoke_test(base_url, pause=lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    assert 60 < clock[0] <= 62


def test_deployment_ends_with_the_smoke_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(base_url: str) -> list[str]:
        raise SmokeTestError(base_url)

    for name in ("allow_sign_in", "migrate", "deploy_observability", "deploy_state_machines"):
        monkeypatch.setattr(up, name, lambda *_: {})
    monkeypatch.setattr(up, "set_remaining_settings", lambda *_: "the-api")
    monkeypatch.setattr(up, "smoke_test", fail)
    target = Target(base_url=lambda _aws, stage, api: f"https://{api}/{stage}")
    aws: Any = type("Aws", (), {"client": lambda *_: None})()
    deployment = Deployment(load("trial"), aws, print, None, None, target)  # type: ignore[arg-type]
    with pytest.raises(SmokeTestError, match="https://the-api/trial"):
        up.complete(deployment, {})
