"""The calls of the application to AWS are compared with its policies in every test."""

from importlib.util import find_spec

from tests.fixtures.ledger_table import LedgerTable
from tests.fixtures.rights import SERVED, not_allowed

CALL = 'client.put_item(TableName="entries", Item={"entry_id": {"S": "one"}})'


def violations(module: str, table: LedgerTable) -> list[str]:
    """Return the violations of a call that a module makes."""
    exec(CALL, {"__name__": module, "client": table.client})
    result = list(not_allowed)
    not_allowed.clear()
    return result


def test_only_a_call_without_permission_is_reported(ledger_table: LedgerTable) -> None:
    reported = violations("chalicelib.identity.invented", ledger_table)
    assert reported == ["identity: dynamodb:PutItem"]
    assert violations("chalicelib.commands.invented", ledger_table) == []
    assert violations("tests.invented", ledger_table) == []


def test_served_packages_exist() -> None:
    assert [name for name in SERVED if find_spec(f"chalicelib.{name}") is None] == []
