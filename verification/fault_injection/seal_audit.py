"""After a drill: close what is left, and hold every closing against what was accepted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.ledger.days import business_day
from local.consolidation import close_day
from verification.fault_injection.book import Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.seals import Answered, Item, Kept, misfits, verified
from verification.fault_injection.writing import ZONE
from verification.local_cluster import Laptop


@dataclass(frozen=True, slots=True)
class SealAudit:
    """What was found: how many closings of how many days, and `faults`, which must be empty.

    `restated` are the closings that are not the first of their day.
    """

    closings: int
    days: int
    restated: int
    faults: tuple[str, ...]


def audit_seals(laptop: Laptop, book: Book, consumers: Sequence[Consumer]) -> SealAudit:
    """Close all days before today once more, and return how all closings stand."""
    last = f"{business_day(datetime.now(UTC), ZONE) - timedelta(days=1)}"
    ended = close_day(laptop.endpoints["aws_endpoint_url"], last)
    faults = [] if ended.status == "SUCCEEDED" else [f"{ended.name} ended {ended.status}"]
    closings: list[Item] = []
    for consumer in consumers:
        kept = _kept(laptop, consumer.merchant)
        closings += kept.closings
        answered = {day: _answered(consumer, day) for day in kept.newest()}
        keys = consumer.get("/v1/closings/public-keys")
        result = [
            *misfits(_accepted(book, consumer.merchant, last), kept, answered),
            *verified(consumer.merchant, keys, kept),
        ]
        faults += [f"{consumer.merchant}: {fault}" for fault in result]
    return SealAudit(
        closings=len(closings),
        days=sum(one["version"] == 1 for one in closings),
        restated=sum(closing["version"] > 1 for closing in closings),
        faults=tuple(faults),
    )


def _accepted(book: Book, merchant: str, last: str) -> dict[str, set[str]]:
    days: dict[str, set[str]] = {}
    for entry in book.entries.values():
        if entry.merchant == merchant and entry.day <= last:
            days.setdefault(entry.day, set()).add(entry.entry_id)
    return days


def _kept(laptop: Laptop, merchant: str) -> Kept:
    storage, bucket = laptop.client("s3"), laptop.endpoints["variables"]["SEAL_BUCKET"]

    def read(name: str) -> Any:
        return json.loads(storage.get_object(Bucket=bucket, Key=name)["Body"].read())

    pages = storage.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"closings/{merchant}/"
    )
    names = sorted(one["Key"] for page in pages for one in page.get("Contents", []))
    leaves = [read(name.replace("closings/", "leaves/", 1)) for name in names]
    return Kept([read(name) for name in names], leaves)


def _answered(consumer: Consumer, day: str) -> Answered:
    status = consumer.get(f"/v1/daily-balances/{day}")["status"]
    versions = consumer.get(f"/v1/closings/{day}")["items"]
    path = f"/v1/closings/{day}/{versions[0]['version']}/leaves?limit=200"
    page = consumer.get(path)
    leaves = page["items"]
    while page["next_cursor"]:
        page = consumer.get(f"{path}&cursor={page['next_cursor']}")
        leaves += page["items"]
    return Answered(status, versions, leaves)
