"""What a night takes for a merchant without entries, one with thirty, and the sweep for an entry.

From these, the time and cost of a night of a million merchants are calculated.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from chalicelib.closing import wiring
from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import Ports
from chalicelib.closing.ranges import MerchantRange, Range, SweepLane
from chalicelib.closing.read_model import ClosingStore
from chalicelib.ledger.entries import Entry
from chalicelib.projection import rebuild
from chalicelib.projection.writer import Writer
from chalicelib.storage.postgres import Connections, Session
from verification.benchmarks import Extent
from verification.benchmarks.cpu_time import cost_of
from verification.benchmarks.night_arithmetic import Measured, comparison
from verification.benchmarks.night_aws import NightAws, night_aws
from verification.benchmarks.results import Comparison
from verification.benchmarks.rounds import silence_logs
from verification.benchmarks.servers import ReadModelServer, read_model_server
from verification.kit.generators import change, entry

DAY = date(2026, 11, 22)
NEW, OLD, SHOP = "new", "old", "shop"
"""How names of merchants begin: a month and ten years old without entries, and with entries."""
MONTHS_OF_TEN_YEARS = 120
_BATCH = 1_000
Result = TypeVar("Result")


class CountedConnections(Connections):
    """Connections that count the statements that are sent."""

    calls = 0

    def use(self, work: Callable[[Session], Result]) -> Result:
        """Count and do the work."""
        self.calls += 1
        return super().use(work)


@dataclass(frozen=True, slots=True)
class NightStage:
    """A read model and stores of AWS with merchants that are closed up to the day before."""

    server: ReadModelServer
    aws: NightAws
    merchants: Mapping[str, int]


def measure(extent: Extent) -> Comparison:
    """Return what each kind of merchant takes, and the night that follows from it."""
    merchants = {
        NEW: max(1, min(500, extent.entries // 100)),
        OLD: max(1, min(50, extent.entries // 100)),
        SHOP: max(1, min(200, extent.entries // 100)),
    }
    months = min(MONTHS_OF_TEN_YEARS, extent.entries)
    with read_model_server() as server, silence_logs():
        before = list(_history(merchants, months))
        with night_aws(before) as aws:
            stage = NightStage(server, aws, merchants)
            _project(stage, before)
            everybody = MerchantRange("", None)
            closer = ClosingStore(server.connections("livro_closer"))
            _run(closer, DAY - timedelta(1), everybody)
            server.administrate("ANALYZE")
            # The second round counts: the first one also loads modules and fills caches.
            rounds = [{name: _idle(stage, name) for name in (NEW, OLD)} for _ in range(2)]
            return comparison({**rounds[-1], SHOP: _shops(stage)}, _sweep(stage), months)


def _history(merchants: Mapping[str, int], months: int) -> Iterator[Entry]:
    for kind, apart, days in ((NEW, 7, 4), (OLD, 30, months), (SHOP, 1, 5)):
        for number in range(merchants[kind]):
            for back in range(days):
                yield _sale(f"{kind}-{number:04}", DAY - timedelta(1 + apart * back), 0)


def _sale(merchant_id: str, day: date, number: int) -> Entry:
    at = datetime(day.year, day.month, day.day, 14, number % 60, tzinfo=UTC)
    more = {"description": f"Venda balcão {number}", "category": "sales"}
    occurred_at = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    minor, name = 100 + number, f"{day}-{number}"
    return entry(merchant_id, name, at, amount_minor=minor, occurred_at=occurred_at, **more)


def _project(stage: NightStage, entries: Sequence[Entry]) -> None:
    writer = Writer(stage.server.connections())
    for start in range(0, len(entries), _BATCH):
        writer.add([change(each) for each in entries[start : start + _BATCH]])


def _idle(stage: NightStage, kind: str) -> Measured:
    yesterday = (DAY - timedelta(1)).isoformat()
    stage.server.administrate(f"UPDATE reconciliations SET reconciled_until = '{yesterday}'")
    return _measured(stage, MerchantRange(f"{kind}-", f"{kind}~"), stage.merchants[kind])


def _shops(stage: NightStage) -> Measured:
    names = [f"{SHOP}-{number:04}" for number in range(stage.merchants[SHOP])]
    sold = [_sale(name, DAY, number) for name in names for number in range(30)]
    stage.aws.add(sold)
    _project(stage, sold)
    return _measured(stage, MerchantRange(f"{SHOP}-", f"{SHOP}~"), len(names))


def _sweep(stage: NightStage) -> Measured:
    # The first segment alone, which has all items (night_aws.py).
    stage.server.administrate(
        f"UPDATE sweep_segments SET due_on = CASE number WHEN 0 THEN date '{DAY.isoformat()}'"
        " ELSE '2100-01-01' END"
    )
    return _measured(stage, SweepLane(0), stage.aws.entries)


def _measured(stage: NightStage, part: Range, count: int) -> Measured:
    stage.aws.calls.clear()
    connections = CountedConnections(lambda: stage.server.connect("livro_closer"))
    store = ClosingStore(connections)

    def work() -> None:
        _run(store, DAY, part)
        connections.close()  # the server counts the time of ended sessions

    cost = cost_of(stage.server, work)
    calls = stage.aws.calls | Counter(statement=connections.calls)
    of_one = {name: number / count for name, number in calls.items()}
    return Measured(cost.others / count, cost.server / count, of_one)


def _run(store: ClosingStore, day: date, part: Range) -> None:
    ports: Ports = replace(wiring.ports(rebuild.repair), read_model=store)
    run = ConsolidationRun(f"{day}-{time.monotonic_ns()}", day)
    progress = Progress(None, Counts())
    while True:
        progress = run_pass(ports, run, part, progress)
        if progress.counts.failed or progress.counts.repaired:
            raise RuntimeError(f"nothing may fail or differ: {progress.counts}")
        if progress.next_after is None:
            return
