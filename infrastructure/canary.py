"""The canary's row in the table of machine clients: its merchant, and the addresses that it calls.

The addresses are there because the API is created after its functions, so no environment variable
of a function can hold them.
"""

from collections.abc import Mapping
from typing import Any

MERCHANT = "livro-caixa-canary"


def register(dynamodb: Any, table: str, client_id: str, addresses: Mapping[str, str]) -> bool:
    """Write the canary's item unless an equal one is stored; return whether it was written.

    `addresses` are `base_url` of the API and `token_url` of the user pool.
    """
    fields = {"client_id": client_id, "merchant_id": MERCHANT, **addresses}
    item = {name: {"S": text} for name, text in fields.items()}
    stored = dynamodb.get_item(TableName=table, Key={"client_id": item["client_id"]})
    if stored.get("Item") == item:
        return False
    dynamodb.put_item(TableName=table, Item=item)
    return True
