"""Who may pass: every claim that is missing or odd keeps its bearer out."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.api.admission import CLOSE, READ, WRITE, Principal, admit
from chalicelib.api.exchange import WebRequest
from chalicelib.ledger.errors import ForbiddenError, UnauthenticatedError
from chalicelib.runtime import settings

GOOD = {"sub": "joana", "token_use": "access", "scope": f"{READ} {WRITE}", "merchant_id": "padaria"}


def bearing(claims: Mapping[str, Any] | None, **headers: str) -> WebRequest:
    sent = {name: [text] for name, text in headers.items()}
    return WebRequest("GET", "/", "/", "r", claims=claims, headers=sent)


def without(name: str) -> dict[str, Any]:
    return {claim: text for claim, text in GOOD.items() if claim != name}


def test_a_good_token_tells_merchant_and_subject() -> None:
    assert admit(bearing(GOOD), READ) == Principal("padaria", "joana")


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
def test_who_is_not_known_is_not_authenticated(claims: Mapping[str, Any] | None) -> None:
    with pytest.raises(UnauthenticatedError):
        admit(bearing(claims), READ)


def test_a_token_with_another_scope_of_the_service_is_refused_by_the_scope_it_lacks() -> None:
    with pytest.raises(ForbiddenError, match=CLOSE):
        admit(bearing(GOOD), CLOSE)


@pytest.mark.parametrize(
    "merchant", [None, "", "Padaria", "a b", "a" * 41, "padaria\n", "pão", 7, ["padaria"]]
)
def test_a_token_without_a_merchant_by_the_rules_is_refused(merchant: Any) -> None:
    claims = GOOD | {"merchant_id": merchant} if merchant is not None else without("merchant_id")
    with pytest.raises(ForbiddenError, match="merchant"):
        admit(bearing(claims), READ)


@pytest.fixture
def under_chalice_cli(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    monkeypatch.setenv("USER_POOL_ID", "sa-east-1_nowhere")
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


@pytest.mark.usefixtures("under_chalice_cli")
@pytest.mark.parametrize("bearer", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", "x"])
def test_under_chalice_local_handed_in_claims_count_for_nothing(bearer: str | None) -> None:
    headers = {} if bearer is None else {"authorization": bearer}
    with pytest.raises(UnauthenticatedError):
        admit(bearing(GOOD, **headers), READ)
