"""A small ledger that closes and seals days by the real rules, with a P-256 key in place of KMS."""

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.ledger import seals
from chalicelib.ledger.closings import (
    BalanceLine,
    Closing,
    LineKey,
    Opening,
    balance_lines,
    changes_between,
    lines_of,
)
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry, EntryDraft, EntryType
from chalicelib.ledger.seals import entries_root
from verification.kit import generators

KEY_ID = "4f0c2f9e-1111-4222-8333-444455556666"
Item = dict[str, Any]
Files = dict[str, Item]
"""Saved responses of the API by file name."""
Check = Callable[..., tuple[int, list[str]]]
"""Checks files by verify.py and returns the exit code and the lines printed."""


def private_key(number: int = 2026) -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key that is the same in every run."""
    return ec.derive_private_key(number, ec.SECP256R1())


def sign(digest: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    """Sign a digest as KMS does for ECDSA_SHA_256 with MessageType DIGEST."""
    raw = key.sign(digest, ec.ECDSA(utils.Prehashed(SHA256())))
    return base64.b64encode(raw).decode()


def pem(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public half in PEM."""
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()


def reseal(item: Mapping[str, Any], leaves: Iterable[Item], number: int = 2026) -> Item:
    """Return a closing with a new root and signature, as only the holder of a key can make."""
    header = {name: item[name] for name in item if name not in seals.SEAL_FIELDS}
    root_of_entries = entries_root([canonical_json(leaf) for leaf in leaves])
    root = seals.closing_root(header, root_of_entries)
    signature = sign(seals.statement_digest({**header, "root": root}), private_key(number))
    seal_fields = {"entries_root": root_of_entries.hex(), "root": root, "signature": signature}
    return {**header, **seal_fields, "key_id": item["key_id"]}


@dataclass
class Book:
    """One merchant's entries and closings; `leaves` by day and version, in the order sealed."""

    merchant_id: str
    entries: list[Entry] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    leaves: dict[tuple[str, int], list[bytes]] = field(default_factory=dict)
    sealed: dict[date, list[Entry]] = field(default_factory=dict)

    def record(
        self, day: date, kind: EntryType, minor: int, account: str = "main", currency: str = "BRL"
    ) -> Entry:
        """Record an entry at noon of its day."""
        noon = datetime.fromisoformat(f"{day}T12:00:00-03:00")
        draft = EntryDraft(kind, minor, currency, account, noon.isoformat())
        key = f"key-{len(self.entries)}"
        self.entries.append(generators.recorded_entry(draft, self.merchant_id, key, noon))
        return self.entries[-1]

    def close(self, day: date) -> Item:
        """Close and seal a day as it is now."""
        today = [entry for entry in self.entries if entry.day == day]
        lines = balance_lines(today, self._openings(day))
        before = next((i for i in reversed(self.items) if i["day"] == day.isoformat()), None)
        closing = Closing(
            merchant_id=self.merchant_id,
            day=day,
            version=before["version"] + 1 if before else 1,
            sequence=len(self.items) + 1,
            previous_root=self.items[-1]["root"] if self.items else None,
            closed_at=datetime(2026, 12, 31, 3, 10, len(self.items), tzinfo=UTC),
            lines=lines,
            changes=self._changes(day, before, lines, today) if before else None,
        )
        seal = seals.seal(closing, today)
        item = seals.closing_item(seal, sign(seal.digest, private_key()), KEY_ID)
        self.items.append(item)
        self.leaves[item["day"], item["version"]] = seal.leaves
        self.sealed[day] = today
        return item

    def _changes(
        self, day: date, before: Item, lines: tuple[BalanceLine, ...], today: list[Entry]
    ) -> Any:
        known, now = ([entry.entry_id for entry in part] for part in (self.sealed[day], today))
        return changes_between((lines_of(before), known), (lines, now))

    def _openings(self, day: date) -> dict[LineKey, Opening]:
        live: dict[LineKey, int] = defaultdict(int)
        unsealed: dict[LineKey, int] = defaultdict(int)
        for earlier in (entry for entry in self.entries if entry.day < day):
            live[earlier.account, earlier.currency] += earlier.effect_minor
            if earlier not in self.sealed.get(earlier.day, []):
                unsealed[earlier.account, earlier.currency] += earlier.effect_minor
        return {key: Opening(live[key], unsealed[key]) for key in live}


def saved_files(book: Book) -> Files:
    """Return the responses about all closings, as a third party would have saved them."""
    files: Files = {"keys.json": {"keys": {KEY_ID: pem(private_key())}}}
    for item in book.items:
        day = files.setdefault(f"closings-{item['day']}.json", {"items": []})
        day["items"].insert(0, item)
        page = {name: item[name] for name in ("merchant", "day", "version")}
        page["items"] = [json.loads(leaf) for leaf in book.leaves[item["day"], item["version"]]]
        page["next_cursor"] = None
        files[f"leaves-{item['day']}-{item['version']}.json"] = page
    files["head.json"] = book.items[-1]
    return files


def statement_of(item: Item) -> Item:
    """Return the head of a chain as the API returns it, by its newest closing."""
    names = ("merchant", "sequence", "day", "version", "root", "signature", "key_id")
    return {**{name: item[name] for name in names}, "public_key": pem(private_key())}


def write(files: Files, folder: Path) -> list[str]:
    """Write files into a folder and return the arguments that check all of them."""
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    arguments = ["--keys", str(folder / "keys.json")]
    for kind in ("closings", "leaves", "proof", "head"):
        paths = [str(folder / name) for name in files if name.startswith(kind)]
        arguments += [f"--{kind}", *paths] if paths else []
    return arguments
