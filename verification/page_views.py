"""Measure each view of the page with an empty book and with 60,000 entries, in turn.

Prints the shortest of some times, in milliseconds, from opening a view to its figures, and the
requests for them. Fails if the large book makes a view slower by more than the limit. The entries
are written into the read model of a temporary local cluster as the projection writes them, over a
year. Run `python3 -m local.setup pages` before; it installs the browser.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from verification.commands import at_least, progress, run_command
from verification.headless import chromium_browser, signed_in_page

if TYPE_CHECKING:
    from verification.local_cluster import LocalCluster

ENTRIES = 60_000
DAYS = 365
ROUNDS = 5
SLOWER_MS = 400.0
"""By how much; a read in the emulator of Lambda takes 30 to 100 ms more, or less, each time."""
VIEWS = ("today", "month", "entries", "days", "bank", "accountant")
LARGE, EMPTY = "accountant", "rival"
_OPEN = """async (view) => {
    const before = performance.getEntriesByType("resource").length;
    const start = performance.now();
    location.hash = view;
    let quiet = 0;
    let reads = 0;
    while (quiet < 3) {
        await new Promise(requestAnimationFrame);
        const seen = performance.getEntriesByType("resource").slice(before)
            .filter((entry) => entry.name.includes("/v1/")).length;
        quiet = seen === reads && seen > 0 && !document.querySelector(".bone") ? quiet + 1 : 0;
        reads = seen;
    }
    return [performance.now() - start, reads];
}"""


def main() -> int:
    """Fill one book, open all views, and print the table; return 1 if a view is too slow."""
    parser = argparse.ArgumentParser(prog="python -m verification.page_views", description=__doc__)
    parser.add_argument("--entries", type=at_least(1), default=ENTRIES)
    parser.add_argument("--rounds", type=at_least(1), default=ROUNDS)
    arguments = parser.parse_args()
    from verification.local_cluster import local_cluster

    with local_cluster(progress, "--temporary") as cluster, chromium_browser() as chromium:
        _fill(cluster, arguments.entries)
        base_url = f"{cluster.endpoints['base_url']}/"
        shortest = _measure(chromium, base_url, arguments.rounds)
    print(f"{'view':12} {'empty book':>12} {arguments.entries:>12,} {'requests':>10}")
    for view in VIEWS:
        (empty, _), (large, reads) = shortest[EMPTY, view], shortest[LARGE, view]
        print(f"{view:12} {empty:>9.0f} ms {large:>9.0f} ms {reads:>10}")
    slower = [v for v in VIEWS if shortest[LARGE, v][0] > shortest[EMPTY, v][0] + SLOWER_MS]
    for view in slower:
        progress(
            f"{view} is more than {SLOWER_MS:.0f} ms slower with {arguments.entries:,} entries"
        )
    return 1 if slower else 0


def _fill(cluster: "LocalCluster", entries: int) -> None:
    os.environ |= {
        name: value
        for name, value in cluster.endpoints["variables"].items()
        if name.startswith("DATABASE_")
    }
    from chalicelib.projection.writer import Writer
    from chalicelib.runtime import clients
    from chalicelib.storage.postgres import Connections
    from verification.kit.generators import Mix, change, iterate_entries

    def connect() -> Any:
        connection = clients.database("livro_projector", 60.0)
        connection.run("SET search_path TO read_model")
        return connection

    mix = Mix(
        currencies=("BRL",), accounts=("main", "bank"), amounts=lambda c: c.randrange(1, 9**6)
    )
    writer, started = Writer(Connections(connect)), datetime.now(UTC)
    changes = map(change, iterate_entries(14, entries, [cluster.endpoints["merchant"]], DAYS, mix))
    while batch := list(islice(changes, 1000)):
        writer.add(batch)
    progress(f"  {entries:,} entries in {(datetime.now(UTC) - started).total_seconds():.0f} s")


def _measure(chromium: Any, base_url: str, rounds: int) -> dict[tuple[str, str], tuple[float, int]]:
    shortest: dict[tuple[str, str], tuple[float, int]] = {}
    pages = {user: signed_in_page(chromium, base_url, user) for user in (EMPTY, LARGE)}
    for _ in range(rounds):
        for view in VIEWS:
            for user, page in pages.items():
                page.goto(f"{base_url}#{'month' if view == 'bank' else 'bank'}")
                page.reload()
                page.locator("#main").wait_for()
                page.wait_for_load_state("networkidle")
                times = tuple(page.evaluate(_OPEN, view))
                shortest[user, view] = min(shortest.get((user, view), times), times)
    return shortest


if __name__ == "__main__":
    sys.exit(run_command(main, when_interrupted="nothing was measured."))
