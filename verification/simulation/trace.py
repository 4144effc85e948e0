"""The trace of a story: every action, call, answer and store's content, with no name of the code.

A refactoring must leave the traces as they are, so nothing in them comes from an identifier: labels
are literals (ACTIONS in story, TRACED in wire, ports in stores, ANSWERS in merchants), and content
is what reaches a store, in the names of the wire or by position. The order of keys in a mapping and
of members in a set does not count. Texts for people alone (why a record is parked) are left out.

The digests of the first 200 seeds are saved in trace_digests.json:

    python -m tests.simulation --check-traces    replay all, and name the first seed that differs
    python -m tests.simulation --save-traces     save them again, after a deliberate change
    python -m tests.simulation --seed 7 --trace FILE    write one out, to compare two versions

Save them again only when behaviour is meant to change, in the commit that changes it. If every seed
differs, suspect a changed literal: a label, or the name of a source of chance (World.chance).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from datetime import date

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry
from chalicelib.projection.entry_changes import EntryChange


class Trace:
    """All lines of a story so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, label: str, *content: object) -> None:
        """Add a line: a literal label, and plain values."""
        self.lines.append(f"{label} {_ENCODER.encode(content)}")

    def digest(self) -> str:
        """Return the SHA-256 digest of all lines, in hexadecimal digits."""
        digest = hashlib.sha256()
        for line in self.lines:
            digest.update(f"{line}\n".encode())
        return digest.hexdigest()


def entry_sent(entry: Entry) -> dict[str, object]:
    """Return an entry's values by the names of their columns."""
    return {
        "entry_id": entry.entry_id,
        "merchant_id": entry.merchant_id,
        "type": entry.type,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "account": entry.account,
        "day": entry.day,
        "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by,
        "text_digest": entry.text_digest,
        "text_salt": entry.text_salt,
        "description": entry.description,
        "category": entry.category,
        "metadata": dict(entry.metadata),
        "reverses": entry.reverses,
        "origin": entry.origin,
    }


def changes_sent(changes: Iterable[EntryChange]) -> list[object]:
    """Return what changes bring to the read model."""
    return [
        (entry_sent(change.entry), change.occurred, change.digest, change.erased)
        for change in changes
    ]


def totals_sent(totals: Totals) -> tuple[int, int, int]:
    """Return totals as credits, debits and count."""
    return totals.credits_minor, totals.debits_minor, totals.entries


def parsed(text: str) -> object:
    """Return what a JSON text holds, so that the order of its keys does not count."""
    parsed_text: object = json.loads(text)
    return parsed_text


def _plain(content: object) -> object:
    """Return what JSON has no form for in another one; raise TypeError for any other object."""
    if isinstance(content, date):  # or a moment
        return content.isoformat()
    if isinstance(content, bytes):
        return content.decode(errors="backslashreplace")
    if isinstance(content, Mapping):
        return dict(content)
    if isinstance(content, Set):
        return sorted(content)
    raise TypeError(f"A trace holds plain values alone, and not {type(content).__name__}.")


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)
