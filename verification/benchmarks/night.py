"""A whole night in memory: the real code over seeded merchants, every effect counted.

python -m benchmarks.night [merchants] [entries of a day]     10,000 and 50, on two days, if absent
"""

import base64
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from chalicelib.closing.consolidate import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import Ports
from chalicelib.closing.ranges import Range, plan
from chalicelib.closing.tasks import summarize
from verification.benchmarks.seeded_books import SeededBooks
from verification.benchmarks.seeded_ledger import SeededLedger

DAY = date(2026, 11, 22)
EARLIER = date(2026, 9, 30)
RUN = "2026-11-22-0"


@dataclass
class Effects:
    """How often each operation was called, and how many bytes went into the bucket."""

    calls: Counter[str] = field(default_factory=Counter)
    archived_bytes: int = 0

    def counting(self, name: str, effect: Callable[..., Any]) -> Callable[..., Any]:
        """Return the operation, counted."""

        def counted(*arguments: Any) -> Any:
            self.calls[name] += 1
            return effect(*arguments)

        return counted

    def archive(self, _name: str, content: bytes) -> None:
        """Count the bytes of an object and keep nothing of it."""
        self.archived_bytes += len(content)


def main(arguments: list[str]) -> None:
    """Run a night and print what it took."""
    merchants, entries = (int(argument) for argument in (*arguments, "10000", "50")[:2])
    started = time.perf_counter()
    summary, effects = night(SeededLedger(merchants, entries, (EARLIER, DAY)))
    seconds = time.perf_counter() - started
    total = 2 * merchants * entries
    print(f"{summary} from {total:,} entries in {seconds:.1f} s")
    print(f"{total / seconds:,.0f} entries a second; archived {effects.archived_bytes:,} bytes")
    for name, calls in effects.calls.most_common():
        print(f"{calls / merchants:10.2f} {name} a merchant")


def night(ledger: SeededLedger) -> tuple[Mapping[str, int], Effects]:
    """Return the summary of a night that closes all days of a ledger, and its effects."""
    effects, books = Effects(), SeededBooks(ledger)
    ports = _ports(ledger, books, effects)
    outcomes = [_through(ports, part) for part in plan(ports.read_model, None)]
    return summarize(books, RUN, outcomes), effects


def _ports(ledger: SeededLedger, books: SeededBooks, effects: Effects) -> Ports:
    ports: dict[str, object] = {
        "ledger": ledger,
        "read_model": books,
        "signer": SimpleNamespace(sign=lambda digest: (base64.b64encode(digest).decode(), "seed")),
        "verifier": SimpleNamespace(verify=lambda *_: True),
        "archive": SimpleNamespace(
            put=effects.archive, replace=effects.archive, get=lambda _name: None
        ),
        "events": SimpleNamespace(publish=lambda _: None),
    }
    counted: dict[str, Any] = {name: _Counted(name, ports[name], effects) for name in ports}
    return Ports(
        **counted,
        repair=effects.counting("repair", lambda *_: None),
        clock=lambda: datetime(2026, 11, 23, 3, 10, tzinfo=UTC),
    )


def _through(ports: Ports, part: Range) -> dict[str, Any]:
    progress = Progress(None, Counts())
    while True:
        progress = run_pass(ports, ConsolidationRun(RUN, DAY), part, progress)
        if progress.next_after is None:
            return {**_told(progress.counts), "error": None}


def _told(counts: Counts) -> dict[str, int]:
    return {"merchants": counts.merchants, "failed": counts.failed}


class _Counted:
    def __init__(self, prefix: str, counted: object, effects: Effects) -> None:
        self._prefix = prefix
        self._object = counted
        self._effects = effects

    def __getattr__(self, name: str) -> Any:
        return self._effects.counting(f"{self._prefix}.{name}", getattr(self._object, name))


if __name__ == "__main__":
    main(sys.argv[1:])
