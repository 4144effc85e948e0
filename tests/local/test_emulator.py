"""The emulator's state between starts, and the user's own AWS settings."""

import json
from pathlib import Path

from local.emulator import _environment, forget_real_aws, forget_stream_positions


def test_stream_positions_are_forgotten_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "lambda.json"
    payload = {"functions": {"a": 1}, "dynamodb_stream_positions": {"mapping": 7}}
    path.write_text(json.dumps({"__ministack_format__": 2, "payload": payload}))
    forget_stream_positions(tmp_path)
    assert json.loads(path.read_text()) == {
        "__ministack_format__": 2,
        "payload": {"functions": {"a": 1}, "dynamodb_stream_positions": {}},
    }


def test_a_first_start_has_nothing_to_forget(tmp_path: Path) -> None:
    forget_stream_positions(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_listens_on_loopback_and_lets_nobody_in_without_a_token(tmp_path: Path) -> None:
    environment = _environment(tmp_path, 4566)
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert environment["GATEWAY_PORT"] == "4566"
    assert environment["MINISTACK_COGNITO_PRETOKEN_STRICT"] == "1"


def test_the_users_own_account_and_proxy_are_out_of_reach() -> None:
    environment = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "secret", "HTTP_PROXY": "http://p"}
    forget_real_aws(environment)
    assert "AWS_PROFILE" not in environment and "AWS_SESSION_TOKEN" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["NO_PROXY"] == "127.0.0.1,localhost"
