"""The example in docs/seals.md is what ledger and checker compute."""

import json
import re
from pathlib import Path
from typing import Any

import verify
from chalicelib.ledger import merkle, seals
from chalicelib.ledger.encoding import canonical_json
from tests.verify.book import pem, private_key, write

PAGE = (Path(verify.__file__).parent / "docs" / "seals.md").read_text()
KEYS, CLOSINGS, LEAVES, PROOF = map(json.loads, re.findall(r"```json\n(.*?)\n```", PAGE, re.S))
HASHES = dict(re.findall(r"^\| (.+?) \| `([0-9a-f]{64})` \|$", PAGE, re.M))


def test_example_is_valid(tmp_path: Path) -> None:
    files = {"keys.json": KEYS, "closings.json": CLOSINGS, "leaves.json": LEAVES}
    files |= {"proof.json": PROOF, "head.json": CLOSINGS["items"][0]}
    assert verify.main(write(files, tmp_path)) == 0


def test_documented_hashes_are_computed() -> None:
    hashes = seals.leaf_hashes([canonical_json(leaf) for leaf in LEAVES["items"]])
    item: dict[str, Any] = CLOSINGS["items"][0]
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
