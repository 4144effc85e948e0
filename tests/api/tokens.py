"""Tokens that the service must reject: forged, expired, without a scope or a merchant, …"""

import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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


def laptop_tokens(paths: Paths, good: str) -> Tokens:
    """Return all of them by name, made from `good`, a valid token of the laptop cloud's pool.

    The pool keeps its key on this machine, so tokens that it would never issue can be signed too.
    """
    header = jwt.get_unverified_header(good)
    file = f"{read_endpoints(paths)['user_pool_id']}-access.pem"
    pem = (paths.emulator / "state" / "cognito-pool-keys" / file).read_bytes()
    key: Any = load_pem_private_key(pem, password=None)
    claims = jwt.decode(good, options={"verify_signature": False})

    def signed(by: Any = key, without: str = "", **changes: Any) -> str:
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
        "of_another_pool": signed(iss=f"{claims['iss']}x"),
        "without_scope": signed(scope="openid"),
        "without_merchant": signed(without="merchant_id"),
        "with_an_odd_merchant": signed(merchant_id="Padaria/*"),
        "close_alone": signed(scope="livro-caixa/close"),
    }
