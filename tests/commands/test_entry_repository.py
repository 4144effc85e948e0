"""The repository over the emulated table: its calls and the errors it raises."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.ports import Collision, CommandPorts
from chalicelib.commands.record import record
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry
from tests.commands.examples import PADARIA, sale
from tests.fixtures.ledger_table import (
    LedgerTable,
    Twist,
    answering,
    lost_answer,
    refusing,
    unreachable,
)

OPERATIONS = ["PutItem", "TransactWriteItems", "BatchGetItem"]
UNAVAILABLE = [
    unreachable,
    lost_answer,
    refusing("ProvisionedThroughputExceededException"),
    refusing("ThrottlingException"),
    refusing("RequestLimitExceeded"),
    refusing("InternalServerError", 500),
    refusing("ServiceUnavailable", 503),
    refusing("SomethingNew", 500),
]
INVALID = ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"]


@pytest.fixture
def stored(ports: CommandPorts) -> StoredEntry:
    """An entry in the table."""
    return record(ports, PADARIA, sale("k1")).stored


@pytest.fixture
def pauses() -> list[float]:
    """The pauses of the repository, in seconds."""
    return []


@pytest.fixture
def repository(table: LedgerTable, pauses: list[float]) -> EntryRepository:
    """A repository whose client never retries, and whose pauses take no time."""
    return EntryRepository(table.client_of_one_try(), table.name, pauses.append)


def test_insert_of_a_new_entry_returns_none(
    repository: EntryRepository, stored: StoredEntry
) -> None:
    assert repository.insert(_under("k2", stored)) is None


def test_insert_returns_the_existing_entry(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    other = replace(stored, entry=stored.entry._replace(amount_minor=1))
    assert repository.insert(other) == stored
    assert len(table.items()) == 1


def test_reversal_with_a_used_key_writes_nothing(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    collision = repository.insert_reversal(_under("free", stored), _record_of("k1"))
    assert collision == Collision(reversal=None, key=stored)
    assert len(table.items()) == 1


def test_second_reversal_uses_no_key(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    collision = repository.insert_reversal(stored, _record_of("free"))
    assert collision == Collision(reversal=stored, key=None)
    assert len(table.items()) == 1


def test_erasure_of_an_unknown_entry_writes_nothing(
    repository: EntryRepository, table: LedgerTable
) -> None:
    repository.erase_texts("a" * 32, _record_of("free"))
    assert table.items() == []


def test_read_returns_the_existing_items(repository: EntryRepository, stored: StoredEntry) -> None:
    used = _record_of("r1")
    second = _under("k2", stored)
    repository.insert_reversal(second, used)
    ids = [stored.entry.entry_id, used.key_id, second.entry.entry_id, "a" * 32]
    assert repository.read(ids) == dict(zip(ids, [stored, used, second], strict=False))


def test_read_is_one_consistent_call(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    table.wire.requests.clear()
    repository.read([stored.entry.entry_id] * 3)
    (request,) = table.wire.requests
    query = request["RequestItems"]["entries"]
    assert query["ConsistentRead"] is True
    assert len(query["Keys"]) == 1


def test_unprocessed_keys_are_read_again(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    second = _under("k2", stored)
    repository.insert(second)
    ids = [stored.entry.entry_id, second.entry.entry_id]
    keys = [{"entry_id": {"S": entry_id}} for entry_id in ids]
    unprocessed = {"Responses": {"entries": []}, "UnprocessedKeys": {"entries": {"Keys": keys}}}
    table.wire.twist("BatchGetItem", answering(unprocessed), _all_but_last)
    assert set(repository.read(ids)) == set(ids)
    assert table.wire.calls.count("BatchGetItem") == 3


def test_unprocessed_keys_end_as_ledger_unavailable(
    repository: EntryRepository, table: LedgerTable, pauses: list[float]
) -> None:
    keys = [{"entry_id": {"S": "a" * 32}}]
    unprocessed = {"Responses": {}, "UnprocessedKeys": {"entries": {"Keys": keys}}}
    table.wire.twist("BatchGetItem", *[answering(unprocessed)] * 20)
    with pytest.raises(LedgerUnavailableError):
        repository.read(["a" * 32])
    assert sum(pauses) < 1.3


def test_conflicting_put_is_tried_again(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    table.wire.twist("PutItem", *[refusing("TransactionConflictException")] * 3)
    assert repository.insert(stored) == stored


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_lasting_conflict_ends_as_ledger_unavailable(
    repository: EntryRepository,
    stored: StoredEntry,
    table: LedgerTable,
    pauses: list[float],
    operation: str,
) -> None:
    cancelled = refusing(
        "TransactionCanceledException",
        CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}],
    )
    conflict = refusing("TransactionConflictException") if operation == "PutItem" else cancelled
    table.wire.twist(operation, *[conflict] * 20)
    with pytest.raises(LedgerUnavailableError):
        _calls(repository, stored)[operation]()
    assert table.wire.calls.count(operation) < 10
    assert sum(pauses) < 1.3


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_store_failure_is_ledger_unavailable(
    repository: EntryRepository,
    stored: StoredEntry,
    table: LedgerTable,
    operation: str,
    fault: Twist,
) -> None:
    table.wire.twist(operation, fault)
    with pytest.raises(LedgerUnavailableError) as error:
        _calls(repository, stored)[operation]()
    assert error.value.retry_after >= 1


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", INVALID)
def test_invalid_request_is_raised_unchanged(
    repository: EntryRepository,
    stored: StoredEntry,
    table: LedgerTable,
    operation: str,
    code: str,
) -> None:
    from botocore.exceptions import ClientError

    table.wire.twist(operation, refusing(code))
    with pytest.raises(ClientError, match=code):
        _calls(repository, stored)[operation]()


def test_invalid_transaction_is_raised_unchanged(
    repository: EntryRepository, stored: StoredEntry, table: LedgerTable
) -> None:
    from botocore.exceptions import ClientError

    reasons = [{"Code": "ValidationError", "Message": "no"}, {"Code": "None"}]
    cancelled = refusing("TransactionCanceledException", CancellationReasons=reasons)
    table.wire.twist("TransactWriteItems", cancelled)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        repository.insert_reversal(stored, _record_of("r1"))


def _calls(repository: EntryRepository, stored: StoredEntry) -> dict[str, Callable[[], object]]:
    return {
        "PutItem": lambda: repository.insert(stored),
        "TransactWriteItems": lambda: repository.insert_reversal(stored, _record_of("r1")),
        "BatchGetItem": lambda: repository.read([stored.entry.entry_id]),
    }


def _under(key: str, stored: StoredEntry) -> StoredEntry:
    return replace(stored, entry=stored.entry._replace(entry_id=entry_id("padaria", key)))


def _record_of(key: str) -> IdempotencyRecord:
    key_id = entry_id("padaria", key)
    return IdempotencyRecord(
        key_id, "padaria", "reversal", Fingerprint("plain", None), None, "b" * 32
    )


def _all_but_last(deliver: Callable[[], Any]) -> Any:
    import json

    response = json.loads(deliver().content)
    last = response["Responses"]["entries"].pop()
    response["UnprocessedKeys"] = {"entries": {"Keys": [{"entry_id": last["entry_id"]}]}}
    return answering(response)(deliver)
