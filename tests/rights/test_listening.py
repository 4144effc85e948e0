"""Whatever test the application is run by, its calls are held against its policies."""

from tests.fixtures.ledger_table import LedgerTable
from tests.fixtures.rights import not_allowed

CALL = 'client.put_item(TableName="entries", Item={"entry_id": {"S": "one"}})'


def ask_from(module: str, table: LedgerTable) -> list[str]:
    """Return what is held against a call that a module makes."""
    exec(CALL, {"__name__": module, "client": table.client})
    result = list(not_allowed)
    not_allowed.clear()
    return result


def test_a_call_that_no_policy_allows_is_heard(ledger_table: LedgerTable) -> None:
    assert ask_from("chalicelib.identity.made_up", ledger_table) == ["identity: dynamodb:PutItem"]


def test_a_call_that_a_policy_allows_is_let_through(ledger_table: LedgerTable) -> None:
    assert ask_from("chalicelib.commands.made_up", ledger_table) == []
    assert ask_from("tests.made_up", ledger_table) == []
