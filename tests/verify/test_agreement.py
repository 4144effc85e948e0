"""The checker, the ledger and the example in docs/seals.md must agree about the format."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import verify
from chalicelib.ledger import merkle, seals
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry, text_digest
from tests.verify.book import pem, private_key, write
from verification.kit.strategies import entries_of_a_day

PAGE = (Path(verify.__file__).parent / "docs" / "seals.md").read_text()
KEYS, CLOSINGS, LEAVES, PROOF = map(json.loads, re.findall(r"```json\n(.*?)\n```", PAGE, re.S))
HASHES = dict(re.findall(r"^\| (.+?) \| `([0-9a-f]{64})` \|$", PAGE, re.M))

HASH_LISTS = st.lists(st.binary(min_size=32, max_size=32), max_size=200)
TEXTS = st.text("abc-0123456789", max_size=8)
HEADERS = st.dictionaries(TEXTS, st.none() | TEXTS | st.integers(0, 2**53) | st.lists(TEXTS))


@given(HASH_LISTS)
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


def test_example_is_valid(tmp_path: Path) -> None:
    files = {"keys.json": KEYS, "closings.json": CLOSINGS, "leaves.json": LEAVES}
    files |= {"proof.json": PROOF, "head.json": CLOSINGS["items"][0]}
    assert verify.main(write(files, tmp_path)) == 0


def test_signature_has_one_encoding() -> None:
    item: seals.JsonObject = CLOSINGS["items"][0]
    keys = {item["key_id"]: private_key().public_key()}
    assert item["signature"].endswith("1Q==")  # with four spare bits
    other = {**item, "signature": item["signature"].replace("1Q==", "1R==")}
    results = [list(verify.signature_errors(each, "padaria", keys)) for each in (item, other)]
    assert results == [[], ["its signature is not the base64 of its bytes"]]


def test_documented_code_computes_the_digest() -> None:
    (code,) = re.findall(r"```python\n(.*?)\n```", PAGE, re.S)
    names: dict[str, Any] = {}
    exec(code, names)
    for description, metadata in ((None, {}), ("Pão 🥖", {"b": '"ç"', "a": "1"})):
        text = {"salt": "c2FsdA", "description": description, "metadata": metadata}
        assert names["text_digest"](text) == text_digest("c2FsdA", description, metadata)


def test_documented_hashes_are_computed() -> None:
    hashes = seals.leaf_hashes([canonical_json(leaf) for leaf in LEAVES["items"]])
    item: seals.JsonObject = CLOSINGS["items"][0]
    header = {name: item[name] for name in item if name not in seals.SEAL_FIELDS}
    assert {
        "leaf 1": hashes[0].hex(),
        "leaf 2": hashes[1].hex(),
        "leaf 3": hashes[2].hex(),
        "node over leaves 1 and 2": merkle.node_hash(hashes[0], hashes[1]).hex(),
        "header": seals.header_hash(header).hex(),
        "what is signed": seals.statement_digest(item).hex(),
    } == HASHES


def test_documented_private_key_is_right() -> None:
    assert list(KEYS["keys"].values()) == [pem(private_key(2026))]
