"""The table and the bucket of imports, in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.storage.stored_value import StoredValue


class MemoryTable:
    """The table of imports."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], tuple[Any, int]] = {}

    def get(self, merchant_id: str, name: str) -> StoredValue | None:
        stored = self.values.get((merchant_id, name))
        return stored and StoredValue(name, *stored)

    def insert(self, merchant_id: str, name: str, value: Any) -> bool:
        return self.values.setdefault((merchant_id, name), (value, 0))[0] is value

    def replace(self, merchant_id: str, name: str, value: Any, version: int) -> bool:
        if self.values[merchant_id, name][1] != version:
            return False
        self.values[merchant_id, name] = (value, version + 1)
        return True

    def put(self, merchant_id: str, values: Mapping[str, Any]) -> None:
        self.values |= {(merchant_id, name): (value, 0) for name, value in values.items()}

    def delete(self, merchant_id: str, names: Sequence[str]) -> None:
        for name in names:
            self.values.pop((merchant_id, name), None)

    def between(
        self, merchant_id: str, first: str, last: str, limit: int | None = None,
        descending: bool = False,
    ) -> list[StoredValue]:  # fmt: skip
        names = [name for owner, name in self.values if owner == merchant_id]
        names = sorted((n for n in names if first <= n <= last), reverse=descending)[:limit]
        return [StoredValue(name, *self.values[merchant_id, name]) for name in names]


class MemoryBucket:
    """The bucket of bank files."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, name: str, content: bytes) -> None:
        self.objects[name] = content

    def get(self, name: str) -> bytes | None:
        return self.objects.get(name)

    def change(self, name: str, changed: Callable[[bytes], bytes | None]) -> bool:
        content = changed(self.objects[name]) if name in self.objects else None
        if content is not None:
            self.put(name, content)
        return content is not None

    def names(self, prefix: str) -> list[str]:
        return sorted(name for name in self.objects if name.startswith(prefix))

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            self.objects.pop(name, None)
