"""DynamoDB, S3, KMS and EventBridge for a night: they respond at once, and their calls are counted.

The table has the entries that it was given; the bucket keeps what is put into it.
"""

import base64
import json
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalicelib.ledger.entries import Entry
from chalicelib.runtime import clients, wiring
from verification.benchmarks.instant_aws import response
from verification.kit.generators import item

_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",  # bodies without chunks
    "ENTRIES_TABLE": "entries",
    "SEAL_BUCKET": "seals",
    "SIGNING_KEY_ID": "alias/night",
    "EVENT_BUS": "closed-days",
}
PAGE = 1_000
"""Number of items on a page of a scan: 1 MB of items of 1 KB."""
_KEY = "arn:aws:kms:sa-east-1:123456789012:key/night"
_BYTES = base64.b64encode(bytes(range(91))).decode()
"""As long as a public key of the curve P-256 in DER, and a little longer than a signature."""
_FIXED = {
    "Sign": {"KeyId": _KEY, "Signature": _BYTES},
    "GetPublicKey": {"KeyId": _KEY, "PublicKey": _BYTES},
    "PutEvents": {"FailedEntryCount": 0, "Entries": []},
}


class NightAws:
    """The stores of a night, and how often each operation was called: `calls`."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.calls: Counter[str] = Counter()
        self._folders: dict[str, dict[str, bytes]] = {}
        self._shards: dict[str, dict[str, Any]] = {}
        self._items: list[Any] = []
        self.add(entries)

    @property
    def entries(self) -> int:
        """The number of entries in the table."""
        return len(self._items)

    def add(self, entries: Iterable[Entry]) -> None:
        """Record entries, in the order of their days."""
        for stored in sorted(map(item, entries), key=lambda stored: stored["day_entry"]["S"]):
            of_shard = self._shards.setdefault(stored["merchant_shard"]["S"], {})
            of_shard[stored["day_entry"]["S"]] = stored
            self._items.append(stored)

    def respond(self, event_name: str, request: Any, **_: Any) -> Any:
        """Return the response to a call of one of the services."""
        operation = event_name.rsplit(".", 1)[1]
        self.calls[operation] += 1
        if operation == "Query":
            return response(self._query(json.loads(request.body)))
        if operation == "Scan":
            return response(self._scan(json.loads(request.body)))
        return response(_FIXED[operation] if operation in _FIXED else self._s3(operation, request))

    def _query(self, sent: Any) -> Any:
        values = {name: value["S"] for name, value in sent["ExpressionAttributeValues"].items()}
        of_shard = self._shards.get(values[":shard"], {})
        low = values.get(":low") or values[":day"]
        high = values.get(":high") or f"{values[':day']}~"
        keys = list(of_shard)
        matching = keys[bisect_left(keys, low) : bisect_left(keys, high)]
        items = [of_shard[key] for key in matching[: sent.get("Limit")]]
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _scan(self, sent: Any) -> Any:
        # The first segment has all items, so that its pages are full.
        start = int(sent.get("ExclusiveStartKey", {"entry_id": {"S": "0"}})["entry_id"]["S"])
        items = [] if sent["Segment"] else self._items[start : start + PAGE]
        more = {"LastEvaluatedKey": {"entry_id": {"S": str(start + PAGE)}}}
        return {"Items": items, "Count": len(items)} | (more if len(items) == PAGE else {})

    def _s3(self, operation: str, request: Any) -> bytes:
        url = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        name = unquote(url.path).removeprefix("/") or query["prefix"]
        folder = self._folders.setdefault(name.rpartition("/")[0], {})
        if operation == "GetObject":
            return folder[name]
        if operation == "PutObject":
            body = request.body
            folder[name] = body if isinstance(body, bytes) else body.read()
            return b""
        names = [each for each in folder if each.startswith(name)]
        return _listed(each for each in names if each > query.get("key-marker", ""))


def _listed(names: Iterable[str]) -> bytes:
    versions = "".join(
        f"<Version><Key>{name}</Key><VersionId>1</VersionId></Version>" for name in names
    )
    text = f"<ListVersionsResult><IsTruncated>false</IsTruncated>{versions}</ListVersionsResult>"
    return text.encode()


@contextmanager
def night_aws(entries: Iterable[Entry]) -> Iterator[NightAws]:
    """Let this process's clients respond at once, within a `with` block."""
    os.environ |= _VARIABLES
    wiring.reset()
    aws = NightAws(entries)
    for service in ("dynamodb", "s3", "kms", "events"):
        clients.aws(service).meta.events.register(f"before-send.{service}", aws.respond)
    yield aws
    wiring.reset()
