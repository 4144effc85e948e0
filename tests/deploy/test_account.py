"""What an account must have for a stage, and what it keeps of its own."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.account import AccountError, check_account, shared_parameters
from deploy.aws import Aws
from infrastructure.functions import FUNCTIONS, function
from infrastructure.stages import load

STAGE = load("trial")
WANTED = sum(STAGE.size.concurrency(one) or 0 for one in FUNCTIONS)


class _NoSuchFunctionError(Exception):
    pass


class _Exceptions:
    ResourceNotFoundException = _NoSuchFunctionError


@dataclass
class Lambda:
    """An account's functions by name, with what each has reserved."""

    at_once: int
    reserved: dict[str, int] = field(default_factory=dict)
    exceptions: type = _Exceptions

    def get_account_settings(self) -> dict[str, Any]:
        left = self.at_once - sum(self.reserved.values())
        limit = {
            "ConcurrentExecutions": self.at_once,
            "UnreservedConcurrentExecutions": left,
        }
        return {"AccountLimit": limit}

    def get_function_concurrency(self, FunctionName: str) -> dict[str, int]:  # noqa: N803
        if FunctionName not in self.reserved:
            raise _NoSuchFunctionError
        return {"ReservedConcurrentExecutions": self.reserved[FunctionName]}


def aws(**clients: Any) -> Aws:
    return Aws(None, "sa-east-1", "123456789012", "aws", None, clients)


def check(at_once: int, **reserved: int) -> None:
    names = {name.replace("__", "-"): count for name, count in reserved.items()}
    check_account(aws(**{"lambda": Lambda(at_once, names)}), STAGE)


def test_an_account_with_just_enough_will_do() -> None:
    check(WANTED + 100)
    with pytest.raises(AccountError, match=f"Ask AWS for {WANTED + 100} "):
        check(WANTED + 100 - 1)


def test_what_another_stage_has_reserved_is_not_to_be_had() -> None:
    check(WANTED + 100 + 300, **{"livro-caixa-production": 300})
    with pytest.raises(AccountError, match="other functions have 300 of them reserved"):
        check(WANTED + 100 + 299, **{"livro-caixa-production": 300})


def test_what_the_stage_has_reserved_already_counts_once() -> None:
    own = {one.aws_name("trial"): STAGE.size.concurrency(one) or 0 for one in FUNCTIONS}
    check(WANTED + 100, **own)
    check(WANTED + 100, **{function("projector").aws_name("trial"): 1})


@dataclass
class Gateway:
    """API Gateway, whose logs are written by this role."""

    role: str | None

    def get_account(self) -> dict[str, str]:
        return {"cloudwatchRoleArn": self.role} if self.role else {}


@pytest.mark.parametrize(
    ("role", "whose"),
    [
        (None, "own"),
        ("arn:aws:iam::123456789012:role/livro-caixa-account-WriteLogs-1ABC", "own"),
        ("arn:aws:iam::123456789012:role/service/gateway-logs", "kept"),
        ("arn:aws:iam::123456789012:role/not-livro-caixa-account-WriteLogs-1", "kept"),
    ],
)
def test_a_role_that_api_gateway_has_already_stays(role: str | None, whose: str) -> None:
    assert shared_parameters(aws(apigateway=Gateway(role))) == {"GatewayRole": whose}
