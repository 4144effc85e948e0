"""A merchant's rules in the settings' table: none is lost, and there are at most 200."""

from functools import partial

import pytest

from chalicelib.commands.merchant_settings import MerchantSettings
from chalicelib.commands.rule_settings import delete_rule, put_rule, rules
from chalicelib.ledger.errors import LedgerUnavailableError, ValidationError
from chalicelib.ledger.rules import Rule, parse_bound
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer, unreachable
from tests.fixtures.threads import together

FEES = Rule(
    "fees", 10, "bank-fees", "tarifa", "debit", "bb", parse_bound("1.00"), parse_bound("9.90")
)


@pytest.fixture
def settings(table: LedgerTable) -> MerchantSettings:
    return MerchantSettings(table.client, "settings")


def test_rule_is_stored_whole_and_deleted(settings: MerchantSettings, table: LedgerTable) -> None:
    assert rules(settings, "padaria") == []
    delete_rule(settings, "padaria", "fees")
    put_rule(settings, "padaria", FEES)
    put_rule(settings, "padaria", Rule("all", 9, "other"))
    table.wire.calls.clear()
    put_rule(settings, "padaria", FEES)
    assert table.wire.calls == ["GetItem"]  # a repeated request writes nothing
    assert rules(settings, "padaria") == [Rule("all", 9, "other"), FEES]
    assert rules(settings, "rival") == []
    delete_rule(settings, "padaria", "all")
    delete_rule(settings, "padaria", "all")
    assert rules(settings, "padaria") == [FEES]


def test_rules_put_at_once_are_all_kept(settings: MerchantSettings) -> None:
    new = [Rule(f"rule-{number}", 1, "x") for number in range(4)]
    together(*[partial(put_rule, settings, "padaria", rule) for rule in new])
    assert rules(settings, "padaria") == new


def test_change_in_between_is_not_overwritten(
    settings: MerchantSettings, table: LedgerTable
) -> None:
    put_rule(settings, "padaria", FEES)
    deleted = partial(delete_rule, settings, "padaria", "fees")
    table.wire.twist("PutItem", after(deleted))
    put_rule(settings, "padaria", Rule("all", 9, "other"))
    assert rules(settings, "padaria") == [Rule("all", 9, "other")]


def test_lost_response_stores_the_rule_once(settings: MerchantSettings, table: LedgerTable) -> None:
    table.wire.twist("PutItem", lost_answer)
    put_rule(settings, "padaria", FEES)
    assert rules(settings, "padaria") == [FEES]
    for operation in ("GetItem", "PutItem"):
        table.wire.twist(operation, *[unreachable] * 3)
        with pytest.raises(LedgerUnavailableError):
            put_rule(settings, "padaria", Rule("all", 9, "other"))


def test_rule_201_is_refused_and_200_fit(settings: MerchantSettings) -> None:
    # The longest that rules can be; all of them are one item, and DynamoDB allows 400 KB.
    longest = [
        Rule(f"{number:040}", 999_999, "c" * 40, "\U0001f35e" * 200, "credit", "a" * 40)
        for number in range(200)
    ]
    fields = Rule._fields[1:]
    stored = {rule[0]: dict(zip(fields, rule[1:], strict=True)) for rule in longest[:199]}
    settings.change("padaria", "rules", lambda _: stored)
    put_rule(settings, "padaria", longest[199])
    with pytest.raises(ValidationError, match="200 rules"):
        put_rule(settings, "padaria", FEES)
    put_rule(settings, "padaria", longest[0]._replace(order=1))
    delete_rule(settings, "padaria", longest[1].name)
    put_rule(settings, "padaria", FEES)
    assert len(rules(settings, "padaria")) == 200
