"""Authorization: a missing or invalid claim never lets a request in."""

from collections.abc import Mapping
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
    return http_request(claims=claims, headers={name: [text] for name, text in headers.items()})


def changed(**claims: Any) -> dict[str, Any]:
    """Return the good claims with these changes; None removes a claim."""
    return {name: value for name, value in {**GOOD, **claims}.items() if value is not None}


def test_principal_is_merchant_subject_and_trace() -> None:
    header = "Root=1-67891233-abcdef012345678912345678;Sampled=1"
    assert authorize(bearing(GOOD), READ) == Principal("padaria", "joana")
    traced = bearing(GOOD, **{"x-amzn-trace-id": header})
    assert authorize(traced, WRITE) == Principal("padaria", "joana", header)


@pytest.mark.parametrize(
    "claims",
    [
        None,
        {},
        *(changed(sub=subject) for subject in (None, "")),
        *(changed(token_use=token_use) for token_use in (None, "id")),
        *(changed(scope=scope) for scope in (None, "", "openid email", f"{READ}er", 7, [READ])),
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
    with pytest.raises(ForbiddenError, match="merchant"):
        authorize(bearing(changed(merchant_id=merchant)), READ)


@pytest.mark.parametrize("bearer", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", "x"])
def test_chalice_local_claims_are_ignored(
    monkeypatch: pytest.MonkeyPatch, bearer: str | None
) -> None:
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    monkeypatch.setenv("USER_POOL_ID", "sa-east-1_nowhere")
    reset()
    with pytest.raises(UnauthenticatedError):
        authorize(bearing(GOOD, **({} if bearer is None else {"authorization": bearer})), READ)
    monkeypatch.undo()
    reset()
