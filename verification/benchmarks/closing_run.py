"""Close two days of many merchants by the real code over stores in memory, and count its calls."""

import argparse
import base64
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

from chalicelib.closing.consolidate import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import Keys, Ports
from chalicelib.closing.ranges import Range, plan
from chalicelib.closing.tasks import summarize
from chalicelib.storage.seal_bucket import ObjectVersion
from verification.benchmarks.seeded_stores import SeededLedger, SeededReadModel

DAY = date(2026, 11, 22)
EARLIER = date(2026, 9, 30)
RUN = "2026-11-22-0"


@dataclass
class Effects:
    """Calls of each operation, and bytes archived."""

    calls: Counter[str] = field(default_factory=Counter)
    archived_bytes: int = 0
    newest: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Of each merchant's closings, by their prefix, the name and content of the newest."""

    def counting(self, name: str, effect: Callable[..., Any]) -> Callable[..., Any]:
        """Return the operation with its calls counted."""

        def counted(*arguments: Any) -> Any:
            self.calls[name] += 1
            return effect(*arguments)

        return counted

    def put(self, name: str, content: bytes) -> None:
        """Count an object's bytes, and keep each merchant's newest closing."""
        self.archived_bytes += len(content)
        if name.startswith("closings/"):
            self.newest[name[: name.rindex("/") + 1]] = name, content

    def versions(self, prefix: str, _after: str = "") -> list[ObjectVersion]:
        """Return the newest closing of a merchant."""
        return [ObjectVersion(self.newest[prefix][0], prefix)] if prefix in self.newest else []

    def read(self, version: ObjectVersion) -> bytes:
        """Return the content of a merchant's newest closing."""
        return self.newest[version.version_id][1]


def main() -> None:
    """Close the days and print the calls."""
    parser = argparse.ArgumentParser(
        prog="python -m verification.benchmarks.closing_run", description=__doc__
    )
    parser.add_argument("--merchants", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=50, help="entries per merchant and day")
    arguments = parser.parse_args()
    merchants, entries = arguments.merchants, arguments.entries
    started = time.perf_counter()
    summary, effects = close_days(SeededLedger(merchants, entries, (EARLIER, DAY)))
    seconds = time.perf_counter() - started
    total = 2 * merchants * entries
    print(f"{summary} from {total:,} entries in {seconds:.1f} s")
    print(f"{total / seconds:,.0f} entries a second; archived {effects.archived_bytes:,} bytes")
    for name, calls in effects.calls.most_common():
        print(f"{calls / merchants:10.2f} {name} a merchant")


def close_days(ledger: SeededLedger) -> tuple[Mapping[str, int], Effects]:
    """Return the summary of a run that closes all days of a ledger, and its effects."""
    effects, read_model = Effects(), SeededReadModel(ledger)
    ports = _ports(ledger, read_model, effects)
    outcomes = [_closed(ports, part) for part in plan(ports.read_model, None)]
    return summarize(read_model, RUN, outcomes), effects


def _ports(ledger: SeededLedger, read_model: SeededReadModel, effects: Effects) -> Ports:
    ports: dict[str, object] = {
        "ledger": ledger,
        "read_model": read_model,
        "signer": SimpleNamespace(sign=lambda digest: (base64.b64encode(digest).decode(), "seed")),
        "archive": SimpleNamespace(put=effects.put, versions=effects.versions, read=effects.read),
        "events": SimpleNamespace(publish=lambda _: None),
    }
    counted: dict[str, Any] = {name: _Counted(name, ports[name], effects) for name in ports}
    return Ports(
        **counted,
        keys=cast(Keys, SimpleNamespace(check=lambda: None, get=lambda _key_id: "")),
        repair=effects.counting("repair", lambda *_: None),
        clock=lambda: datetime(2026, 11, 23, 3, 10, tzinfo=UTC),
    )


def _closed(ports: Ports, part: Range) -> dict[str, Any]:
    progress = Progress(None, Counts())
    while True:
        progress = run_pass(ports, ConsolidationRun(RUN, DAY), part, progress)
        if progress.next_after is None:
            counts = progress.counts
            return {"merchants": counts.merchants, "failed": counts.failed, "error": None}


class _Counted:
    def __init__(self, prefix: str, operations: object, effects: Effects) -> None:
        self._prefix = prefix
        self._operations = operations
        self._effects = effects

    def __getattr__(self, name: str) -> Any:
        return self._effects.counting(f"{self._prefix}.{name}", getattr(self._operations, name))


if __name__ == "__main__":
    main()
