"""The repository over the emulated table: what it asks for, and how its failures are told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.ports import Collision
from chalicelib.commands.record import record
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry
from tests.commands.examples import PADARIA, ports_over, sale
from tests.fixtures.ledger_table import (
    LedgerTable,
    Twist,
    answering,
    lost_answer,
    refusing,
    unreachable,
)

OPERATIONS = ["PutItem", "TransactWriteItems", "BatchGetItem"]
OUT_OF_REACH = [
    unreachable,
    lost_answer,
    refusing("ProvisionedThroughputExceededException"),
    refusing("ThrottlingException"),
    refusing("RequestLimitExceeded"),
    refusing("InternalServerError", 500),
    refusing("ServiceUnavailable", 503),
    refusing("SomethingNew", 500),
]
OURS = ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"]


@pytest.fixture
def stored(ledger_table: LedgerTable) -> StoredEntry:
    """An entry that is in the table."""
    return record(ports_over(ledger_table), PADARIA, sale("k1")).stored


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that a repository took, in seconds."""
    return []


@pytest.fixture
def repository(ledger_table: LedgerTable, pauses: list[float]) -> EntryRepository:
    """A repository whose client never tries again by itself, and whose pauses take no time."""
    return EntryRepository(ledger_table.client_of_one_try(), ledger_table.name, pauses.append)


def test_an_insert_that_finds_nothing_answers_nothing(
    repository: EntryRepository, stored: StoredEntry
) -> None:
    assert repository.insert(_under("k2", stored)) is None


