"""The seal of a closing: what its root covers, and the digest that is signed (docs/seals.md).

One root covers everything that decides a balance. An asymmetric key signs it elsewhere: this module
returns the digest to sign and never holds a key.

    root = node(header hash, entries root), entries root = Merkle tree over the leaves
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from chalicelib.ledger.closings import BalanceLine, Changes, Closing, balance_lines
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import LivroCaixaError, NotFoundError
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.merkle import LEAF, Step, inclusion_path, node_hash, tree_root
from chalicelib.ledger.money import format_amount

FORMAT = 1
LEAF_TAG = b"livro-caixa/leaf/1\n"
# The header's prefix byte, 02, is part of its tag; a leaf's, 00, is merkle.LEAF.
MOST_NAMED = 1000
"""How many added entries a closing names, so that it fits into a response."""
HEADER_TAG = b"\x02livro-caixa/header/1\n"
STATEMENT_TAG = b"livro-caixa/statement/1\n"
SEAL_FIELDS = ("entries_root", "root", "signature", "key_id")
"""The fields of a published closing that are not part of its header."""
_NAMES = ("merchant", "day", "version", "sequence")
_PLAIN = bytes(code for code in range(32, 127) if chr(code) not in '"\\')
_QUOTES = {True: b'"' * 38, False: b'"' * 40}
"""A leaf without its plain characters, by whether `reverses` is null: the quotes of its texts."""

JsonObject = dict[str, Any]


class UnsealableError(LivroCaixaError):
    """A seal over this closing would be wrong; the message names the entry or rule."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A closing ready to be signed: header and roots to publish, and the SHA-256 `digest` to sign.

    `leaves` are the canonical JSON of the entries in the order of the tree, to be stored unchanged.
    """

    header: JsonObject
    leaves: list[bytes]
    entries_root: str
    root: str
    digest: bytes


def seal(closing: Closing, entries: Sequence[Entry]) -> Seal:
    """Return the seal of a closing over its day's entries, in any order.

    A seal is permanent, so it raises UnsealableError for an entry of another merchant or day, one
    that is listed twice or has a text with an escape; for lines that the entries do not add up to;
    and for changes or a previous root that are missing or that cannot exist.
    """
    _check_numbers(closing)
    _check_entries(closing, entries)
    leaves, header = leaves_of(entries), header_of(closing)
    root_of_entries = entries_root(leaves)
    root = closing_root(header, root_of_entries)
    digest = statement_digest({**header, "root": root})
    return Seal(header, leaves, root_of_entries.hex(), root, digest)


def closing_item(sealed: Seal, signature: str, key_id: str) -> JsonObject:
    """Return a closing as it is published: header and roots, and the signature (DER) in base64."""
    roots = {"entries_root": sealed.entries_root, "root": sealed.root}
    return {**sealed.header, **roots, "signature": signature, "key_id": key_id}


def proof_of(
    item: Mapping[str, Any],
    leaves: Sequence[bytes],
    entry_id: str,
    path_of: Callable[[int], Sequence[Step]] | None = None,
) -> JsonObject:
    """Return the published proof that a closing contains an entry; raise NotFoundError otherwise.

    `item` is the closing as published. `leaves` are all of its leaves in the order of the tree, or
    some of them with `path_of`, which returns the siblings of the leaf at an index of them.
    """
    index = _index_of(entry_id, leaves)
    if index is None:
        raise NotFoundError(f"Version {item['version']} of {item['day']} does not hold this entry.")
    header = {name: value for name, value in item.items() if name not in SEAL_FIELDS}
    path = path_of(index) if path_of else inclusion_path(leaf_hashes(leaves), index)
    above_entries: Step = ("left", header_hash(header))
    steps = [{"side": side, "hash": sibling.hex()} for side, sibling in (*path, above_entries)]
    named = {name: item[name] for name in _NAMES}
    sealed = {name: item[name] for name in SEAL_FIELDS[1:]}
    return {**named, "entry": entry_id, "leaf": json.loads(leaves[index]), "path": steps, **sealed}


def header_of(closing: Closing) -> JsonObject:
    """Return a closing's header, in the form in which it is published and hashed."""
    return {
        "format": FORMAT,
        "merchant": closing.merchant_id,
        "day": closing.day.isoformat(),
        "version": closing.version,
        "sequence": closing.sequence,
        "previous_root": closing.previous_root,
        "closed_at": format_instant(closing.closed_at),
        "entries": closing.entries,
        "balances": [_line_json(line) for line in closing.lines],
        "changes": _changes_json(closing.changes) if closing.changes else None,
        "repairs": closing.repairs,
    }


