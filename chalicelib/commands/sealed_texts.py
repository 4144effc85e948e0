"""The texts behind the digests of sealed leaves, from the ledger itself, for their owner.

With the salt, anyone to whom the owner shows them can compute the digest (docs/seals.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import text_digest, without_texts
from chalicelib.ledger.errors import TextsDifferError
from chalicelib.storage.dynamodb_items import StoredEntry, StoredItem


@dataclass(frozen=True, slots=True)
class SealedText:
    """What a `text_digest` was made from."""

    salt: str
    description: str | None
    metadata: Mapping[str, str]


def sealed_texts(
    ports: CommandPorts, merchant_id: str, digests: Mapping[str, str]
) -> dict[str, SealedText | None]:
    """Return the texts of up to 100 entries, None where they were erased, by entry id.

    `digests` are the `text_digest` of their leaves, by entry id. Raises TextsDifferError when the
    ledger holds other texts than those that were sealed, and LedgerUnavailableError.
    """
    items = ports.ledger.read(list(digests))
    return {
        entry_id: _opened(items.get(entry_id), merchant_id, entry_id, digest)
        for entry_id, digest in digests.items()
    }


def _opened(
    item: StoredItem | None, merchant_id: str, entry_id: str, digest: str
) -> SealedText | None:
    entry = item.entry if isinstance(item, StoredEntry) else None
    if entry is None or entry.merchant_id != merchant_id:
        raise _differ(entry_id)
    if entry == without_texts(entry):
        return None
    salt = entry.text_salt or ""
    if text_digest(salt, entry.description, entry.metadata) != digest:
        raise _differ(entry_id)
    return SealedText(salt, entry.description, entry.metadata)


def _differ(entry_id: str) -> TextsDifferError:
    observability.log("sealed_texts_differ", entry_id=entry_id)
    return TextsDifferError(
        f"The ledger's texts of entry {entry_id} must give the sealed text_digest, and do not, so "
        "they are not returned: they were altered after they were sealed."
    )
