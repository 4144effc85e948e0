"""A merchant's rules for rows of bank files, among its settings: all of them in one item.

200 rules with the longest texts have about 230 KB, of the 400 KB that an item may have.
"""

from decimal import Decimal
from typing import Any

from chalicelib.commands.merchant_settings import MerchantSettings, Setting
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.rules import MOST_RULES, Rule

RULES = "rules"


def rules(settings: MerchantSettings, merchant_id: str) -> list[Rule]:
    """Return a merchant's rules, by order and then name; raise LedgerUnavailableError."""
    return rules_of(settings.setting(merchant_id, RULES))


def rules_of(stored: Setting | None) -> list[Rule]:
    """Return the rules of a stored setting, by order and then name."""
    held = {} if stored is None else stored.value
    return sorted(
        (_rule(name, value) for name, value in held.items()),
        key=lambda rule: (rule.order, rule.name),
    )


def put_rule(settings: MerchantSettings, merchant_id: str, rule: Rule) -> None:
    """Store a rule in place of an earlier one of its name.

    Raises ValidationError when the merchant has 200 other rules, LedgerUnavailableError.
    """

    def added(held: Any) -> Any:
        changed = {**(held or {}), rule.name: _value(rule)}
        if len(changed) > MOST_RULES:
            message = f"would be one more than {MOST_RULES} rules; delete another one first"
            raise ValidationError(f"The rule {message}.", [FieldError("name", message)])
        return changed

    settings.change(merchant_id, RULES, added)


def delete_rule(settings: MerchantSettings, merchant_id: str, name: str) -> None:
    """Remove a rule, if it exists; raise LedgerUnavailableError."""

    def removed(held: Any) -> Any:
        return held and {key: value for key, value in held.items() if key != name}

    settings.change(merchant_id, RULES, removed)


def _rule(name: str, value: dict[str, Any]) -> Rule:
    bounds = {bound: value[bound] for bound in ("minimum", "maximum")}
    amounts = {bound: text and Decimal(text) for bound, text in bounds.items()}
    return Rule(name, **{**value, **amounts})


def _value(rule: Rule) -> dict[str, Any]:
    value = rule._asdict()
    del value["name"]
    bounds = {bound: value[bound] for bound in ("minimum", "maximum")}
    return {**value, **{bound: amount and str(amount) for bound, amount in bounds.items()}}
