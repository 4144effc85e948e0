"""The repository over the emulated table: its calls and the errors it raises."""

import json
from collections.abc import Callable
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

OPERATIONS = ["PutItem", "TransactWriteItems", "BatchGetItem"]
UNAVAILABLE = [
    unreachable,
    lost_answer,
    *(refusing(code) for code in ("ProvisionedThroughputExceededException", "ThrottlingException")),
    refusing("RequestLimitExceeded"),
    refusing("InternalServerError", 500),
    refusing("ServiceUnavailable", 503),
    refusing("SomethingNew", 500),
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


def test_reversal_with_a_used_key_writes_nothing(case: Case) -> None:
    collision = case.repository.insert_reversal(_under("free", case.stored), _record_of("k1"))
    assert collision == Collision(reversal=None, key=case.stored)
    assert len(case.table.items()) == 1


def test_second_reversal_uses_no_key(case: Case) -> None:
    collision = case.repository.insert_reversal(case.stored, _record_of("free"))
    assert collision == Collision(reversal=case.stored, key=None)
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
    ids = [case.stored.entry.entry_id, second.entry.entry_id]
    case.table.wire.twist("BatchGetItem", _unprocessed(*ids), _all_but_last)
    assert set(case.repository.read(ids)) == set(ids)
    assert case.table.wire.calls.count("BatchGetItem") == 3


def test_unprocessed_keys_end_as_ledger_unavailable(case: Case) -> None:
    case.table.wire.twist("BatchGetItem", *[_unprocessed("a" * 32)] * 20)
    with pytest.raises(LedgerUnavailableError):
        case.repository.read(["a" * 32])
    assert sum(case.pauses) < 1.3


def test_conflicting_put_is_tried_again(case: Case) -> None:
    case.table.wire.twist("PutItem", *[refusing("TransactionConflictException")] * 3)
    assert case.repository.insert(case.stored) == case.stored


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_lasting_conflict_ends_as_ledger_unavailable(case: Case, operation: str) -> None:
    put = operation == "PutItem"
    conflict = (
        refusing("TransactionConflictException") if put else _cancelled("TransactionConflict")
    )
    case.table.wire.twist(operation, *[conflict] * 20)
    with pytest.raises(LedgerUnavailableError):
        case.call(operation)
    assert case.table.wire.calls.count(operation) < 10
    assert sum(case.pauses) < 1.3


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_store_failure_is_ledger_unavailable(case: Case, operation: str, fault: Twist) -> None:
    case.table.wire.twist(operation, fault)
    with pytest.raises(LedgerUnavailableError) as error:
        case.call(operation)
    assert error.value.retry_after >= 1


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "code", ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"]
)
def test_invalid_request_is_raised_unchanged(case: Case, operation: str, code: str) -> None:
    case.table.wire.twist(operation, refusing(code))
    with pytest.raises(ClientError, match=code):
        case.call(operation)


def test_invalid_transaction_is_raised_unchanged(case: Case) -> None:
    case.table.wire.twist("TransactWriteItems", _cancelled("ValidationError"))
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        case.call("TransactWriteItems")


def _cancelled(code: str) -> Twist:
    reasons = [{"Code": code, "Message": "no"}, {"Code": "None"}]
    return refusing("TransactionCanceledException", CancellationReasons=reasons)


def _under(key: str, stored: StoredEntry) -> StoredEntry:
    return replace(stored, entry=stored.entry._replace(entry_id=entry_id("padaria", key)))


def _record_of(key: str) -> IdempotencyRecord:
    request = Fingerprint("plain", None)
    key_id = entry_id("padaria", key)
    return IdempotencyRecord(key_id, "padaria", "reversal", request, None, "b" * 32)


def _unprocessed(*ids: str) -> Twist:
    keys = [{"entry_id": {"S": entry_id}} for entry_id in ids]
    return answering({"Responses": {}, "UnprocessedKeys": {"entries": {"Keys": keys}}})


def _all_but_last(deliver: Callable[[], Any]) -> Any:
    response = json.loads(deliver().content)
    last = response["Responses"]["entries"].pop()
    response["UnprocessedKeys"] = {"entries": {"Keys": [{"entry_id": last["entry_id"]}]}}
    return answering(response)(deliver)