def test_an_insert_answers_what_was_there_and_changes_nothing(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    other = replace(stored, entry=stored.entry._replace(amount_minor=1))
    assert repository.insert(other) == stored
    assert len(ledger_table.items()) == 1


def test_a_reversal_whose_key_is_taken_writes_nothing(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    collision = repository.insert_reversal(_under("free", stored), _used_key("k1"))
    assert collision == Collision(reversal=None, key=stored)
    assert len(ledger_table.items()) == 1


def test_a_reversal_whose_id_is_taken_uses_no_key(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    collision = repository.insert_reversal(stored, _used_key("free"))
    assert collision == Collision(reversal=stored, key=None)
    assert len(ledger_table.items()) == 1


def test_an_erasure_of_an_unknown_entry_writes_nothing(
    repository: EntryRepository, ledger_table: LedgerTable
) -> None:
    repository.erase_texts("a" * 32, _used_key("free"))
    assert ledger_table.items() == []


def test_entries_and_used_keys_are_read_by_id_and_the_rest_left_out(
    repository: EntryRepository, stored: StoredEntry
) -> None:
    used = _used_key("r1")
    second = _under("k2", stored)
    repository.insert_reversal(second, used)
    ids = [stored.entry.entry_id, used.key_id, second.entry.entry_id, "a" * 32]
    assert repository.read(ids) == dict(zip(ids, [stored, used, second], strict=False))


def test_a_read_is_one_consistent_call_that_names_no_id_twice(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    ledger_table.wire.requests.clear()
    repository.read([stored.entry.entry_id] * 3)
    (request,) = ledger_table.wire.requests
    query = request["RequestItems"]["entries"]
    assert query["ConsistentRead"] is True
    assert len(query["Keys"]) == 1


def test_keys_that_were_not_taken_on_are_asked_for_again(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    second = _under("k2", stored)
    repository.insert(second)
    ids = [stored.entry.entry_id, second.entry.entry_id]
    keys = [{"entry_id": {"S": one}} for one in ids]
    nothing_yet = {"Responses": {"entries": []}, "UnprocessedKeys": {"entries": {"Keys": keys}}}
    ledger_table.wire.twist("BatchGetItem", answering(nothing_yet), _only_first)
    assert set(repository.read(ids)) == set(ids)
    assert ledger_table.wire.calls.count("BatchGetItem") == 3


def test_keys_that_are_never_taken_on_are_a_ledger_out_of_reach(
    repository: EntryRepository, ledger_table: LedgerTable, pauses: list[float]
) -> None:
    keys = [{"entry_id": {"S": "a" * 32}}]
    nothing_yet = {"Responses": {}, "UnprocessedKeys": {"entries": {"Keys": keys}}}
    ledger_table.wire.twist("BatchGetItem", *[answering(nothing_yet)] * 20)
    with pytest.raises(LedgerUnavailableError):
        repository.read(["a" * 32])
    assert sum(pauses) < 1.3


def test_a_put_beside_a_transaction_of_the_same_item_is_tried_again(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    ledger_table.wire.twist("PutItem", *[refusing("TransactionConflictException")] * 3)
    assert repository.insert(stored) == stored


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_an_item_that_stays_contended_is_a_ledger_out_of_reach(
    repository: EntryRepository,
    stored: StoredEntry,
    ledger_table: LedgerTable,
    pauses: list[float],
    operation: str,
) -> None:
    cancelled = refusing(
        "TransactionCanceledException",
        CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}],
    )
    conflict = refusing("TransactionConflictException") if operation == "PutItem" else cancelled
    ledger_table.wire.twist(operation, *[conflict] * 20)
    with pytest.raises(LedgerUnavailableError):
        _calls(repository, stored)[operation]()
    assert ledger_table.wire.calls.count(operation) < 10
    assert sum(pauses) < 1.3


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", OUT_OF_REACH)
def test_a_ledger_out_of_reach_is_said_to_be_that(
    repository: EntryRepository,
    stored: StoredEntry,
    ledger_table: LedgerTable,
    operation: str,
    fault: Twist,
) -> None:
    ledger_table.wire.twist(operation, fault)
    with pytest.raises(LedgerUnavailableError) as error:
        _calls(repository, stored)[operation]()
    assert error.value.retry_after >= 1


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", OURS)
def test_a_fault_of_ours_stays_what_it_is(
    repository: EntryRepository,
    stored: StoredEntry,
    ledger_table: LedgerTable,
    operation: str,
    code: str,
) -> None:
    from botocore.exceptions import ClientError

    ledger_table.wire.twist(operation, refusing(code))
    with pytest.raises(ClientError, match=code):
        _calls(repository, stored)[operation]()


def test_a_transaction_cancelled_for_a_fault_of_ours_stays_what_it_is(
    repository: EntryRepository, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    from botocore.exceptions import ClientError

    reasons = [{"Code": "ValidationError", "Message": "no"}, {"Code": "None"}]
    cancelled = refusing("TransactionCanceledException", CancellationReasons=reasons)
    ledger_table.wire.twist("TransactWriteItems", cancelled)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        repository.insert_reversal(stored, _used_key("r1"))


def _calls(repository: EntryRepository, stored: StoredEntry) -> dict[str, Callable[[], object]]:
    return {
        "PutItem": lambda: repository.insert(stored),
        "TransactWriteItems": lambda: repository.insert_reversal(stored, _used_key("r1")),
        "BatchGetItem": lambda: repository.read([stored.entry.entry_id]),
    }


def _under(key: str, stored: StoredEntry) -> StoredEntry:
    return replace(stored, entry=stored.entry._replace(entry_id=entry_id("padaria", key)))


def _used_key(key: str) -> IdempotencyRecord:
    key_id = entry_id("padaria", key)
    return IdempotencyRecord(
        key_id, "padaria", "reversal", Fingerprint("plain", None), None, "b" * 32
    )


def _only_first(deliver: Callable[[], Any]) -> Any:
    import json

    answer = json.loads(deliver().content)
    held_back = answer["Responses"]["entries"].pop()
    answer["UnprocessedKeys"] = {"entries": {"Keys": [{"entry_id": held_back["entry_id"]}]}}
    return answering(answer)(deliver)
