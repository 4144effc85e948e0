"""Record up to 100 entries: one put each, a few side by side, each with an outcome of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import observability
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, RecordResult, record_once
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import LedgerUnavailableError, LivroCaixaError
from chalicelib.ledger.principal import Principal
from chalicelib.runtime.clients import BATCH_WORKERS
from chalicelib.storage.dynamodb_items import StoredEntry

BatchItem = RecordEntry | LivroCaixaError
Outcome = RecordResult | LivroCaixaError
Lane = Sequence[tuple[int, RecordEntry]]

# An item begun last still has its own time-outs before the gateway gives up at 29 s.
BEGIN_WITHIN = timedelta(seconds=15)


def record_batch(
    ports: CommandPorts, caller: Principal, items: Sequence[BatchItem], workers: int = BATCH_WORKERS
) -> list[Outcome]:
    """Record every submission as `record` does; return the outcomes in the order handed in.

    An item that is a refusal already (its body breaks a rule) is its own outcome and uses no key;
    a refusal of one stops no other. Items with one key are taken in their order, so the second is
    a replay; others go side by side, `workers` at a time (1: in order, in the caller's thread).
    """
    lanes = _lanes(items)
    batch = _Batch(
        ports, caller, ports.clock(), ports.recall(caller.merchant_id, _ids(caller, lanes))
    )
    settled: dict[int, Outcome] = {}
    for outcomes in _side_by_side(batch, lanes, workers):
        settled.update(outcomes)
    ports.remember(_news(settled.values(), batch.remembered))
    return [
        item if isinstance(item, LivroCaixaError) else settled[position]
        for position, item in enumerate(items)
    ]


@dataclass(frozen=True, slots=True)
class _Batch:
    ports: CommandPorts
    caller: Principal
    now: datetime
    remembered: Mapping[str, StoredEntry]


def _lanes(items: Sequence[BatchItem]) -> list[Lane]:
    lanes: dict[str, list[tuple[int, RecordEntry]]] = {}
    for position, item in enumerate(items):
        if isinstance(item, RecordEntry):
            lanes.setdefault(item.key, []).append((position, item))
    return list(lanes.values())


def _ids(caller: Principal, lanes: Sequence[Lane]) -> list[str]:
    return [entry_id(caller.merchant_id, lane[0][1].key) for lane in lanes]


def _side_by_side(
    batch: _Batch, lanes: Sequence[Lane], workers: int
) -> Iterator[Mapping[int, Outcome]]:
    if min(workers, len(lanes)) <= 1:
        yield from (_run(batch, lane) for lane in lanes)
        return
    with ThreadPoolExecutor(min(workers, len(lanes))) as pool:
        yield from pool.map(observability.in_context(lambda lane: _run(batch, lane)), lanes)


def _run(batch: _Batch, lane: Lane) -> Mapping[int, Outcome]:
    return {position: _outcome(batch, submission) for position, submission in lane}


def _outcome(batch: _Batch, submission: RecordEntry) -> Outcome:
    if batch.ports.clock() - batch.now > BEGIN_WITHIN:
        return LedgerUnavailableError(
            "The ledger is slow; this entry was not begun, send it again."
        )
    key_id = entry_id(batch.caller.merchant_id, submission.key)
    known = batch.remembered.get(key_id)
    try:
        return record_once(batch.ports, batch.caller, submission, batch.now, known)
    except LivroCaixaError as refusal:
        return refusal


def _news(
    outcomes: Iterable[Outcome], remembered: Mapping[str, StoredEntry]
) -> Sequence[StoredEntry]:
    result = {
        outcome.entry.entry_id: outcome.stored
        for outcome in outcomes
        if isinstance(outcome, RecordResult)
    }
    return [stored for one, stored in result.items() if stored is not remembered.get(one)]
