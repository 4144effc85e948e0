"""The smoke test of a deployed stage: content with what is right, and with nothing else."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from deploy import up
from deploy.smoke import SmokeTestError, smoke_test
from deploy.up import Deployment, Target
from infrastructure.stages import load

PROBLEM = "application/problem+json"
Answers = dict[str, tuple[int, str, Any]]
SOUND: Answers = {
    "/health/ready": (200, "application/json", {"ledger": "up", "read_model": "up"}),
    "/openapi.json": (200, "application/json", {"openapi": "3.1.0"}),
    "/v1/entries": (401, PROBLEM, {"status": 401}),
}


@pytest.fixture
def answers() -> Answers:
    """What the stage answers by path; a test changes it."""
    return dict(SOUND)


@pytest.fixture
def base_url(answers: Answers) -> Iterator[str]:
    """A stage on loopback."""

    class Stage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, media_type, body = answers[self.path]
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Stage)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_sound_stage_passes(base_url: str) -> None:
    assert len(smoke_test(base_url, patience=0)) == 2


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/health/ready", (503, "application/json", {"ledger": "up"})),
        ("/health/ready", (200, "application/json", {"ledger": "up", "read_model": "down"})),
        ("/openapi.json", (404, PROBLEM, {})),
        ("/openapi.json", (200, "application/json", {})),
        ("/v1/entries", (200, "application/json", {"items": []})),
        ("/v1/entries", (401, "application/json", {"message": "Unauthorized"})),
    ],
)
def test_one_wrong_answer_fails_the_stage(
    base_url: str, answers: Answers, path: str, answer: tuple[int, str, Any]
) -> None:
    answers[path] = answer
    with pytest.raises(SmokeTestError, match=path):
        smoke_test(base_url, patience=0, pause=lambda _: None)


def test_a_stage_has_a_minute_to_come_up(
    base_url: str, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("deploy.smoke.time.monotonic", lambda: clock[0])
    answers["/openapi.json"] = (502, PROBLEM, {})

    def pause(seconds: float) -> None:
        clock[0] += seconds

    with pytest.raises(SmokeTestError):
        smoke_test(base_url, pause=pause)
    assert 60 < clock[0] <= 62


def test_a_deployment_ends_with_the_smoke_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(base_url: str) -> list[str]:
        raise SmokeTestError(base_url)

    monkeypatch.setattr(up, "finish", lambda *_: "the-api")
    for name in ("migrate", "deploy_observability"):
        monkeypatch.setattr(up, name, lambda *_: {})
    monkeypatch.setattr(up, "deploy_night", lambda *_: None)
    monkeypatch.setattr(up, "smoke_test", fail)
    target = Target(base_url=lambda _aws, stage, api: f"https://{api}/{stage}")
    aws: Any = type("Aws", (), {"client": lambda *_: None})()
    deployment = Deployment(load("trial"), aws, print, None, None, target)  # type: ignore[arg-type]
    with pytest.raises(SmokeTestError, match="https://the-api/trial"):
        up.complete(deployment, {})
