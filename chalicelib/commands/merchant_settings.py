"""What merchants set up themselves, in a table beside the ledger: one item for each name.

An item has the merchant, a name such as `profile`, and a value as JSON text.
"""

import json
from typing import Any

from chalicelib.commands.dynamodb_retry import translating_errors
from chalicelib.ledger.merchants import Merchant

PROFILE = "profile"


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

    def _get(self, merchant_id: str, name: str) -> Any:
        key = {"merchant_id": {"S": merchant_id}, "name": {"S": name}}
        with translating_errors():
            response = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return json.loads(response["Item"]["value"]["S"]) if "Item" in response else None

    def _put(self, merchant_id: str, name: str, value: Any) -> None:
        texts = {"merchant_id": merchant_id, "name": name, "value": json.dumps(value)}
        item = {name: {"S": text} for name, text in texts.items()}
        with translating_errors():
            self._client.put_item(TableName=self._table, Item=item)
