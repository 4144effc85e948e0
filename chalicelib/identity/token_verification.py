"""Verifies access tokens under the Chalice CLI, as API Gateway's Cognito authorizer does in AWS.

PyJWT is a development dependency; without it every token is rejected.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.runtime.settings import Settings
from chalicelib.runtime.wiring import once

if TYPE_CHECKING:
    from jwt import PyJWKClient

ALGORITHM = "RS256"
ACCESS = "access"
REQUIRED_CLAIMS = ["exp", "iat", "iss", "sub", "token_use"]
KEYS_LIFESPAN_SECONDS = 3600
KEYS_TIMEOUT_SECONDS = 2


class InvalidTokenError(LivroCaixaError):
    """The token is not a valid access token of this deployment's user pool."""


def verified_claims(bearer: str, settings: Settings) -> dict[str, str]:
    """Return the verified claims of an access token, as text, like the gateway's.

    `bearer` is the token without the word Bearer. It must be signed with RS256 by a key of this
    deployment's user pool, issued by that pool, not expired, and an access token (RFC 7519; AWS,
    "Verifying JSON web tokens"). Raises InvalidTokenError for any other token.
    """
    _require_verifier()
    claims = _signed_claims(bearer, settings)
    if claims["token_use"] != ACCESS:
        raise InvalidTokenError("This is not an access token; an ID token is not accepted.")
    return {name: _as_text(claim) for name, claim in claims.items()}


def _require_verifier() -> None:
    try:
        import cryptography  # noqa: F401
        import jwt  # noqa: F401
    except ImportError:
        raise InvalidTokenError(
            "Tokens cannot be verified: install the development dependency PyJWT[crypto]."
        ) from None


def _signed_claims(bearer: str, settings: Settings) -> dict[str, Any]:
    import jwt

    try:
        return _decoded(bearer, settings)
    except jwt.PyJWKClientConnectionError as error:
        raise InvalidTokenError("The user pool's keys are unreachable; try again soon.") from error
    except jwt.ExpiredSignatureError as error:
        raise InvalidTokenError("The access token has expired; sign in again.") from error
    # Text that is not a token raises errors of the parsers that PyJWT uses.
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise InvalidTokenError(
            "The access token was not issued by this service's user pool."
        ) from error


def _decoded(bearer: str, settings: Settings) -> dict[str, Any]:
    import jwt

    key = _pool_keys(_keys_url(settings)).get_signing_key_from_jwt(bearer)
    claims: dict[str, Any] = jwt.decode(
        bearer,
        key,
        algorithms=[ALGORITHM],
        issuer=_issuer(settings.user_pool_id),
        # Cognito's access tokens have a client_id and no audience.
        options={"require": REQUIRED_CLAIMS, "verify_aud": False},
    )
    return claims


@once
def _pool_keys(url: str) -> "PyJWKClient":
    from jwt import PyJWKClient

    return PyJWKClient(url, lifespan=KEYS_LIFESPAN_SECONDS, timeout=KEYS_TIMEOUT_SECONDS)


def _keys_url(settings: Settings) -> str:
    pool_id = settings.user_pool_id
    emulator = settings.variables.get("AWS_ENDPOINT_URL", "").rstrip("/")
    address = f"{emulator}/{pool_id}" if emulator else _issuer(pool_id)
    return f"{address}/.well-known/jwks.json"


def _issuer(pool_id: str) -> str:
    # A pool's id begins with its region.
    region = pool_id.partition("_")[0]
    return f"https://cognito-idp.{region}.amazonaws.com/{pool_id}"


def _as_text(claim: Any) -> str:
    # The gateway passes lists on as "[a b]", and numbers as digits.
    if isinstance(claim, list):
        return f"[{' '.join(str(part) for part in claim)}]"
    return str(claim)
