"""Who a bearer token speaks for, proven here because `chalice local` has no gateway that would.

Used under Chalice's command line alone; in AWS the gateway's Cognito authorizer does it. PyJWT is a
development dependency: without it every token is refused.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.runtime.settings import Settings

if TYPE_CHECKING:
    from jwt import PyJWKClient

ALGORITHM = "RS256"
ACCESS = "access"
DEMANDED_CLAIMS = ["exp", "iat", "iss", "sub", "token_use"]
KEYS_LIFESPAN_SECONDS = 3600
KEYS_TIMEOUT_SECONDS = 2


class InvalidTokenError(LivroCaixaError):
    """The token is not a valid access token of this deployment's user pool."""


def verified_claims(bearer: str, settings: Settings) -> dict[str, str]:
    """Return the claims of an access token, as text like the gateway's, once all of it is proven.

    `bearer` is the token without the word Bearer. Proven are: signed with RS256 by a key of this
    deployment's user pool, issued by that pool, not expired, and an access token (RFC 7519; AWS,
    "Verifying JSON web tokens"). Raises InvalidTokenError for everything else.
    """
    _demand_verifier()
    claims = _signed_claims(bearer, settings)
    if claims["token_use"] != ACCESS:
        raise InvalidTokenError("This is no access token; send the access token, not the ID token.")
    return {name: _as_text(claim) for name, claim in claims.items()}


def _demand_verifier() -> None:
    try:
        import cryptography  # noqa: F401
        import jwt  # noqa: F401
    except ImportError:
        raise InvalidTokenError(
            "No token can be verified here: install the development dependency PyJWT[crypto]."
        ) from None


def _signed_claims(bearer: str, settings: Settings) -> dict[str, Any]:
    import jwt

    try:
        return _decoded(bearer, settings)
    except jwt.PyJWKClientConnectionError as error:
        raise InvalidTokenError("The user pool's keys are out of reach; try again soon.") from error
    except jwt.ExpiredSignatureError as error:
        raise InvalidTokenError("The access token has expired; sign in again.") from error
    # What is no token at all fails in the parsers under PyJWT.
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise InvalidTokenError(
            "The access token is not one of this service's user pool."
        ) from error


def _decoded(bearer: str, settings: Settings) -> dict[str, Any]:
    import jwt

    key = _pool_keys(_keys_url(settings)).get_signing_key_from_jwt(bearer)
    claims: dict[str, Any] = jwt.decode(
        bearer,
        key,
        algorithms=[ALGORITHM],
        issuer=_issuer(settings.user_pool_id),
        # Access tokens of Cognito name a client_id and no audience.
        options={"require": DEMANDED_CLAIMS, "verify_aud": False},
    )
    return claims


@lru_cache(maxsize=4)
def _pool_keys(url: str) -> "PyJWKClient":
    from jwt import PyJWKClient

    return PyJWKClient(url, lifespan=KEYS_LIFESPAN_SECONDS, timeout=KEYS_TIMEOUT_SECONDS)


def _keys_url(settings: Settings) -> str:
    pool_id = settings.user_pool_id
    emulator = settings.variables.get("AWS_ENDPOINT_URL", "").rstrip("/")
    place = f"{emulator}/{pool_id}" if emulator else _issuer(pool_id)
    return f"{place}/.well-known/jwks.json"


def _issuer(pool_id: str) -> str:
    # A pool's id begins with its region, so no other setting is needed.
    region = pool_id.partition("_")[0]
    return f"https://cognito-idp.{region}.amazonaws.com/{pool_id}"


def _as_text(claim: Any) -> str:
    # The gateway hands lists on as "[a b]", and numbers by their digits.
    if isinstance(claim, list):
        return f"[{' '.join(str(part) for part in claim)}]"
    return str(claim)
