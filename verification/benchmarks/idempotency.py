"""Round trips and CPU of a first call and of its replay: ours, and Powertools' idempotency."""

import itertools
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.runtime import settings
from local.deployment import deploy_foundation
from local.emulator import ACCESS, start_emulator
from verification.benchmarks import idempotency_variants
from verification.benchmarks.idempotency_variants import Call
from verification.benchmarks.peers import has
from verification.benchmarks.results import Finding, Target, microseconds, times
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.benchmarks.servers import valkey_server
from verification.benchmarks.silence_logs import quiet

OURS, ALONE = "Livro Caixa", "Livro Caixa without Redis"
TABLE, CACHE = "Powertools, DynamoDB", "Powertools, Redis"
FIRST, REPLAY = "first call", "replay"
CALLS = 50
Trips = dict[str, Counter[str]]


def measure(rounds: int) -> Finding:
    """Return what it costs to do a thing once, and to be asked for it again."""
    with valkey_server(), _ledger(), quiet():
        calls: dict[str, Call] = {
            OURS: idempotency_variants.own(with_memory=True),
            ALONE: idempotency_variants.own(with_memory=False),
        }
        if has("aws_lambda_powertools"):
            calls[TABLE] = idempotency_variants.powertools_on_dynamodb()
            calls[CACHE] = idempotency_variants.powertools_on_redis()
        trips = {name: _trips(call) for name, call in calls.items()}
        measured = interleaved(list(_contenders(calls)), rounds, time.process_time)
    return _finding(trips, measured)


@contextmanager
def _ledger() -> Iterator[None]:
    """Start the emulator with the tables."""
    with tempfile.TemporaryDirectory(prefix="livro-bench-") as folder:
        emulator = start_emulator(Path(folder) / "emulator")
        try:
            outputs = deploy_foundation(emulator)
            os.environ |= ACCESS | {
                "AWS_ENDPOINT_URL": emulator.endpoint,
                "ENTRIES_TABLE": outputs["EntriesTable"],
            }
            settings.current.cache_clear()
            yield
        finally:
            emulator.server.stop()


def _trips(call: Call) -> Trips:
    """Return the round trips to each store of a first call and of a replay, once all is warm."""
    call("warm")
    call("warm")
    with idempotency_variants.counted() as counts:
        call("counted")
        first = Counter(counts)
        call("counted")
        replay = Counter(counts) - first
    return {FIRST: first, REPLAY: replay}


def _contenders(calls: dict[str, Call]) -> Iterator[Contender]:
    numbers = itertools.count()

    def fresh_keys() -> list[str]:
        return [f"key-{next(numbers)}" for _ in range(CALLS)]

    for name, call in calls.items():
        series = _Series(call, fresh_keys)
        yield Contender(f"{name}, {FIRST}", series.run, CALLS, series.take_new)
        yield Contender(f"{name}, {REPLAY}", series.run, CALLS, series.take_known)


class _Series:
    """Calls one after the other, under keys that nobody used or that have all been used."""

    def __init__(self, call: Call, fresh_keys: Callable[[], list[str]]) -> None:
        self._call = call
        self._fresh_keys = fresh_keys
        self._keys: list[str] = []

    def take_new(self) -> None:
        self._keys = self._fresh_keys()

    def take_known(self) -> None:
        self.take_new()
        self.run()

    def run(self) -> None:
        for key in self._keys:
            self._call(key)


def _finding(trips: dict[str, Trips], measured: Measured) -> Finding:
    return Finding(
        title="Idempotency: doing a thing once, and being asked again",
        about=_ABOUT,
        columns=["", f"{FIRST}: round trips", "CPU", f"{REPLAY}: round trips", "CPU"],
        rows=[_row(name, trips[name], measured) for name in trips],
        targets=[
            Target(f"{REPLAY}: round trips, {name}", trips[name][REPLAY].total(), "at most", 1)
            for name in (OURS, ALONE)
        ],
        notes=[
            f"A replay by {OURS} takes {_to(measured, name)} the CPU of one by {name}."
            for name in trips
            if name not in (OURS, ALONE)
        ],
    )


def _row(name: str, trips: Trips, measured: Measured) -> list[str]:
    cells = [name]
    for what in (FIRST, REPLAY):
        result = ", ".join(f"{store} {number}" for store, number in sorted(trips[what].items()))
        cells += [f"{trips[what].total()} ({result})", microseconds(measured.best(_of(name, what)))]
    return cells


def _to(measured: Measured, name: str) -> str:
    return times(measured.ratio(_of(OURS, REPLAY), _of(name, REPLAY)))


def _of(name: str, what: str) -> str:
    return f"{name}, {what}"


_ABOUT = (
    "An entry recorded under a key, and the same call again. With Powertools, "
    "`idempotent_function` stands around one put of the entry; answer and key are the same. On "
    "Redis it compares no payloads, for with that it refuses each replay (3.37.0). Round trips are "
    "counted where boto3 and redis-py send; CPU is this process's alone, for the stores are an "
    "emulator and a Valkey in processes of their own."
)
