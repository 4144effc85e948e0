"""Authorization: a missing or invalid claim never lets a request in."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from chalice.app import Request

from chalicelib.api.auth import CLOSE, READ, WRITE, authorize
from chalicelib.api.problems import ForbiddenError, UnauthenticatedError
from chalicelib.ledger.principal import Principal
from chalicelib.runtime.wiring import reset
from tests.api.requests import http_request

GOOD = {"sub": "joana", "token_use": "access", "scope": f"{READ} {WRITE}", "merchant_id": "padaria"}


def bearing(claims: Mapping[str, Any] | None, **headers: str) -> Request:
    sent = {name: [text] for name, text in headers.items()}
    return http_request(claims=claims, headers=sent)


def test_scopes_have_the_names_of_the_contract() -> None:
    assert (READ, WRITE, CLOSE) == ("livro-caixa/read", "livro-caixa/write", "livro-caixa/close")


def test_principal_carries_the_trace_header() -> None:
    header = "Root=1-67891233-abcdef012345678912345678;Sampled=1"
    principal = authorize(bearing(GOOD, **{"x-amzn-trace-id": header}), WRITE)
    assert principal == Principal("padaria", "joana", header)


def without(name: str) -> dict[str, Any]:
    return {claim: text for claim, text in GOOD.items() if claim != name}


def test_valid_token_names_merchant_and_subject() -> None:
    assert authorize(bearing(GOOD), READ) == Principal("padaria", "joana")


@pytest.mark.parametrize(
    "claims",
    [
        None,
        {},
        without("sub"),
        GOOD | {"sub": ""},
        without("token_use"),
        GOOD | {"token_use": "id"},
        without("scope"),
        GOOD | {"scope": ""},
        GOOD | {"scope": "openid email"},
        GOOD | {"scope": "livro-caixa/reader"},
        GOOD | {"scope": 7},
        GOOD | {"scope": ["livro-caixa/read"]},
    ],
)
def test_incomplete_claims_are_not_authenticated(claims: Mapping[str, Any] | None) -> None:
    with pytest.raises(UnauthenticatedError):
        authorize(bearing(claims), READ)


def test_missing_scope_is_forbidden_and_named() -> None:
    with pytest.raises(ForbiddenError, match=CLOSE):
        authorize(bearing(GOOD), CLOSE)


@pytest.mark.parametrize(
    "merchant", [None, "", "Padaria", "a b", "a" * 41, "padaria\n", "pão", 7, ["padaria"]]
)
def test_invalid_merchant_is_forbidden(merchant: Any) -> None:
    claims = GOOD | {"merchant_id": merchant} if merchant is not None else without("merchant_id")
    with pytest.raises(ForbiddenError, match="merchant"):
        authorize(bearing(claims), READ)


@pytest.fixture
def under_chalice_cli(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    monkeypatch.setenv("USER_POOL_ID", "sa-east-1_nowhere")
    reset()
    yield
    reset()


@pytest.mark.usefixtures("under_chalice_cli")
@pytest.mark.parametrize("bearer", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", "x"])
def test_chalice_local_claims_are_ignored(bearer: str | None) -> None:
    headers = {} if bearer is None else {"authorization": bearer}
    with pytest.raises(UnauthenticatedError):
        authorize(bearing(GOOD, **headers), READ)
