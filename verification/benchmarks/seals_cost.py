"""Sealing and verifying a large day, compared with one SHA-256 pass over the same bytes."""

import hashlib
import json
import time
from datetime import UTC, date, datetime

import verify
from chalicelib.closing.outbox import leaves_file
from chalicelib.ledger.closings import Closing, balance_lines
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.seals import JsonObject, closing_item, entries_root, leaves_of, seal
from verification.benchmarks import Extent
from verification.benchmarks.rebuild import Book
from verification.benchmarks.results import Comparison, times
from verification.benchmarks.rounds import Contender, Measured, interleaved

DAY = date(2026, 11, 22)
SEAL = "seal the day: check its entries, write the leaves, hash them to the root"
LEAVES = "writing the leaves only"
HASH = "hash the leaves to the root"
VERIFY = "verify.py: read the published leaves, add them up, hash them to the root"
SINGLE_SHA = "one SHA-256 pass over the leaves' bytes"
CALLS = "one SHA-256 call for each leaf"


def measure(extent: Extent) -> Comparison:
    """Return what the seal of a day costs that has a tenth of the entries."""
    entries = max(1, extent.entries // 10)
    day = [entry._replace(day=DAY) for entry in Book(("padaria",), 1).entries(entries)]
    closing = Closing(
        "padaria",
        DAY,
        1,
        1,
        None,
        datetime(2026, 11, 23, 3, 10, tzinfo=UTC),
        balance_lines(day, {}),
    )
    leaves = leaves_of(day)
    whole = b"".join(leaves)
    sealed = closing_item(seal(closing, day), "", "")
    published = leaves_file(sealed, leaves)
    if entries_root(leaves).hex() != sealed["entries_root"]:
        raise RuntimeError("The root of the leaves differs from the seal's entries_root.")
    contenders = [
        Contender(SEAL, lambda: seal(closing, day)),
        Contender(LEAVES, lambda: leaves_of(day)),
        Contender(HASH, lambda: entries_root(leaves)),
        Contender(VERIFY, lambda: _verify(sealed, published)),
        Contender(CALLS, lambda: [hashlib.sha256(leaf).digest() for leaf in leaves]),
        Contender(SINGLE_SHA, lambda: hashlib.sha256(whole).digest()),
    ]
    return _comparison(day, len(whole), interleaved(contenders, extent.rounds, time.process_time))


def _verify(sealed: JsonObject, published: bytes) -> None:
    version = (sealed["merchant"], sealed["day"], str(sealed["version"]))
    if errors := list(verify.leaf_errors(version, json.loads(published)["items"], [sealed])):
        raise RuntimeError(f"verify.py must accept what was just sealed: {errors}")


def _comparison(day: list[Entry], size: int, measured: Measured) -> Comparison:
    return Comparison(
        title=f"The seal of a day with {len(day):,} entries",
        about=(
            f"CPU time over {size / 1e6:,.1f} MB of leaves (canonical JSON), with the standard "
            "library's SHA-256. A tree over n leaves hashes 2n - 1 times, hence the row with a "
            "call a leaf. Signing (one call of KMS) and verifying the signature are left out."
        ),
        columns=["", "CPU time", "entries/s", "to one pass"],
        rows=[_row(name, measured, len(day)) for name in measured.seconds],
        notes=["Seal and verification had the same root."],
    )


def _row(name: str, measured: Measured, entries: int) -> list[str]:
    seconds = measured.best(name)
    ratio = times(measured.ratio(name, SINGLE_SHA))
    return [name, f"{seconds * 1000:,.1f} ms", f"{entries / seconds:,.0f}", ratio]
