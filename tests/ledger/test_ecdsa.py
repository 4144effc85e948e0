"""Signatures are verified as the package `cryptography` verifies them."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.closing.aws import pem as pem_of_der
from chalicelib.ledger.ecdsa import verify
from tests.verify.book import pem, private_key, sign

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KEY = pem(private_key())
# The example of docs/seals.md; its base64 ends with two signs "=" and four spare bits.
DIGEST = bytes.fromhex("016e2b4bc40caf4059d913d323730168a659056f23c5101bed6772ec1519c399")
SIGNATURE = (
    "MEQCIDN/feCylrZcsjbzLMqxNolbtVTDzJ07gdaMX+sB00TW"
    "AiAJDrmB66OwrlHHklkeH3TayAaHyDeqejLnubhgpF7e1Q=="
)


@settings(max_examples=30)
@given(st.integers(1, ORDER - 1), st.binary(min_size=32, max_size=32))
# These keys' points are the curve's base point and its opposite: their sum is a special case.
@example(1, bytes(range(32)))
@example(ORDER - 1, bytes(range(32)))
def test_signature_of_the_key_is_verified(number: int, digest: bytes) -> None:
    signature = sign(digest, private_key(number))
    assert verify(pem(private_key(number)), digest, signature)
    assert not verify(pem(private_key(number)), DIGEST, signature)
    assert not verify(KEY, digest, signature)


def test_published_example_is_verified() -> None:
    # RFC 6979, appendix A.2.5: the signature of "sample" with SHA-256.
    r = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    point = (
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    )
    prefix = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
    key = pem_of_der(bytes.fromhex(prefix + point))
    assert verify(key, hashlib.sha256(b"sample").digest(), encoded(r, s))
    assert verify(key, hashlib.sha256(b"sample").digest(), encoded(r, ORDER - s))
    assert not verify(key, hashlib.sha256(b"test").digest(), encoded(r, s))


def encoded(r: int, s: int) -> str:
    return base64.b64encode(utils.encode_dss_signature(r, s)).decode()


def test_extreme_numbers_are_no_signature() -> None:
    r, s = utils.decode_dss_signature(base64.b64decode(SIGNATURE))
    for pair in ((0, s), (r, 0), (r + ORDER, s), (r, s + ORDER), (0, 0), (ORDER, ORDER), (1, 1)):
        assert not verify(KEY, DIGEST, encoded(*pair))


@pytest.mark.parametrize(
    "altered",
    [
        lambda text: text + "AAAA",
        lambda text: text[:-4],
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text.replace("=", ""),
        lambda text: text.replace("Q==", "R=="),
        lambda text: base64.b64encode(base64.b64decode(text) + b"\0").decode(),
        lambda text: base64.b64encode(b"\x31" + base64.b64decode(text)[1:]).decode(),
        lambda _: "",
        lambda _: "MAA=",
        lambda _: "ã",
    ],
)
def test_other_encoding_is_no_signature(altered: Any) -> None:
    assert verify(KEY, DIGEST, SIGNATURE)
    assert not verify(KEY, DIGEST, altered(SIGNATURE))


def test_other_key_verifies_nothing() -> None:
    another_curve = pem(ec.generate_private_key(ec.SECP384R1()))
    off_the_curve = KEY.replace("rQ", "rR", 1) if "rQ" in KEY else KEY.replace("7", "8", 1)
    for key in (another_curve, off_the_curve, KEY.replace("PUBLIC", "PRIVATE"), "", "no key\n"):
        assert not verify(key, DIGEST, SIGNATURE)
