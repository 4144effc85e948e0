"""The public keys of all signatures, from the bucket, and not from PostgreSQL or KMS."""

from typing import Protocol

from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.seal_ports import Archive
from chalicelib.storage.seal_bucket import KEYS, first_versions, key_id_of


class KeyTable(Protocol):
    """The public keys that the API returns."""

    def public_keys(self) -> dict[str, str]:
        """Return the public keys (PEM) by their ids."""

    def store_key(self, key_id: str, public_key: str) -> None:
        """Store a public key, in PEM, unless the key is stored already."""


class BucketKeys:
    """The keys as the bucket holds them, read once, and again for an id that was not among them.

    The table of keys, which the API returns, is compared with them at each reading. Keys that it
    lacks are added to it.
    """

    def __init__(self, archive: Archive, table: KeyTable) -> None:
        self._archive = archive
        self._table = table
        self._keys: dict[str, str] | None = None

    def check(self) -> None:
        """Raise SealMismatchError where the table has a key that the bucket lacks."""
        if self._keys is None:
            self._keys = self._read()

    def get(self, key_id: str) -> str:
        """Return a public key in PEM; raise SealMismatchError where the bucket lacks it."""
        if self._keys is None or key_id not in self._keys:
            self._keys = self._read()
        if key_id not in self._keys:
            raise SealMismatchError(
                f"The public key {key_id} must be in the bucket, where each key is stored before "
                "its first signature is used."
            )
        return self._keys[key_id]

    def _read(self) -> dict[str, str]:
        stored = self._table.public_keys()  # first, because the bucket has each key first
        in_bucket = {
            key_id_of(version.name): self._archive.read(version).decode()
            for version in first_versions(self._archive.versions(KEYS))
        }
        for key_id, public_key in stored.items():
            if in_bucket.get(key_id) != public_key:
                raise SealMismatchError(
                    f"Key {key_id} in signing_keys must be the key of that id in the bucket; "
                    "nothing is sealed until it is removed."
                )
        for key_id in in_bucket.keys() - stored.keys():
            self._table.store_key(key_id, in_bucket[key_id])
        return in_bucket
