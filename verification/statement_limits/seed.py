"""Seeds a read model as projection and closings would leave it after five years (seed.sql)."""

import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from verification.benchmarks.servers import ReadModelServer
from verification.commands import VerificationError

LARGE_MERCHANT = "m0000"
_BYTES_AN_ENTRY = 2_000
"""Tables, indexes and sorts; 5,000,000 entries took 7.2 GB when all was seeded."""
_TABLES = """
    SELECT format('ALTER TABLE %s SET UNLOGGED', oid::regclass) FROM pg_class
    WHERE relnamespace = 'read_model'::regnamespace AND relkind = 'r'
"""
_INDEXES = """
    SELECT CASE WHEN conname IS NULL THEN format('DROP INDEX %s', indexrelid::regclass)
        ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', indrelid::regclass, conname) END,
        CASE WHEN conname IS NULL THEN pg_get_indexdef(indexrelid)
        ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', indrelid::regclass, conname,
            pg_get_constraintdef(pg_constraint.oid)) END
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    LEFT JOIN pg_constraint ON conindid = indexrelid
    WHERE relnamespace = 'read_model'::regnamespace AND relkind = 'r'
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is seeded; a fifth of the entries are of one merchant."""

    entries: int
    days: int = 1826
    last: date = date(2026, 11, 22)

    @property
    def merchants(self) -> int:
        """The number of merchants: 2,000, or fewer of 2,500 entries each."""
        return max(60, min(2000, self.entries // 2500))

    @property
    def large_day(self) -> date:
        """The day on which the large merchant has a fiftieth of all entries."""
        return self.last - timedelta(days=900)

    @property
    def large_day_entries(self) -> int:
        """The least entries of the large day; half of them are of one moment."""
        return self.entries // 50


def check_disk(extent: Extent, folder: Path) -> None:
    """Raise VerificationError unless the folder's disk has room for the read model."""
    needed, free = extent.entries * _BYTES_AN_ENTRY, shutil.disk_usage(folder).free
    if free < needed:
        raise VerificationError(
            f"{extent.entries:,} entries need {needed / 1e9:.1f} GB in {folder}, which has "
            f"{free / 1e9:.1f} GB free. Next: free some, or use fewer --entries"
        )


def seed(server: ReadModelServer, extent: Extent, progress: Callable[[str], None]) -> None:
    """Fill an empty read model.

    There is no write-ahead log, and indexes are made at the end, which takes half the time.
    """
    started = time.monotonic()
    with closing(server.connect()) as connection:
        indexes = connection.run(_INDEXES)
        steps = _steps(extent)
        steps["settings"] += [alter for (alter,) in connection.run(_TABLES)]
        steps["settings"] += [drop for drop, _ in indexes]
        steps["indexes"] = [create for _, create in indexes]
        steps["statistics"] = ["VACUUM (ANALYZE)"]
        for title, statements in steps.items():
            progress(f"  after {time.monotonic() - started:.0f} s: {title}")
            for statement in statements:
                connection.run(statement)
    progress(f"seeded in {time.monotonic() - started:.0f} s.")


def _steps(extent: Extent) -> dict[str, list[str]]:
    values = {
        "entries": extent.entries,
        "merchants": extent.merchants,
        "days": extent.days,
        "first": f"date '{extent.last - timedelta(days=extent.days - 1)}'",
        "large_day": f"date '{extent.large_day}'",
        "last": f"date '{extent.last}'",
    }
    text = Path(__file__).with_name("seed.sql").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f":{name}", str(value))
    steps = [step.partition("\n") for step in text.split("-- step: ")[1:]]
    return {title: list(filter(str.strip, body.split(";\n"))) for title, _, body in steps}
