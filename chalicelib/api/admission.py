"""Who may pass: the token's claims, judged on every route, whatever the gateway did before."""

from collections.abc import Mapping
from typing import Any

from chalicelib.api.exchange import WebRequest
from chalicelib.ledger.errors import ForbiddenError, UnauthenticatedError
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.text import is_slug
from chalicelib.runtime import settings

READ = "livro-caixa/read"
WRITE = "livro-caixa/write"
CLOSE = "livro-caixa/close"
SCOPES = (READ, WRITE, CLOSE)
ACCESS = "access"


def admit(request: WebRequest, scope: str) -> Principal:
    """Return who asks, when the token reaches as far as `scope`.

    Raises UnauthenticatedError without a proven access token that has any scope of this service, and
    ForbiddenError when it lacks the route's own scope or a merchant.
    """
    claims = _proven_claims(request)
    subject = claims.get("sub")
    granted = _scopes(claims)
    if claims.get("token_use") != ACCESS or not subject or not granted & set(SCOPES):
        raise UnauthenticatedError("An access token with a scope of livro-caixa is needed.")
    if scope not in granted:
        raise ForbiddenError(f"The access token lacks the scope {scope}, which this route demands.")
    merchant_id = claims.get("merchant_id")
    if not isinstance(merchant_id, str) or not is_slug(merchant_id):
        raise ForbiddenError("The access token names no merchant; an administrator assigns one.")
    return Principal(merchant_id, str(subject))


def _proven_claims(request: WebRequest) -> Mapping[str, Any]:
    deployed = settings.current()
    if deployed.under_chalice_cli:
        # `chalice local` believes any claim, so what it hands in counts for nothing.
        from chalicelib.identity.token_verification import verified_claims

        return verified_claims(_bearer(request), deployed)
    if not request.claims:
        raise UnauthenticatedError("An access token is needed: Authorization: Bearer <token>.")
    return request.claims


def _bearer(request: WebRequest) -> str:
    scheme, _, token = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("An access token is needed: Authorization: Bearer <token>.")
    return token.strip()


def _scopes(claims: Mapping[str, Any]) -> set[str]:
    scope = claims.get("scope")
    return set(scope.split()) if isinstance(scope, str) else set()
