"""Closes all days at the end, and audits every closing, also with verify.py."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.storage.seal_bucket import leaves_name
from local.consolidation import close_day
from local.paths import PROJECT
from verification.fault_injection.client import RetryingClient
from verification.fault_injection.expected_entry import AcceptedEntries
from verification.kit.reference_model import business_day
from verification.local_cluster import LocalCluster

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SealAudit:
    """Counts of closings, of closed days, and of closings that replace an earlier version.

    `faults` must be empty.
    """

    closings: int
    days: int
    restated: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """A merchant's closings and their leaves in the bucket, in the order of the chain."""

    closings: list[Item]
    leaves: list[Item]

    def newest(self) -> dict[str, list[Item]]:
        """Return the leaves of each day's newest closing."""
        return {leaves["day"]: leaves["items"] for leaves in self.leaves}


@dataclass(frozen=True, slots=True)
class DayResponse:
    """What the API returns of a day: its status, versions, and the newest version's leaves."""

    status: str
    versions: Sequence[Item]
    leaves: Sequence[Item]


def audit_seals(
    cluster: LocalCluster, accepted: AcceptedEntries, clients: Sequence[RetryingClient]
) -> SealAudit:
    """Close all days before today once more, and audit all closings."""
    last = business_day(datetime.now(UTC)) - timedelta(days=1)
    ended = close_day(cluster.endpoints["aws_endpoint_url"], f"{last}")
    faults = [] if ended.status == "SUCCEEDED" else [f"{ended.name} ended {ended.status}"]
    closings: list[Item] = []
    for client in clients:
        archive = _archive(cluster, client.merchant)
        closings += archive.closings
        days: dict[str, set[str]] = {}
        for entry in accepted.reference.select(client.merchant, last=last):
            days.setdefault(f"{entry.day}", set()).add(entry.entry_id)
        responses = {day: _day_response(client, day) for day in archive.newest()}
        keys = client.get("/v1/closings/public-keys")
        merchant_faults = [*closing_faults(days, archive, responses)]
        head = client.get("/v1/closings/head")
        merchant_faults += checker_faults(client.merchant, keys, archive, head)
        faults += [f"{client.merchant}: {fault}" for fault in merchant_faults]
    return SealAudit(
        closings=len(closings),
        days=sum(closing["version"] == 1 for closing in closings),
        restated=sum(closing["version"] > 1 for closing in closings),
        faults=tuple(faults),
    )


def closing_faults(
    accepted: Mapping[str, set[str]], archive: Archive, responses: Mapping[str, DayResponse]
) -> Iterator[str]:
    """Yield how closings differ from the accepted entry ids, by day, and from the responses."""
    newest = archive.newest()
    yield from (f"{day} must have a closing" for day in sorted(accepted.keys() - newest.keys()))
    for day, leaves in sorted(newest.items()):
        if sorted(leaf["entry"] for leaf in leaves) != sorted(accepted.get(day, ())):
            yield f"the newest closing of {day} must hold the accepted entries of that day"
        versions = [closing for closing in archive.closings if closing["day"] == day]
        if responses[day].versions != versions[::-1] or responses[day].leaves != leaves:
            yield f"{day} must be returned as it is archived"
        if responses[day].status != "closed":
            yield f"{day} must be closed, and is {responses[day].status}"
    for closing in archive.closings:
        if closing["changes"] and closing["changes"]["added"] == []:
            name = f"version {closing['version']} of {closing['day']}"
            yield f"{name} must not exist, because nothing had changed"


def checker_faults(merchant: str, keys: Item, archive: Archive, head: Item) -> list[str]:
    """Return the failures of verify.py for all closings, leaves, the head and the keys."""
    files = {
        "keys": [keys],
        "closings": archive.closings,
        "leaves": archive.leaves,
        "head": [head],
    }
    command = [sys.executable, str(PROJECT / "verify.py"), "--merchant", merchant, "--since", "1"]
    with tempfile.TemporaryDirectory(prefix="livro-verification-") as folder:
        for option, items in files.items():
            paths = [Path(folder) / f"{option}-{number}.json" for number in range(len(items))]
            for path, item in zip(paths, items, strict=True):
                path.write_text(json.dumps(item), encoding="utf-8")
            command += [f"--{option}", *map(str, paths)]
        completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode == 0:
        return []
    failures = [line for line in completed.stdout.splitlines() if line.startswith("FAILS")]
    return failures or [f"verify.py ended {completed.returncode}: {completed.stderr[-500:]}"]


def _archive(cluster: LocalCluster, merchant: str) -> Archive:
    storage, bucket = cluster.client("s3"), cluster.endpoints["variables"]["SEAL_BUCKET"]

    def read(key: str) -> Any:
        return json.loads(storage.get_object(Bucket=bucket, Key=key)["Body"].read())

    pages = storage.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"closings/{merchant}/"
    )
    keys = sorted(item["Key"] for page in pages for item in page.get("Contents", []))
    closings = [read(key) for key in keys]
    roots = [closing["entries_root"] for closing in closings]
    return Archive(closings, [read(leaves_name(merchant, root)) for root in roots])


def _day_response(client: RetryingClient, day: str) -> DayResponse:
    status = client.get(f"/v1/daily-balances/{day}")["status"]
    versions = client.get(f"/v1/closings/{day}")["items"]
    leaves = client.items(f"/v1/closings/{day}/{versions[0]['version']}/leaves")
    return DayResponse(status, versions, leaves)
