"""The emulator's state between starts, and its isolation from the user's AWS settings."""

import json
from pathlib import Path

from local.emulator import _environment, forget_real_aws, forget_stream_positions


def test_only_stream_positions_are_reset(tmp_path: Path) -> None:
    path = tmp_path / "lambda.json"
    payload = {"functions": {"a": 1}, "dynamodb_stream_positions": {"mapping": 7}}
    path.write_text(json.dumps({"__ministack_format__": 2, "payload": payload}))
    forget_stream_positions(tmp_path)
    assert json.loads(path.read_text()) == {
        "__ministack_format__": 2,
        "payload": {"functions": {"a": 1}, "dynamodb_stream_positions": {}},
    }


def test_first_start_has_nothing_to_reset(tmp_path: Path) -> None:
    forget_stream_positions(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_emulator_is_strict_and_on_loopback(tmp_path: Path) -> None:
    environment = _environment(tmp_path, 4566)
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert environment["GATEWAY_PORT"] == "4566"
    assert environment["MINISTACK_COGNITO_PRETOKEN_STRICT"] == "1"


def test_users_aws_account_is_out_of_reach() -> None:
    environment = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "secret", "HTTP_PROXY": "http://p"}
    forget_real_aws(environment)
    assert "AWS_PROFILE" not in environment and "AWS_SESSION_TOKEN" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["NO_PROXY"] == "127.0.0.1,localhost"
