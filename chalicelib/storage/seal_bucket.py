"""The bucket that retains closings: the names of its objects, and reading their first versions.

The first version of an object counts. The bucket's policy allows no second one, and retention
protects each version. So what is read stays the same, even if somebody changed the policy for a
moment.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

PAGE = 1000
"""How many versions S3 lists at once, at most."""
_LAST_NUMBER = 9_999_999_999


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
        return _in_order(version for page in pages for version in page.get("Versions", ()))

    def newest_closing(self, merchant_id: str, near: int = 0) -> ObjectVersion | None:
        """Return the first version of the merchant's last closing, None where there is none.

        `near` is the supposed number of closings. If it is right, one request finds the closing,
        else about log2(n / 1000) more, of which one lists up to 1,000 names: n is by how much it
        is wrong.
        """
        prefix, start = closings_of(merchant_id), max(near - 1, 0)
        versions, is_last = self._page(prefix, _up_to(merchant_id, start), PAGE)
        if not versions or not is_last:
            start = self._near_the_end(merchant_id, start)
            versions = self.versions(prefix, _up_to(merchant_id, start))
        return first_versions(versions)[-1] if versions else None

    def _near_the_end(self, merchant_id: str, low: int) -> int:
        """Return a number at most PAGE before that of the last closing, or 0."""

        def is_any_after(number: int) -> bool:
            after = _up_to(merchant_id, number)
            versions, is_last = self._page(closings_of(merchant_id), after, 1)
            return bool(versions) or not is_last

        step = PAGE
        while low > 0 and not is_any_after(low):
            low, step = max(low - step, 0), 2 * step
        high, step = min(low + PAGE, _LAST_NUMBER), 2 * PAGE
        while high < _LAST_NUMBER and is_any_after(high):
            low, high, step = high, min(high + step, _LAST_NUMBER), 2 * step
        while high - low > PAGE:
            middle = (low + high) // 2
            low, high = (middle, high) if is_any_after(middle) else (low, middle)
        return low

    def _page(self, prefix: str, after: str, size: int) -> tuple[list[ObjectVersion], bool]:
        """Return a page of versions after a name, and whether it is the last one."""
        page = self._client.list_object_versions(
            Bucket=self._name, Prefix=prefix, KeyMarker=after, MaxKeys=size
        )
        return _in_order(page.get("Versions", ())), not page["IsTruncated"]

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


def _up_to(merchant_id: str, sequence: int) -> str:
    """Return the name up to which closings are left out, '' for none."""
    return closing_name(merchant_id, sequence) if sequence else ""


def _in_order(listed: Iterable[Mapping[str, Any]]) -> list[ObjectVersion]:
    # S3 lists the newest version of each name first.
    versions = [ObjectVersion(each["Key"], each["VersionId"]) for each in reversed(list(listed))]
    return sorted(versions, key=lambda version: version.name)


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
