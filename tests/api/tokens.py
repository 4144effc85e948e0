"""Tokens that the service must reject: forged, expired, without a scope or a merchant, …"""

import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.emulator import aws_client
from local.paths import Paths
from local.running import read_endpoints

Tokens = Mapping[str, str]
Claims = dict[str, Any]
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
    header = jwt.get_unverified_header(good)
    key = _key_of(paths, endpoints["user_pool_id"])
    claims: Claims = jwt.decode(good, options={"verify_signature": False})

    def signed(by: RSAPrivateKey = key, without: str = "", **changes: Any) -> str:
        sent = {name: value for name, value in {**claims, **changes}.items() if name != without}
        return jwt.encode(sent, by, "RS256", header)

    head, _, signature = good.split(".")
    hour_ago = int(time.time()) - 3600
    return {
        "nonsense": "nonsense",
        "unsigned": jwt.encode(claims, "", "none"),
        "altered": f"{head}.{signed(merchant_id='rival').split('.')[1]}.{signature}",
        "forged": signed(generate_private_key(public_exponent=65537, key_size=2048)),
        "expired": signed(iat=hour_ago - 3600, exp=hour_ago),
        "of_another_pool": _of_another_pool(paths, endpoints["aws_endpoint_url"], claims),
        "without_scope": signed(scope="openid"),
        "without_merchant": signed(without="merchant_id"),
        "with_an_odd_merchant": signed(merchant_id="Padaria/*"),
        "read_alone": signed(scope="livro-caixa/read"),
        "close_alone": signed(scope="livro-caixa/close"),
    }


def _of_another_pool(paths: Paths, endpoint: str, claims: Claims) -> str:
    made = aws_client(endpoint, "cognito-idp").create_user_pool(PoolName="another")
    pool_id = made["UserPool"]["Id"]
    published = jwt.PyJWKClient(f"{endpoint}/{pool_id}/.well-known/jwks.json").get_signing_keys()
    key = _key_of(paths, pool_id)
    numbers = key.public_key().public_numbers()
    (kid,) = (jwk.key_id for jwk in published if jwk.key.public_numbers() == numbers)
    issuer = claims["iss"].rpartition("/")[0]
    return jwt.encode({**claims, "iss": f"{issuer}/{pool_id}"}, key, "RS256", {"kid": kid})


def _key_of(paths: Paths, pool_id: str) -> RSAPrivateKey:
    path = paths.emulator / "state" / "cognito-pool-keys" / f"{pool_id}-access.pem"
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key
