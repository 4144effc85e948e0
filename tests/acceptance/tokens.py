"""Tokens that must be refused: forged, expired, of another pool, without scope or merchant."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.emulator import aws_client
from local.paths import Paths
from local.running import read_endpoints

MadeUp = Mapping[str, str]
NOT_AUTHENTICATED = (
    "nonsense",
    "unsigned",
    "altered",
    "forged",
    "expired",
    "of_another_pool",
    "without_scope",
)
FORBIDDEN = ("without_merchant", "with_an_odd_merchant")
OF_ONE_SCOPE = ("read_alone", "close_alone")


def made_on_laptop(paths: Paths, good: str) -> MadeUp:
    """Return them all, by name; `good` is a token of the pool, to be changed.

    The pool of the laptop cloud keeps its key on this machine, so even a token that the pool would
    never issue can be signed as it would.
    """
    endpoints = read_endpoints(paths)
    forge = _Forge(jwt.get_unverified_header(good), _key_of(paths, endpoints["user_pool_id"]))
    claims = _claims(good)
    head, _, seal = good.split(".")
    rival = forge.signed(claims | {"merchant_id": "rival"})
    hour_ago = int(time.time()) - 3600
    return {
        "nonsense": "nonsense",
        "unsigned": jwt.encode(claims, "", "none"),
        "altered": f"{head}.{rival.split('.')[1]}.{seal}",
        "forged": replace(forge, key=_new_key()).signed(claims),
        "expired": forge.signed(claims | {"iat": hour_ago - 3600, "exp": hour_ago}),
        "of_another_pool": _of_another_pool(paths, endpoints["aws_endpoint_url"], claims),
        "without_scope": forge.signed(claims | {"scope": "openid"}),
        "without_merchant": forge.signed(_without(claims, "merchant_id")),
        "with_an_odd_merchant": forge.signed(claims | {"merchant_id": "Padaria/*"}),
        "read_alone": forge.signed(claims | {"scope": "livro-caixa/read"}),
        "close_alone": forge.signed(claims | {"scope": "livro-caixa/close"}),
    }


@dataclass(frozen=True)
class _Forge:
    header: dict[str, Any]
    key: RSAPrivateKey

    def signed(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self.key, "RS256", self.header)


def _of_another_pool(paths: Paths, endpoint: str, claims: Mapping[str, Any]) -> str:
    made = aws_client(endpoint, "cognito-idp").create_user_pool(PoolName="another")
    pool_id = made["UserPool"]["Id"]
    published = jwt.PyJWKClient(f"{endpoint}/{pool_id}/.well-known/jwks.json").get_signing_keys()
    key = _key_of(paths, pool_id)
    numbers = key.public_key().public_numbers()
    (kid,) = (one.key_id for one in published if one.key.public_numbers() == numbers)
    issuer = claims["iss"].rpartition("/")[0]
    forge = _Forge({"alg": "RS256", "kid": kid}, key)
    return forge.signed({**claims, "iss": f"{issuer}/{pool_id}"})


def _key_of(paths: Paths, pool_id: str) -> RSAPrivateKey:
    path = paths.emulator / "state" / "cognito-pool-keys" / f"{pool_id}-access.pem"
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _without(claims: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {claim: said for claim, said in claims.items() if claim != name}
