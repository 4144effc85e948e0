"""Leaves: how an entry stands under the seal of its day, and as which bytes it is hashed."""

import hashlib
from collections.abc import Iterable
from operator import attrgetter

from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.merkle import LEAF, tree_root
from chalicelib.ledger.money import format_amount

LEAF_TAG = b"livro-caixa/leaf/1\n"
_PLAIN = bytes(code for code in range(32, 127) if chr(code) not in '"\\')
_QUOTES = {True: b'"' * 38, False: b'"' * 40}
"""What is left of a leaf without its plain characters: ten names and, but for `reverses`, texts."""


class Unsealable(LivroCaixaError):
    """What was handed in has no place under this seal; the message names the entry or line."""


def leaves_of(entries: Iterable[Entry]) -> list[bytes]:
    """Return the leaves of a day's entries in the order of the tree: by entry id."""
    return [leaf_of(entry) for entry in sorted(entries, key=attrgetter("entry_id"))]


def leaf_of(entry: Entry) -> bytes:
    """Return what stands of an entry under the seal, as canonical JSON (RFC 8785), in ASCII.

    It holds all that decides a balance, and the texts by their salted digest; the salt never.
    Written out field by field in the order of their names: a day may have 100,000 leaves. No text
    may need an escape, so a JSON encoder gives the same bytes; Unsealable for one that would.
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
        raise Unsealable(f"Entry {entry.entry_id!r} must have plain ASCII texts to be sealed.")
    return leaf


def entries_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaves in the order of the tree."""
    return tree_root(leaf_hashes(leaves))


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hash of each leaf."""
    sha256, prefix = hashlib.sha256, LEAF + LEAF_TAG
    return [sha256(prefix + leaf).digest() for leaf in leaves]
