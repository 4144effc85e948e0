"""What the canary must be told once its API stands: whose book is its own, and where to call.

It is kept where every machine client's merchant is: the API is made after its functions, so no
environment variable can name it.
"""

from collections.abc import Mapping
from typing import Any

MERCHANT = "livro-caixa-canary"


def introduce(dynamodb: Any, table: str, client_id: str, addresses: Mapping[str, str]) -> bool:
    """Write the canary's item unless it says the same already; return whether it was written.

    `addresses` are `base_url` of the API and `token_url` of the user pool.
    """
    result = {"client_id": client_id, "merchant_id": MERCHANT, **addresses}
    wanted = {name: {"S": text} for name, text in result.items()}
    matches = dynamodb.get_item(TableName=table, Key={"client_id": wanted["client_id"]})
    if matches.get("Item") == wanted:
        return False
    dynamodb.put_item(TableName=table, Item=wanted)
    return True
