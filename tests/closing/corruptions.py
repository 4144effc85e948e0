"""Alterations of a read model by hand, and checks that it and its closings are right."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import verify
from chalicelib.closing.differences import agree
from chalicelib.closing.ranges import SweepLane
from tests.fixtures.night import BUCKET, YESTERDAY, NightWorld
from tests.fixtures.plain_sums import entry_ids, expected, held
from tests.verify.book import KEY_ID, pem, private_key, write

LONG_AGO = YESTERDAY - timedelta(days=200)
TODAY = YESTERDAY + timedelta(days=1)

_DAY = "WHERE merchant_id = :merchant AND day = :day"
_BANK = f"{_DAY} AND account = 'bank'"
_MONTH = (
    "UPDATE month_totals SET debits_minor = debits_minor + 1"
    " WHERE merchant_id = :merchant AND month = date_trunc('month', date :day)"
)
_YEAR = (
    "UPDATE year_totals SET debits_minor = debits_minor + 1"
    " WHERE merchant_id = :merchant AND year = date_trunc('year', date :day)"
)
CORRUPTIONS = {
    "row deleted": f"DELETE FROM entries {_BANK}",
    "amount altered": f"UPDATE entries SET amount_minor = amount_minor + 1 {_BANK}",
    "time altered": f"UPDATE entries SET occurred_at = '2001-01-01T00:00:00Z' {_BANK}",
    "instant altered": f"UPDATE entries SET occurred_instant = '2001-01-01Z' {_BANK}",
    "instant infinite": f"UPDATE entries SET occurred_instant = 'infinity' {_BANK}",
    "category altered": f"UPDATE entries SET category = 'wages' {_BANK}",
    "recorder altered": f"UPDATE entries SET recorded_by = 'somebody else' {_BANK}",
    "description altered": f"UPDATE entries SET description = 'forged' {_BANK}",
    "description removed": f"UPDATE entries SET description = NULL {_BANK}",
    "search altered": f"UPDATE entries SET search_text = 'forged' {_BANK}",
    "metadata altered": f"UPDATE entries SET metadata = '{{\"nsu\": 7.5}}' {_BANK}",
    "digest altered": f"UPDATE entries SET content_digest = 'none' {_BANK}",
    "entry doubled": "INSERT INTO entries SELECT translate(md5(entry_id), '0189', 'wxyz'),"
    " merchant_id, type, amount_minor, currency, account, day, occurred_at, occurred_instant,"
    " recorded_at, recorded_by, category, description, search_text, metadata, reverses,"
    f" text_digest, content_digest FROM entries {_BANK}",
    "entry moved": f"UPDATE entries SET day = day - 1 {_BANK}",
    "entry given away": f"UPDATE entries SET merchant_id = 'thief-of-' || merchant_id {_BANK}",
    "day total": f"UPDATE day_totals SET credits_minor = credits_minor + 1 {_BANK}",
    "day total gone": f"DELETE FROM day_totals {_DAY}",
    "day total invented": "INSERT INTO day_totals VALUES (:merchant, 'JPY', :day, 'main', 1, 0, 1)",
    "category total": f"UPDATE category_totals SET entries = entries + 1 {_DAY}",
    "month total": _MONTH,
    "year total": _YEAR,
    "month and year alike": f"{_MONTH}; {_YEAR}",
}


def corrupt(world: NightWorld, corruption: str, day: date = YESTERDAY) -> None:
    world.corrupt(CORRUPTIONS[corruption], merchant=world.merchant, day=day)


def is_right(world: NightWorld) -> bool:
    """Return whether read model and ledger agree in every entry and total."""
    merchants = [world.merchant, f"thief-of-{world.merchant}"]
    entries = world.ledger.entries
    if entry_ids(world.database, merchants) != set(entries):
        return False
    rows = world.read_model.rows(list(entries))
    same = all(agree(entry, rows[key]) for key, entry in entries.items())
    return same and held(world.database, merchants) == expected(entries.values())


def whole_night(world: NightWorld, day: date) -> dict[str, int]:
    """Run all ranges of a night, the sweep included; return the summary."""
    return world.run([world.merchants, *map(SweepLane, range(4))], day)


def checked(world: NightWorld, folder: Path, *heads: Mapping[str, Any]) -> int:
    """Return the exit code of verify.py over everything in the bucket, and further heads."""
    files: dict[str, Any] = {"keys.json": {"keys": {KEY_ID: pem(private_key())}}}
    for name, content in world.bucket.items() - BUCKET.items():
        files[name.replace(f"/{world.merchant}/", "-")] = json.loads(content)
    files["head.json"] = files[max(name for name in files if name.startswith("closings"))]
    files |= {f"head-{number}.json": head for number, head in enumerate(heads)}
    return verify.main(write(files, folder))
