"""Authorization: every endpoint checks the token's claims, whatever the gateway checked before."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Request

from chalicelib import observability
from chalicelib.api.http import header
from chalicelib.api.problems import ForbiddenError, UnauthenticatedError
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.text import is_slug
from chalicelib.runtime import settings

READ = "livro-caixa/read"
WRITE = "livro-caixa/write"
CLOSE = "livro-caixa/close"
SCOPES = (READ, WRITE, CLOSE)
ACCESS = "access"
_ANY_SCOPE = frozenset(SCOPES)


def authorize(request: Request, scope: str) -> Principal:
    """Return the principal of a request whose token has `scope`.

    Raises UnauthenticatedError without a verified access token that has a scope of this service,
    and ForbiddenError when the token lacks the endpoint's own scope or a merchant.
    """
    claims = _verified_claims(request)
    subject = claims.get("sub")
    granted = _scopes(claims)
    if claims.get("token_use") != ACCESS or not subject or not granted & _ANY_SCOPE:
        raise UnauthenticatedError("An access token with a scope of livro-caixa is needed.")
    if scope not in granted:
        raise ForbiddenError(f"The access token lacks the scope {scope} of this route.")
    merchant_id = claims.get("merchant_id")
    if not isinstance(merchant_id, str) or not is_slug(merchant_id):
        raise ForbiddenError("The access token names no merchant; an administrator assigns one.")
    if scope != WRITE:
        return Principal(merchant_id, str(subject))
    # Entries keep the trace header of the request that recorded them.
    origin = observability.trace_header(header(request, "x-amzn-trace-id"))
    return Principal(merchant_id, str(subject), origin)


def _verified_claims(request: Request) -> Mapping[str, Any]:
    deployed = settings.current()
    if deployed.under_chalice_cli:
        # `chalice local` verifies nothing, so the claims that it passes on are ignored.
        return _claims_of_bearer(request, deployed)
    claims: Mapping[str, Any] | None = (request.context.get("authorizer") or {}).get("claims")
    if not claims:
        raise UnauthenticatedError("An access token is needed: Authorization: Bearer <token>.")
    return claims


def _claims_of_bearer(request: Request, deployed: settings.Settings) -> Mapping[str, Any]:
    from chalicelib.identity.token_verification import InvalidTokenError, verified_claims

    scheme, _, token = (header(request, "authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("An access token is needed: Authorization: Bearer <token>.")
    try:
        return verified_claims(token.strip(), deployed)
    except InvalidTokenError as error:
        raise UnauthenticatedError(error.detail) from error


def _scopes(claims: Mapping[str, Any]) -> set[str]:
    scope = claims.get("scope")
    return set(scope.split()) if isinstance(scope, str) else set()
