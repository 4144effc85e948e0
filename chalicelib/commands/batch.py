"""Record up to 100 entries: one put each, several at a time, each with its own outcome."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import chain

from chalicelib import observability
from chalicelib.commands.concurrency import concurrently
from chalicelib.commands.idempotency import key_id_of
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, RecordResult, record_once
from chalicelib.ledger.errors import LedgerUnavailableError, LivroCaixaError
from chalicelib.ledger.principal import Principal
from chalicelib.runtime.clients import BATCH_WORKERS
from chalicelib.storage.dynamodb_items import StoredEntry

BatchItem = RecordEntry | LivroCaixaError
Outcome = RecordResult | LivroCaixaError
Lane = list[tuple[int, RecordEntry]]
"""Entries of one key in their order, each with its position in the batch."""

# An item started at the last moment can still time out before the gateway does, at 29 s.
BEGIN_WITHIN = timedelta(seconds=15)


def record_batch(
    ports: CommandPorts,
    principal: Principal,
    items: Sequence[BatchItem],
    workers: int = BATCH_WORKERS,
) -> list[Outcome]:
    """Record every entry as `record` does; return the outcomes in the order of the items.

    An item that is an error already (its body breaks a rule) is its own outcome and uses no key; an
    error or fault of one item does not stop another. Items with the same key are recorded in their
    order, so that the second is a replay; others run concurrently, `workers` at a time (1: in
    order, in the caller's thread).
    """
    now, merchant_id = ports.clock(), principal.merchant_id
    lanes = _lanes(merchant_id, items)
    cached = ports.cache.get(merchant_id, list(lanes))

    def record_lane(key_id: str) -> list[tuple[int, Outcome]]:
        known = cached.get(key_id)
        return [(position, record_item(command, known)) for position, command in lanes[key_id]]

    def record_item(command: RecordEntry, known: StoredEntry | None) -> Outcome:
        if ports.clock() - now > BEGIN_WITHIN:
            return LedgerUnavailableError(
                "The ledger is slow, so this entry was not tried; send it again."
            )
        try:
            return record_once(ports, principal, command, now, known)
        except LivroCaixaError as error:
            return error
        except Exception as error:  # a fault of one item, such as a missing permission
            observability.log("batch_item_failed", **observability.describe_error(error))
            return LivroCaixaError("This entry could not be recorded.")

    results = dict(chain.from_iterable(concurrently(record_lane, list(lanes), workers)))
    _cache_new(ports, results.values(), cached)
    return [
        item if isinstance(item, LivroCaixaError) else results[position]
        for position, item in enumerate(items)
    ]


def _lanes(merchant_id: str, items: Sequence[BatchItem]) -> dict[str, Lane]:
    """Return the entries to record by the id of their key."""
    lanes: dict[str, Lane] = {}
    for position, item in enumerate(items):
        if isinstance(item, RecordEntry):
            lanes.setdefault(key_id_of(merchant_id, item.key), []).append((position, item))
    return lanes


def _cache_new(
    ports: CommandPorts, outcomes: Iterable[Outcome], cached: Mapping[str, StoredEntry]
) -> None:
    recorded = [outcome for outcome in outcomes if isinstance(outcome, RecordResult)]
    stored = {result.entry.entry_id: result.stored for result in recorded}
    ports.cache.add([new for key_id, new in stored.items() if new is not cached.get(key_id)])
