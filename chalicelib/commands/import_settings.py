"""How a merchant's bank files are read: mappings of columns, and accounts by their numbers.

All mappings are one setting, and all accounts another, as JSON values.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.commands.merchant_settings import MerchantSettings, Setting
from chalicelib.ledger.errors import FieldError, ValidationError

MAPPINGS = "import-mappings"
ACCOUNTS = "import-accounts"
MOST_MAPPINGS = 100
MOST_ACCOUNTS = 1000
MOST_BYTES = 300_000
"""How long a setting's JSON text may be; DynamoDB's items have at most 400 KB."""
Values = dict[str, Any]


def mappings_of(stored: Setting | None) -> Values:
    """Return the mappings of a stored setting by name, in order."""
    return dict(sorted(stored.value.items())) if stored else {}


def put_mapping(settings: MerchantSettings, merchant_id: str, name: str, mapping: Values) -> None:
    """Store a mapping in place of an earlier one of its name.

    Raises ValidationError when the merchant has too many, LedgerUnavailableError.
    """

    def added(held: Any) -> Any:
        changed = {**(held or {}), name: mapping}
        if len(changed) > MOST_MAPPINGS or _size(changed) > MOST_BYTES:
            message = f"would make more than {MOST_MAPPINGS} mappings, or more than 300 KB of them"
            raise ValidationError(f"The mapping {message}.", [FieldError("name", message)])
        return changed

    settings.change(merchant_id, MAPPINGS, added)


def delete_mapping(settings: MerchantSettings, merchant_id: str, name: str) -> None:
    """Remove a mapping, if it exists; raise LedgerUnavailableError."""

    def removed(held: Any) -> Any:
        return held and {key: value for key, value in held.items() if key != name}

    settings.change(merchant_id, MAPPINGS, removed)


def accounts(settings: MerchantSettings, merchant_id: str) -> Mapping[str, str]:
    """Return the merchant's accounts by their numbers in files; raise LedgerUnavailableError."""
    stored = settings.setting(merchant_id, ACCOUNTS)
    return stored.value if stored else {}


def put_accounts(
    settings: MerchantSettings,
    merchant_id: str,
    new: Mapping[str, str],
    check: Callable[[Mapping[str, str]], None],
) -> None:
    """Store all accounts in place of the earlier ones, on which `check` may raise an error.

    Raises LedgerUnavailableError.
    """

    def replaced(held: Any) -> Any:
        check(held or {})
        return dict(new)

    settings.change(merchant_id, ACCOUNTS, replaced)


def _size(value: Values) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