def leaves_of(entries: Iterable[Entry]) -> list[bytes]:
    """Return the leaves of a day's entries in the order of the tree: by entry id."""
    return [leaf_of(entry) for entry in sorted(entries, key=attrgetter("entry_id"))]


def leaf_of(entry: Entry) -> bytes:
    """Return an entry's leaf as canonical JSON (RFC 8785), in ASCII.

    It has everything that decides a balance, and the salted digest of the texts, never the salt.
    The fields are written one by one in the order of their names, because a day may have 100,000
    leaves. That is what a JSON encoder writes while no text needs an escape; UnsealableError if one
    does.
    """
    reverses = "null" if entry.reverses is None else f'"{entry.reverses}"'
    leaf = (
        f'{{"account":"{entry.account}",'
        f'"amount":"{format_amount(entry.amount_minor, entry.currency)}",'
        f'"currency":"{entry.currency}","day":"{entry.day.isoformat()}",'
        f'"entry":"{entry.entry_id}","occurred_at":"{entry.occurred_at}",'
        f'"recorded_at":"{format_instant(entry.recorded_at)}","reverses":{reverses},'
        f'"text_digest":"{entry.text_digest}","type":"{entry.type}"}}'
    ).encode(errors="surrogatepass")
    if leaf.translate(None, _PLAIN) != _QUOTES[entry.reverses is None]:
        raise UnsealableError(
            f"Entry {entry.entry_id!r} cannot be sealed: a field of its leaf has a character that "
            "JSON escapes, or that is not ASCII."
        )
    return leaf


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hash of each leaf."""
    sha256, prefix = hashlib.sha256, LEAF + LEAF_TAG
    return [sha256(prefix + leaf).digest() for leaf in leaves]


def entries_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaves in the order of the tree."""
    return tree_root(leaf_hashes(leaves))


def header_hash(header: Mapping[str, Any]) -> bytes:
    """Return the hash of a header: a published closing without SEAL_FIELDS."""
    return hashlib.sha256(HEADER_TAG + canonical_json(header)).digest()


def closing_root(header: Mapping[str, Any], root_of_entries: bytes) -> str:
    """Return the root over a closing's header and entries, in hexadecimal."""
    return node_hash(header_hash(header), root_of_entries).hex()


def statement_digest(sealed: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 digest that is signed (KMS: ECDSA_SHA_256, MessageType DIGEST).

    The signed statement names merchant, day, version and sequence beside the root, so that a proof
    shows whose entry it is without revealing the day's balances.
    """
    return hashlib.sha256(STATEMENT_TAG + canonical_json(statement_of(sealed))).digest()


def statement_of(sealed: Mapping[str, Any]) -> JsonObject:
    """Return the part of a closing or of a proof that is signed."""
    return {name: sealed[name] for name in (*_NAMES, "root")}


def _check_numbers(closing: Closing) -> None:
    if (closing.version == 1) != (closing.changes is None):
        raise UnsealableError("A closing must name its changes from version 2 on, and only then.")
    if (closing.sequence == 1) != (closing.previous_root is None):
        raise UnsealableError(
            "A closing must name the previous root from sequence 2 on, and only then."
        )


def _check_entries(closing: Closing, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.merchant_id != closing.merchant_id or entry.day != closing.day:
            raise UnsealableError(
                f"Entry {entry.entry_id} must be of the closing's merchant and day."
            )
    if len({entry.entry_id for entry in entries}) != len(entries):
        raise UnsealableError("A seal must cover each entry once.")
    openings = {line.key: line.opening for line in closing.lines}
    if balance_lines(entries, openings) != closing.lines:
        raise UnsealableError("A closing's lines must be what its entries add up to, in order.")


def _index_of(entry_id: str, leaves: Sequence[bytes]) -> int | None:
    if '"' in entry_id:
        return None
    field = f'"entry":"{entry_id}"'.encode()
    return next((index for index, leaf in enumerate(leaves) if field in leaf), None)


def _changes_json(changes: Changes) -> JsonObject:
    effect = [_line_json(line) for line in changes.effect]
    for line in effect:
        del line["unsealed"]
    count = len(changes.added)
    if count > MOST_NAMED:
        return {"added": None, "added_count": count, "effect": effect}
    return {"added": list(changes.added), "effect": effect}


def _line_json(line: BalanceLine) -> JsonObject:
    amounts = {
        "opening": line.opening.minor,
        "unsealed": line.opening.unsealed_minor,
        "credits": line.totals.credits_minor,
        "debits": line.totals.debits_minor,
        "closing": line.closing_minor,
    }
    texts = {name: format_amount(minor, line.currency) for name, minor in amounts.items()}
    named = {"account": line.account, "currency": line.currency}
    return {**named, **texts, "entries": line.totals.entries}
