"""The repository over the emulated table: its calls and the errors it raises."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

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
from verification.kit.generators import NOON


def _cancelled(code: str) -> Twist:
    reasons = [{"Code": code, "Message": "no"}, {"Code": "None"}]
    return refusing("TransactionCanceledException", CancellationReasons=reasons)


def _unprocessed(entry_id: str, *read: dict[str, Any]) -> Twist:
    unread = {"entries": {"Keys": [{"entry_id": {"S": entry_id}}]}}
    return answering({"Responses": {"entries": list(read)}, "UnprocessedKeys": unread})


OPERATIONS = pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems", "BatchGetItem"])
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
LASTING = [
    ("PutItem", refusing("TransactionConflictException")),
    ("TransactWriteItems", _cancelled("TransactionConflict")),
    ("BatchGetItem", _unprocessed("a" * 32)),
]


@dataclass(frozen=True)
class Case:
    """A table with one entry, under the key "k1", and a repository whose client never retries."""

    table: LedgerTable
    stored: StoredEntry
    repository: EntryRepository
    pauses: list[float]

    def call(self, operation: str) -> object:
        """Let the repository do an operation of DynamoDB."""
        if operation == "BatchGetItem":
            return self.repository.read([self.stored.entry.entry_id])
        if operation == "PutItem":
            return self.repository.insert(self.stored)
        return self.repository.insert_reversal(self.stored, _record_of("r1"))


@pytest.fixture
def case(table: LedgerTable, ports: CommandPorts) -> Case:
    pauses: list[float] = []
    repository = EntryRepository(table.client_of_one_try(), table.name, pauses.append)
    return Case(table, record(ports, PADARIA, sale("k1")).stored, repository, pauses)


def test_insert_returns_the_existing_entry(case: Case) -> None:
    other = replace(case.stored, entry=case.stored.entry._replace(amount_minor=1))
    assert case.repository.insert(other) == case.stored
    assert len(case.table.items()) == 1
    assert case.repository.insert(_under("k2", case.stored)) is None


@pytest.mark.parametrize(
    ("reversal", "key", "taken"), [("free", "k1", "key"), ("k1", "free", "reversal")]
)
def test_reversal_and_key_are_written_together(
    case: Case, reversal: str, key: str, taken: str
) -> None:
    collision = case.repository.insert_reversal(_under(reversal, case.stored), _record_of(key))
    assert collision == replace(Collision(None, None), **{taken: case.stored})
    assert len(case.table.items()) == 1


def test_erasure_of_an_unknown_entry_writes_nothing(case: Case) -> None:
    case.repository.erase_texts("a" * 32, _record_of("free"), NOON)
    assert len(case.table.items()) == 1


def test_read_returns_the_existing_items(case: Case) -> None:
    used, second = _record_of("r1"), _under("k2", case.stored)
    case.repository.insert_reversal(second, used)
    case.table.wire.requests.clear()
    ids = [case.stored.entry.entry_id, used.key_id, second.entry.entry_id]
    result = case.repository.read([*ids, "a" * 32, *ids])
    assert result == dict(zip(ids, [case.stored, used, second], strict=True))
    (request,) = case.table.wire.requests
    assert request["RequestItems"]["entries"]["ConsistentRead"] is True
    assert len(request["RequestItems"]["entries"]["Keys"]) == 4


def test_unprocessed_keys_are_read_again(case: Case) -> None:
    second = _under("k2", case.stored)
    case.repository.insert(second)
    read, unread = case.table.items()
    twists = [_unprocessed(unread["entry_id"]["S"], read), _unprocessed(unread["entry_id"]["S"])]
    case.table.wire.twist("BatchGetItem", *twists)
    ids = [case.stored.entry.entry_id, second.entry.entry_id]
    assert case.repository.read(ids) == dict(zip(ids, [case.stored, second], strict=True))


def test_conflicting_put_is_tried_again(case: Case) -> None:
    case.table.wire.twist("PutItem", *[refusing("TransactionConflictException")] * 3)
    assert case.repository.insert(case.stored) == case.stored


@pytest.mark.parametrize(("operation", "conflict"), LASTING)
def test_lasting_conflict_ends_as_ledger_unavailable(
    case: Case, operation: str, conflict: Twist
) -> None:
    case.table.wire.twist(operation, *[conflict] * 20)
    with pytest.raises(LedgerUnavailableError):
        case.call(operation)
    assert case.table.wire.calls.count(operation) < 10
    assert sum(case.pauses) < 1.3


@OPERATIONS
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_store_failure_is_ledger_unavailable(case: Case, operation: str, fault: Twist) -> None:
    case.table.wire.twist(operation, fault)
    with pytest.raises(LedgerUnavailableError) as error:
        case.call(operation)
    assert error.value.retry_after >= 1


@OPERATIONS
@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_invalid_request_is_raised_unchanged(case: Case, operation: str, code: str) -> None:
    in_transaction = operation == "TransactWriteItems" and code == "ValidationException"
    case.table.wire.twist(operation, _cancelled(code) if in_transaction else refusing(code))
    with pytest.raises(ClientError):
        case.call(operation)


def _under(key: str, stored: StoredEntry) -> StoredEntry:
    return replace(stored, entry=stored.entry._replace(entry_id=entry_id("padaria", key)))


def _record_of(key: str) -> IdempotencyRecord:
    request = Fingerprint("plain", None)
    key_id = entry_id("padaria", key)
    return IdempotencyRecord(key_id, "padaria", "reversal", request, None, "b" * 32)
