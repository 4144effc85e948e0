"""Tokens verified without a gateway, by the keys of a user pool that are served over HTTP."""

import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.identity.token_verification import InvalidTokenError, verified_claims
from chalicelib.runtime.settings import Settings
from verification.kit.http_server import Received, Sent, serving

POOL = "us-east-1_TestPool"
ISSUER = f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}"
KEY_ID = "the-key"
DEEP = base64.urlsafe_b64encode(b"[" * 60_000).decode()
Sign = Callable[..., str]


@pytest.fixture(scope="module")
def pool_key() -> rsa.RSAPrivateKey:
    return new_key()


@pytest.fixture(scope="module")
def pool(pool_key: rsa.RSAPrivateKey) -> Iterator[Settings]:
    """The settings of a deployment whose pool publishes one key on loopback."""
    with serving_keys(published(pool_key)) as settings:
        yield settings


@pytest.fixture
def sign(pool_key: rsa.RSAPrivateKey) -> Sign:
    def signed(key: Any = pool_key, algorithm: str = "RS256", **changes: Any) -> str:
        claims = {name: claim for name, claim in (good_claims() | changes).items() if claim != ...}
        return jwt.encode(claims, key, algorithm, headers={"kid": KEY_ID})

    return signed


def good_claims() -> dict[str, Any]:
    now = int(time.time())
    return {
        "sub": "a-subject", "iss": ISSUER, "token_use": "access", "client_id": "people",
        "iat": now, "exp": now + 60, "scope": "livro-caixa/read livro-caixa/write",
        "merchant_id": "padaria", "cognito:groups": ["viewer", "operator"],
    }  # fmt: skip


def published(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@contextmanager
def serving_keys(*keys: dict[str, Any]) -> Iterator[Settings]:
    """Return the settings of a deployment whose pool has these keys, within a `with` block."""

    def respond(request: Received) -> Sent:
        exists = request.path == f"/{POOL}/.well-known/jwks.json"
        return Sent(200 if exists else 404, {"keys": keys})

    with serving(respond) as url:
        yield Settings({"USER_POOL_ID": POOL, "AWS_ENDPOINT_URL": url})


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_valid_token_returns_claims_as_text(pool: Settings, sign: Sign) -> None:
    claims = verified_claims(sign(), pool)
    assert claims["merchant_id"] == "padaria"
    assert claims["scope"] == "livro-caixa/read livro-caixa/write"
    assert claims["cognito:groups"] == "[viewer operator]"
    assert claims["exp"].isdigit()
    assert "merchant_id" not in verified_claims(sign(merchant_id=...), pool)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 1},
        {"iss": ISSUER.replace("TestPool", "OtherPool")},
        {"iss": "https://issuer.example/us-east-1_TestPool"},
        {"token_use": "id", "aud": "people", "client_id": ...},
        {"token_use": "refresh"},
        {"iat": int(time.time()) + 3600},
        {"exp": "never"},
        *({name: ...} for name in ("exp", "iat", "iss", "sub", "token_use")),
    ],
    ids=" ".join,
)
def test_token_with_another_claim_is_rejected(
    changes: dict[str, Any], pool: Settings, sign: Sign
) -> None:
    with pytest.raises(InvalidTokenError):
        verified_claims(sign(**changes), pool)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "RS256"])
def test_claims_without_their_signature_are_rejected(
    algorithm: str, pool: Settings, sign: Sign
) -> None:
    signature = sign().rpartition(".")[2] if algorithm == "RS256" else ""
    claims = part(good_claims() | {"merchant_id": "rival"})
    forged = f"{part({'alg': algorithm, 'kid': KEY_ID})}.{claims}.{signature}"
    with pytest.raises(InvalidTokenError):
        verified_claims(forged, pool)


def test_public_key_is_not_a_shared_secret(pool: Settings, pool_key: rsa.RSAPrivateKey) -> None:
    pem = pool_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': KEY_ID})}.{part(good_claims())}"
    seal = base64.urlsafe_b64encode(hmac.digest(pem, signed.encode(), hashlib.sha256))
    with pytest.raises(InvalidTokenError):
        verified_claims(f"{signed}.{seal.rstrip(b'=').decode()}", pool)


@pytest.mark.parametrize("kid", [KEY_ID, "mine"])
def test_only_the_pools_key_signs(pool: Settings, kid: str) -> None:
    own = new_key()
    token = jwt.encode(good_claims(), own, "RS256", headers={"kid": kid, "jwk": published(own)})
    with pytest.raises(InvalidTokenError):
        verified_claims(token, pool)


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(
    "bearer",
    [
        *("", ".", "..", "a.b.c", "not a token", "ção.ção.ção"),
        f"{part([])}.{part({})}.",
        f"{part({'alg': 'RS256', 'kid': 7})}.{part({})}.AA",
        f"{part({'alg': 'RS256', 'kid': ['the-key']})}.{part({})}.AA",
        f"{part({'alg': 'RS256', 'kid': KEY_ID})}.{part([1])}.AA",
        f"{DEEP}.e30.AA",
        f"{part({'alg': 'RS256', 'kid': KEY_ID})}.{DEEP}.AA",
    ],
    ids=lambda bearer: bearer[:30],
)
def test_other_text_is_rejected(bearer: str, pool: Settings) -> None:
    with pytest.raises(InvalidTokenError, match=r"^The access token .*\.$"):
        verified_claims(bearer, pool)


def test_unreachable_keys_reject_every_token(sign: Sign) -> None:
    with serving_keys() as unreachable:
        pass
    with pytest.raises(InvalidTokenError, match="unreachable"):
        verified_claims(sign(), unreachable)


@pytest.mark.parametrize("absent", ["jwt", "cryptography"])
def test_missing_verifier_rejects_every_token(
    absent: str, pool: Settings, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign()
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(InvalidTokenError, match=r"install the development .* PyJWT\[crypto\]"):
        verified_claims(token, pool)


def test_keys_are_fetched_once(pool: Settings, pool_key: rsa.RSAPrivateKey, sign: Sign) -> None:
    with serving_keys(published(pool_key)) as settings:
        verified_claims(sign(), settings)
    assert verified_claims(sign(), settings)["merchant_id"] == "padaria"
