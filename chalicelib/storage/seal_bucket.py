"""The bucket that retains closings: the names of its objects, and reading their first versions.

The first version of an object counts. The bucket's policy allows no second one, and retention
protects each version; a policy that somebody changed for a moment so changes nothing that is read.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple


class ObjectVersion(NamedTuple):
    """One version of an object."""

    name: str
    version_id: str


class SealBucket:
    """Reads of the bucket, by its S3 client and its name."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def versions(self, prefix: str, after: str = "") -> list[ObjectVersion]:
        """Return all versions of objects with a prefix, by name, the first version of each first.

        Names up to `after` are left out. Delete markers hide nothing.
        """
        start = {"KeyMarker": after} if after else {}
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._name, Prefix=prefix, **start
        )
        # S3 lists the newest version of each name first.
        listed = [version for page in pages for version in page.get("Versions", ())]
        versions = [ObjectVersion(each["Key"], each["VersionId"]) for each in reversed(listed)]
        return sorted(versions, key=lambda version: version.name)

    def get(self, name: str) -> bytes | None:
        """Return the content of an object's first version, None where the bucket has none."""
        named = (version for version in self.versions(name) if version.name == name)
        first = next(named, None)
        return None if first is None else self.read(first)

    def read(self, version: ObjectVersion) -> bytes:
        """Return the content of a version."""
        where = {"Key": version.name, "VersionId": version.version_id}
        content: bytes = self._client.get_object(Bucket=self._name, **where)["Body"].read()
        return content


def first_versions(versions: Iterable[ObjectVersion]) -> list[ObjectVersion]:
    """Return the first version of each name, from SealBucket.versions()."""
    first: dict[str, ObjectVersion] = {}
    for version in versions:
        first.setdefault(version.name, version)
    return list(first.values())


def closing_name(merchant_id: str, sequence: int) -> str:
    """Return the name of a closing: closings/<merchant>/<sequence, 10 digits>.json."""
    return f"{closings_of(merchant_id)}{sequence:010d}.json"


def closings_of(merchant_id: str) -> str:
    """Return the prefix of a merchant's closings."""
    return f"closings/{merchant_id}/"


def leaves_name(merchant_id: str, entries_root: str) -> str:
    """Return the name of a closing's leaves: leaves/<merchant>/<entries root>.json.

    The name determines the content, so leaves are never replaced.
    """
    return f"leaves/{merchant_id}/{entries_root}.json"


def numbered_leaves_name(merchant_id: str, sequence: int) -> str:
    """Return the name that leaves had before: leaves/<merchant>/<sequence, 10 digits>.json.

    Of several versions, the one with the closing's entries root counts.
    """
    return f"leaves/{merchant_id}/{sequence:010d}.json"


KEYS = "keys/"
"""The prefix of public keys."""


def key_name(key_id: str) -> str:
    """Return the name of a public key: keys/<key id>.pem."""
    return f"{KEYS}{key_id}.pem"


def key_id_of(name: str) -> str:
    """Return the id of the key of that name."""
    return name.removeprefix(KEYS).removesuffix(".pem")
