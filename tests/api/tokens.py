"""Tokens that the service must reject: forged, expired, without a scope or a merchant, …"""

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

Tokens = Mapping[str, str]
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
WITH_ONE_SCOPE = ("read_alone", "close_alone")


def laptop_tokens(paths: Paths, good: str) -> Tokens:
    """Return all of them by name, made from `good`, a valid token of the laptop cloud's pool.

    The pool keeps its key on this machine, so tokens that it would never issue can be signed too.
    """
    endpoints = read_endpoints(paths)
    signer = _Signer(jwt.get_unverified_header(good), _key_of(paths, endpoints["user_pool_id"]))
    claims = _claims(good)
    head, _, seal = good.split(".")
    rival = signer.signed(claims | {"merchant_id": "rival"})
    hour_ago = int(time.time()) - 3600
    return {
        "nonsense": "nonsense",
        "unsigned": jwt.encode(claims, "", "none"),
        "altered": f"{head}.{rival.split('.')[1]}.{seal}",
        "forged": replace(signer, key=_new_key()).signed(claims),
        "expired": signer.signed(claims | {"iat": hour_ago - 3600, "exp": hour_ago}),
        "of_another_pool": _of_another_pool(paths, endpoints["aws_endpoint_url"], claims),
        "without_scope": signer.signed(claims | {"scope": "openid"}),
        "without_merchant": signer.signed(_without(claims, "merchant_id")),
        "with_an_odd_merchant": signer.signed(claims | {"merchant_id": "Padaria/*"}),
        "read_alone": signer.signed(claims | {"scope": "livro-caixa/read"}),
        "close_alone": signer.signed(claims | {"scope": "livro-caixa/close"}),
    }


@dataclass(frozen=True)
class _Signer:
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
    (kid,) = (jwk.key_id for jwk in published if jwk.key.public_numbers() == numbers)
    issuer = claims["iss"].rpartition("/")[0]
    signer = _Signer({"alg": "RS256", "kid": kid}, key)
    return signer.signed({**claims, "iss": f"{issuer}/{pool_id}"})


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
