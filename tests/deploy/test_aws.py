"""Whether an account has room for a stage, and which of its resources are not replaced."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.aws import AccountError, Aws, check_account, shared_parameters
from infrastructure.functions import FUNCTIONS, function
from infrastructure.stages import load

STAGE = load("trial")
WANTED = sum(STAGE.size.concurrency(fn) or 0 for fn in FUNCTIONS)


class _NoSuchFunctionError(Exception):
    pass


@dataclass
class Lambda:
    """An account with this concurrency, and what functions have reserved of it by name."""

    concurrency: int
    reserved: dict[str, int] = field(default_factory=dict)
    exceptions = SimpleNamespace(ResourceNotFoundException=_NoSuchFunctionError)

    def get_account_settings(self) -> dict[str, Any]:
        unreserved = self.concurrency - sum(self.reserved.values())
        limit = {"ConcurrentExecutions": self.concurrency}
        return {"AccountLimit": limit | {"UnreservedConcurrentExecutions": unreserved}}

    def get_function_concurrency(self, FunctionName: str) -> dict[str, int]:  # noqa: N803
        if FunctionName not in self.reserved:
            raise _NoSuchFunctionError
        return {"ReservedConcurrentExecutions": self.reserved[FunctionName]}


def aws(**clients: Any) -> Aws:
    return Aws(None, "sa-east-1", "123456789012", "aws", None, clients)


def check(concurrency: int, reserved: dict[str, int] | None = None) -> None:
    check_account(aws(**{"lambda": Lambda(concurrency, reserved or {})}), STAGE)


def test_account_needs_the_stages_concurrency() -> None:
    check(WANTED + 100)
    with pytest.raises(AccountError, match=f"Request {WANTED + 100} from AWS"):
        check(WANTED + 99)


def test_other_stages_reservations_are_unavailable() -> None:
    check(WANTED + 400, {"livro-caixa-production": 300})
    with pytest.raises(AccountError, match="other functions have reserved 300"):
        check(WANTED + 399, {"livro-caixa-production": 300})


def test_own_reservations_count_once() -> None:
    check(WANTED + 100, {fn.aws_name("trial"): STAGE.size.concurrency(fn) or 0 for fn in FUNCTIONS})
    check(WANTED + 100, {function("projector").aws_name("trial"): 1})


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
    account = {"cloudwatchRoleArn": role} if role else {}
    gateway = SimpleNamespace(get_account=lambda: account)
    assert shared_parameters(aws(apigateway=gateway)) == {"GatewayRole": parameter}
