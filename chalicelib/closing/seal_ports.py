"""The services with which a closing is signed, archived and announced."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chalicelib.storage.seal_bucket import ObjectVersion


class Signer(Protocol):
    """The key that signs closings."""

    def sign(self, digest: bytes, /) -> tuple[str, str]:
        """Return the signature (DER, base64) of a SHA-256 digest, and the id of the key."""


class Keys(Protocol):
    """The public keys of all signatures, as the bucket retains them."""

    def check(self) -> None:
        """Raise SealMismatchError where the read model has a key that the bucket lacks."""

    def get(self, key_id: str, /) -> str:
        """Return a public key in PEM; raise SealMismatchError where the bucket lacks it."""


class Archive(Protocol):
    """The bucket that retains closings and leaves; the first version of an object counts."""

    def put(self, name: str, content: bytes, /) -> None:
        """Store an object; raise SealMismatchError where the name holds other content."""

    def get(self, name: str, /) -> bytes | None:
        """Return the content of an object's first version, None where the bucket has none."""

    def versions(self, prefix: str, after: str = "", /) -> list[ObjectVersion]:
        """Return all versions of objects with a prefix, by name, the first version of each first.

        Names up to `after` are left out.
        """

    def read(self, version: ObjectVersion, /) -> bytes:
        """Return the content of a version."""


class Events(Protocol):
    """The event bus."""

    def publish(self, details: Sequence[Mapping[str, Any]], /) -> None:
        """Publish up to 10 events of closed days, all or with ConsolidationUnavailableError."""
