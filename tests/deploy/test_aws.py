"""Which resources of an account are not replaced."""

from types import SimpleNamespace

import pytest

from deploy.aws import Aws, shared_parameters


@pytest.mark.parametrize(
    ("role", "parameter"),
    [
        (None, "own"),
        ("arn:aws:iam::123456789012:role/livro-caixa-account-WriteLogs-1ABC", "own"),
        ("arn:aws:iam::123456789012:role/service/gateway-logs", "kept"),
        ("arn:aws:iam::123456789012:role/not-livro-caixa-account-WriteLogs-1", "kept"),
    ],
)
def test_existing_gateway_role_is_not_replaced(role: str | None, parameter: str) -> None:
    settings = {"cloudwatchRoleArn": role} if role else {}
    gateway = SimpleNamespace(get_account=lambda: settings)
    account = Aws(None, "sa-east-1", "123456789012", "aws", None, {"apigateway": gateway})
    assert shared_parameters(account) == {"GatewayRole": parameter}
