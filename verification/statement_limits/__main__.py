"""Seed a read model of five years, and check what each of the product's statements reads.

Prints a line for each operation: its statements, the blocks of 8 KB that they read, and their CPU
time, with the limits. Fails if an operation exceeds one of them, or if the product's
code contains a statement that no operation sends. The read model is temporary: 5,000,000 entries
need 10 GB of disk, and five minutes to seed.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from verification.commands import at_least, progress, run_command

if TYPE_CHECKING:
    from verification.benchmarks.servers import ReadModelServer
    from verification.statement_limits.operations import Operation, Seeded
    from verification.statement_limits.probe import Reading
    from verification.statement_limits.seed import Extent

_KEY = """
    SELECT day, occurred_instant, entry_id FROM entries
    WHERE merchant_id = :merchant AND day <= CAST(:day AS date)
    ORDER BY day DESC, occurred_instant DESC, recorded_at DESC, entry_id DESC LIMIT 1 OFFSET :place
"""


def main() -> int:
    """Seed, measure and print; return 1 if an operation exceeds a limit."""
    parser = argparse.ArgumentParser(
        prog="python -m verification.statement_limits", description=__doc__
    )
    parser.add_argument(
        "--entries", type=at_least(150_000), default=5_000_000, help="at least 150,000"
    )
    parser.add_argument("--any-time", action="store_true", help="limit only the blocks")
    arguments = parser.parse_args()
    from verification.benchmarks.servers import read_model_server
    from verification.statement_limits.product_sql import unsent
    from verification.statement_limits.seed import Extent, check_disk, seed

    extent = Extent(arguments.entries)
    check_disk(extent, Path(tempfile.gettempdir()))
    with read_model_server(durable=False) as server:
        progress(f"seeding {extent.entries:,} entries of {extent.merchants:,} merchants …")
        seed(server, extent, progress)
        exceeded, sent = print_table(measured(server, extent), arguments.any_time)
    return conclude(exceeded, unsent(sent))


def measured(server: "ReadModelServer", extent: "Extent") -> "Iterator[tuple[Operation, Reading]]":
    """Yield each operation with what it read, in turn."""
    from chalicelib.closing.read_model import ClosingStore
    from chalicelib.projection.loader import Loader
    from chalicelib.projection.repairer import Repairer
    from chalicelib.queries.read_model import ReadModel
    from verification.statement_limits import imports, routes, runs
    from verification.statement_limits.probe import Probe, Reading

    roles = ("livro_reader", "livro_closer", "livro_projector")
    reader, closer, projector = probes = [Probe(partial(server.connect, role)) for role in roles]
    closings, loader = ClosingStore(closer.connections), Loader(projector.connections)
    repairer = Repairer(projector.connections)
    seeded = _seeded(server, extent)
    reads = ReadModel(reader.connections)
    of_routes = chain(routes.operations(reads, seeded), imports.operations(reads, seeded))
    for operation in chain(of_routes, runs.operations(closings, repairer, loader, seeded)):
        for probe in probes:
            probe.taken()
        operation.call()
        reading = Reading()
        for probe in probes:
            reading = reading.plus(probe.taken())
        yield operation, reading


def print_table(
    results: "Iterable[tuple[Operation, Reading]]", is_any_time: bool
) -> tuple[int, set[str]]:
    """Print a line for each operation; return how many exceed a limit, and what they sent."""
    columns = ("statements", "blocks", "limit", "CPU ms", "limit")
    print(f"{'operation':58}" + "".join(f"{column:>11}" for column in columns))
    exceeded, sent = 0, set[str]()
    for operation, reading in results:
        is_slow = reading.milliseconds > operation.milliseconds and not is_any_time
        is_over = reading.blocks > operation.blocks or is_slow
        exceeded += is_over
        sent.update(reading.sent)
        numbers = (len(reading.sent), reading.blocks, operation.blocks)
        cells = [f"{number:11,}" for number in numbers]
        cells += [f"{reading.milliseconds:11,.1f}", f"{operation.milliseconds:11,.0f}"]
        print(f"{operation.name:58}{''.join(cells)}{'  exceeded' if is_over else ''}", flush=True)
    return exceeded, sent


def conclude(exceeded: int, missing: "Sequence[str]") -> int:
    """Print the result and the next step; return the exit code."""
    print(f"\n{exceeded} operations exceed a limit.")
    print(f"{len(missing)} statements of the product have no limit.")
    for place in missing:
        print(f"  chalicelib/{place}")
    if missing:
        print("Next: call them in verification/statement_limits/routes.py, imports.py or runs.py.")
    if exceeded:
        print(
            "Next: find the plan by EXPLAIN (ANALYZE, BUFFERS), and correct the statement. If only "
            "times are exceeded, the machine may be slow: --any-time limits only the blocks."
        )
    if not exceeded and not missing:
        print("Next: if a limit is far above what was read, lower it in the same files.")
    return 1 if exceeded or missing else 0


def _seeded(server: "ReadModelServer", extent: "Extent") -> "Seeded":
    from chalicelib.queries.entry_list import Position
    from verification.statement_limits.operations import Seeded
    from verification.statement_limits.seed import LARGE_MERCHANT

    with closing(server.connect()) as connection:

        def position(day: date, place: int) -> Position:
            values = {"merchant": LARGE_MERCHANT, "day": day, "place": place}
            return Position(*connection.run(_KEY, **values)[0])

        end = position(extent.last, extent.entries // 5 + extent.large_day_entries - 1000)
        within = position(extent.large_day, extent.large_day_entries * 3 // 4)
        ids = connection.run("SELECT entry_id FROM entries WHERE merchant_id = 'm0001' LIMIT 200")
        merchants = connection.run("SELECT merchant_id FROM merchants ORDER BY 1 OFFSET 1")
    return Seeded(
        extent,
        end,
        within,
        [entry_id for (entry_id,) in ids],
        [merchant_id for (merchant_id,) in merchants],
    )


if __name__ == "__main__":
    sys.exit(run_command(main, "not every operation was measured."))
