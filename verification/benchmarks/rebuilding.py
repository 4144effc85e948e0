"""Daily balances of a whole book from its file: our code, a plain loop, and other programs."""

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from verification.benchmarks import ledger_programs
from verification.benchmarks.books import Balances, Files, write_files
from verification.benchmarks.ledger_programs import agree
from verification.benchmarks.peers import has
from verification.benchmarks.results import Finding, Target, times
from verification.benchmarks.rounds import Contender, Measured, interleaved

OURS = "Livro Caixa's entries and totals, in process"
REBUILD = "the same, read as a rebuild reads: shapes, ranges, instants, digests"
PLAIN = "plain loop over integers"
DUCKDB = "DuckDB"
_WHY = (
    "The loop takes four of an entry's fields and believes them. An entry has all of them, and a "
    "rebuild holds each against what an entry can be, reads its instants, and digests its content, "
    "for it must find what the table's export holds that no entry can be."
)
_BOUND: tuple[Literal["at most"], float, str] = ("at most", 1.3, _WHY)
Keeper = tuple[Callable[[Path], Balances], Path]
"""How, and from which file."""
SLOW = ("hledger", "ledger", "beancount")


def measure(rounds: int, entries: int) -> Finding:
    """Return what the daily balances of so many entries cost, by program."""
    with tempfile.TemporaryDirectory(prefix="livro-bench-") as folder:
        keepers = _keepers(write_files(Path(folder), entries))
        result: dict[str, Balances] = {}
        fast = [name for name in keepers if name not in SLOW]
        measured = interleaved(_contenders(keepers, fast, result), rounds, cpu_seconds)
        slow = [PLAIN, *(name for name in keepers if name not in fast)]
        beside = interleaved(_contenders(keepers, slow, result), 1, cpu_seconds, warm=False)
    for name, balances in result.items():
        agree(result[PLAIN], balances, name)
    return _finding(entries, measured, beside)


def cpu_seconds() -> float:
    """Return the processor's time of this process and of the programs that it has run."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _keepers(files: Files) -> dict[str, Keeper]:
    everybody: dict[str, Keeper] = {
        OURS: (ledger_programs.own_code, files.table),
        REBUILD: (ledger_programs.own_rebuild, files.table),
        PLAIN: (ledger_programs.plain_loop, files.table),
        DUCKDB: (ledger_programs.duckdb, files.rows),
        "hledger": (ledger_programs.hledger, files.hledger),
        "ledger": (ledger_programs.ledger, files.ledger),
        "beancount": (ledger_programs.beancount, files.beancount),
    }
    needed = {DUCKDB: "duckdb"} | {name: name for name in SLOW}
    return {
        name: keeper
        for name, keeper in everybody.items()
        if name not in needed or has(needed[name])
    }


def _contenders(
    keepers: dict[str, Keeper], names: list[str], told: dict[str, Balances]
) -> list[Contender]:
    def contender(name: str) -> Contender:
        keep, path = keepers[name]
        return Contender(name, lambda: told.__setitem__(name, keep(path)))

    return [contender(name) for name in names]


def _finding(entries: int, measured: Measured, beside: Measured) -> Finding:
    rows = [_row(name, measured, entries) for name in measured.seconds]
    rows += [_row(name, beside, entries) for name in beside.seconds if name != PLAIN]
    return Finding(
        title=f"Daily balances of {entries:,} entries, from a file",
        about=_ABOUT,
        columns=["", "CPU time", "entries a CPU second", f"to the {PLAIN}"],
        rows=rows,
        targets=[
            Target(f"entries and totals, to the {PLAIN}", measured.ratio(OURS, PLAIN), *_BOUND),
            Target(f"as a rebuild reads, to the {PLAIN}", measured.ratio(REBUILD, PLAIN), *_BOUND),
        ],
        notes=["Every program's balances were the same to the cent, on every account and day."],
    )


def _row(name: str, measured: Measured, entries: int) -> list[str]:
    seconds = measured.best(name)
    ratio = times(measured.ratio(name, PLAIN))
    return [name, f"{seconds:,.2f} s", f"{entries / seconds:,.0f}", ratio]


_ABOUT = (
    "Five merchants with three accounts each, over a year. Our code and the plain loop read the "
    "ledger table's export (DynamoDB JSON), in which every hundredth entry stands twice, and take "
    "each once; DuckDB reads the few columns that it needs as CSV, with the same duplicates; the "
    "others read journals of their own without them. Slow programs run once, right after the loop "
    "that they are held against."
)
