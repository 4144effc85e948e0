"""What merchants set up themselves, in a table beside the ledger: one item for each name.

An item has the merchant, a name such as `profile`, and a value as JSON text. A value that is
changed in part also has the number of its revision, so that no concurrent change is lost, and the
secret that signs the cursors of its list.
"""

import json
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from chalicelib.commands.dynamodb_retry import (
    TransactionConflictError,
    retrying_on_conflict,
    translating_errors,
)
from chalicelib.ledger.merchants import Merchant

PROFILE = "profile"


class Setting(NamedTuple):
    """A stored value; `revision` counts its changes, `secret` is random and never changes."""

    value: Any
    revision: int
    secret: str


class MerchantSettings:
    """The settings' table over a low-level DynamoDB client, which threads may share.

    Each operation raises LedgerUnavailableError when the table does not respond.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def profile(self, merchant_id: str) -> Merchant | None:
        """Return who the merchant is; None if that was never set."""
        value = self._get(merchant_id, PROFILE)
        return None if value is None else Merchant(**value)

    def put_profile(self, merchant_id: str, profile: Merchant) -> None:
        """Set who the merchant is, in place of what was set before."""
        self._put(merchant_id, PROFILE, profile._asdict())

    def setting(self, merchant_id: str, name: str) -> Setting | None:
        """Return a value that `change` stored, None without one."""
        item = self._item(merchant_id, name)
        if "revision" not in item:
            return None
        revision, secret = int(item["revision"]["N"]), item["secret"]["S"]
        return Setting(json.loads(item["value"]["S"]), revision, secret)

    def change(self, merchant_id: str, name: str, change: Callable[[Any], Any]) -> Any:
        """Replace a JSON value (None: there is none yet) by `change` of it, and return the new one.

        When another request stores a value in between, `change` is called again, with that value.
        What it raises ends the change; nothing is written if the value stays equal.
        """

        def try_once() -> Any:
            old = self.setting(merchant_id, name)
            held = old.value if old else None
            value = change(held)
            if value != held:
                self._replace(merchant_id, name, value, old)
            return value

        return retrying_on_conflict(try_once)

    def _replace(self, merchant_id: str, name: str, value: Any, old: Setting | None) -> None:
        """Store a value in place of an old one; raise TransactionConflictError if that is gone."""
        secret = old.secret if old else secrets.token_hex(16)
        texts = {"merchant_id": merchant_id, "name": name, "value": _text(value), "secret": secret}
        item: dict[str, Any] = {attribute: {"S": text} for attribute, text in texts.items()}
        item["revision"] = {"N": str(old.revision + 1 if old else 1)}
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(revision)"}
        if old:
            condition = {
                "ConditionExpression": "revision = :old",
                "ExpressionAttributeValues": {":old": {"N": str(old.revision)}},
            }
        with translating_errors():
            try:
                self._client.put_item(TableName=self._table, Item=item, **condition)
            except self._client.exceptions.ConditionalCheckFailedException:
                raise TransactionConflictError from None

    def _get(self, merchant_id: str, name: str) -> Any:
        item = self._item(merchant_id, name)
        return json.loads(item["value"]["S"]) if item else None

    def _item(self, merchant_id: str, name: str) -> dict[str, Any]:
        key = {"merchant_id": {"S": merchant_id}, "name": {"S": name}}
        with translating_errors():
            response = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: dict[str, Any] = response.get("Item", {})
        return item

    def _put(self, merchant_id: str, name: str, value: Any) -> None:
        texts = {"merchant_id": merchant_id, "name": name, "value": _text(value)}
        item = {name: {"S": text} for name, text in texts.items()}
        with translating_errors():
            self._client.put_item(TableName=self._table, Item=item)


def _text(value: Any) -> str:
    # Without escapes, which would make some texts three times as long.
    return json.dumps(value, ensure_ascii=False)
