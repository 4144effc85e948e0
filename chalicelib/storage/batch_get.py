"""Batch reads of the ledger's table by id; keys that DynamoDB leaves unread are requested again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.storage.dynamodb_items import Item

MAX_KEYS = 100
"""Largest number of keys of one BatchGetItem request."""
CONSISTENT_READ: Mapping[str, Any] = {"ConsistentRead": True}
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def chunks(entry_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in chunks of the largest size of one request."""
    for start in range(0, len(entry_ids), MAX_KEYS):
        yield entry_ids[start : start + MAX_KEYS]


def read_once(
    client: Any, table: str, entry_ids: Sequence[str], options: Mapping[str, Any] = CONSISTENT_READ
) -> tuple[list[Item], list[str]]:
    """Return the items of up to 100 different ids, and the ids that the table left unread."""
    keys = [{"entry_id": {"S": entry_id}} for entry_id in entry_ids]
    response = client.batch_get_item(RequestItems={table: {"Keys": keys, **options}})
    unread = response.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
    return response["Responses"].get(table, []), [key["entry_id"]["S"] for key in unread]


def read_all(
    client: Any,
    table: str,
    entry_ids: Sequence[str],
    pause: Callable[[float], None],
    options: Mapping[str, Any] = CONSISTENT_READ,
) -> list[Item]:
    """Return the items of up to 100 different ids; `pause` waits for seconds between requests.

    Raises LedgerUnavailableError if keys stay unread for about 3 s.
    """
    result: list[Item] = []
    unread = entry_ids
    for seconds in _PAUSES:
        items, unread = read_once(client, table, unread, options)
        result += items
        if not unread:
            return result
        pause(seconds)
    raise LedgerUnavailableError(
        f"The ledger returned only {len(result)} of {len(entry_ids)} entries."
    )
