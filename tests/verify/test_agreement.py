"""The checker and the ledger implement the format independently and must agree."""

import base64
import json
from datetime import date

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

import verify
from chalicelib.ledger import merkle, seals
from chalicelib.ledger.entries import Entry
from tests.verify.book import private_key, sign
from verification.kit.strategies import entries_of_a_day

HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=200)
TEXTS = st.text("abc-0123456789", max_size=8)
HEADERS = st.dictionaries(TEXTS, st.none() | TEXTS | st.integers(0, 2**53) | st.lists(TEXTS))


@given(HASHES)
def test_checker_builds_the_same_tree(hashes: list[bytes]) -> None:
    assert verify.tree_root(hashes) == merkle.tree_root(hashes)


@given(entries_of_a_day(date(2026, 11, 22)))
def test_checker_hashes_entries_alike(entries: list[Entry]) -> None:
    encoded = seals.leaves_of(entries)
    assert [verify.leaf_hash(json.loads(leaf)) for leaf in encoded] == seals.leaf_hashes(encoded)


@given(HEADERS)
def test_checker_hashes_headers_alike(header: seals.JsonObject) -> None:
    without_seal = {name: header[name] for name in header if name not in seals.SEAL_FIELDS}
    assert verify.header_hash(header) == seals.header_hash(without_seal)


@given(TEXTS, TEXTS, st.integers(1, 2**53), st.integers(1, 2**53), TEXTS)
def test_checker_accepts_signature_of_ledgers_digest(
    merchant: str, day: str, version: int, sequence: int, root: str
) -> None:
    item: seals.JsonObject = {"merchant": merchant, "day": day, "version": version, "key_id": "k"}
    item |= {"sequence": sequence, "root": root}
    item["signature"] = sign(seals.statement_digest(item), private_key())
    keys = {"k": private_key().public_key()}
    assert list(verify.signature_errors(item, merchant, keys)) == []
    moved = {**item, "sequence": sequence + 1}
    assert len(list(verify.signature_errors(moved, merchant, keys))) == 1


def test_digest_is_not_hashed_again() -> None:
    signature = base64.b64decode(sign(b"\x01" * 32, private_key()))
    prehashed = ec.ECDSA(utils.Prehashed(SHA256()))
    private_key().public_key().verify(signature, b"\x01" * 32, prehashed)
