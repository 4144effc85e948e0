"""Entries written out as items, and their seal computed by the published rules (docs/seals.md).

Everything here is literal: attributes of the table, tags of digests, and the layout of a tree.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MERCHANT = "golden-bakery"
DAY = "2025-03-14"
ID = "a" * 32
SEAL_FIELDS = ("entries_root", "root", "signature", "key_id")


def items() -> list[dict[str, Any]]:
    """Return the two entries of the golden day, as the table holds them."""
    second = {"type": "debit", "occurred_at": f"{DAY}T09:30:00.5-03:00", "text_digest": "b" * 43}
    return [
        _item(ID, "15075", description="Venda balcão", category="sales", text_salt="salt"),
        _item("b" * 32, "2000", **second),
    ]


def late_item() -> dict[str, Any]:
    """Return an entry of the golden day that is recorded after the day was closed."""
    return _item("c" * 32, "100", recorded_at=f"{DAY}T23:00:00.000Z", reverses=ID)


def failing_item() -> dict[str, Any]:
    """Return an entry of the same day and of another merchant."""
    return _item("d" * 32, "100", merchant_id="failing-bakery")


def _item(entry_id: str, minor: str, **texts: str) -> dict[str, Any]:
    merchant = texts.get("merchant_id", MERCHANT)
    attributes = {
        "entry_id": entry_id,
        "kind": "entry",
        "merchant_id": merchant,
        "type": "credit",
        "currency": "BRL",
        "account": "main",
        "day": DAY,
        "occurred_at": f"{DAY}T12:00:00-03:00",
        "recorded_at": f"{DAY}T15:00:00.250Z",
        "recorded_by": "joana",
        "text_digest": "a" * 43,
        "request_digest": "r" * 43,
        "merchant_shard": f"{merchant}#{ord(entry_id[0]) % 4}",
        "day_entry": f"{DAY}#{entry_id}",
        **texts,
    }
    item: dict[str, Any] = {name: {"S": text} for name, text in attributes.items()}
    return {**item, "amount_minor": {"N": minor}}


def seal_names(calls: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return what was archived and signed of the golden day, held against the published rules.

    `calls` are those of S3's PutObject and KMS's Sign. Raises AssertionError where header, root or
    signed digest are not what the rules give.
    """
    files = {call["Key"]: call["Body"] for call in calls["PutObject"]}
    first = f"leaves/{MERCHANT}/0000000001.json"
    closings = [
        json.loads(body) for name, body in files.items() if name.startswith(f"closings/{MERCHANT}/")
    ]
    signed = {call["Message"] for call in calls["Sign"]}
    for closing in closings:
        header = {name: closing[name] for name in closing if name not in SEAL_FIELDS}
        root = _sha256(b"\x01", _header(header), bytes.fromhex(closing["entries_root"]))
        assert root.hex() == closing["root"]
        assert _statement(closing) in signed
    return {
        "first leaves file": files[first].decode(),
        "leaf hashes": [_leaf(leaf).hex() for leaf in json.loads(files[first])["items"]],
        "entries roots": [closing["entries_root"] for closing in closings],
        "balances": [closing["balances"] for closing in closings],
        "changes": [closing["changes"] for closing in closings],
    }


def documented_hashes() -> dict[str, Any]:
    """Return the hashes that docs/seals.md publishes, and those of its example by the rules."""
    page = (Path(__file__).parents[2] / "docs" / "seals.md").read_text(encoding="utf-8")
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", page, re.S)]
    closing = next(part for part in examples if "entries_root" in json.dumps(part))["items"][0]
    header = {name: closing[name] for name in closing if name not in SEAL_FIELDS}
    root = _sha256(b"\x01", _header(header), bytes.fromhex(closing["entries_root"]))
    return {
        "published": re.findall(r"\| `([0-9a-f]{64})` \|", page),
        "header": _header(header).hex(),
        "entries_root": closing["entries_root"],
        "root": root.hex(),
        "signed digest": _statement(closing).hex(),
    }


def _leaf(leaf: dict[str, Any]) -> bytes:
    return _sha256(b"\x00livro-caixa/leaf/1\n", _canonical(leaf))


def _header(header: dict[str, Any]) -> bytes:
    return _sha256(b"\x02livro-caixa/header/1\n", _canonical(header))


def _statement(closing: dict[str, Any]) -> bytes:
    names = ("merchant", "day", "version", "sequence", "root")
    statement = {name: closing[name] for name in names}
    return _sha256(b"livro-caixa/statement/1\n", _canonical(statement))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
