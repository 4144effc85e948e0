"""Items of the ledger's table by their ids; keys that the table leaves unread are asked for again.

Shared by the rooms that read the table, beside `entry_items`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.storage.dynamodb_items import Item

KEYS_AT_ONCE = 100
"""How many keys DynamoDB reads by one request."""
CONSISTENTLY: Mapping[str, Any] = {"ConsistentRead": True}
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def chunks(entry_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in runs that one request may ask for."""
    for start in range(0, len(entry_ids), KEYS_AT_ONCE):
        yield entry_ids[start : start + KEYS_AT_ONCE]


def read_once(
    client: Any, table: str, entry_ids: Sequence[str], how: Mapping[str, Any] = CONSISTENTLY
) -> tuple[list[Item], list[str]]:
    """Return the items of up to 100 different ids, and the ids that the table left unread."""
    keys = [{"entry_id": {"S": entry_id}} for entry_id in entry_ids]
    answer = client.batch_get_item(RequestItems={table: {"Keys": keys, **how}})
    unread = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
    return answer["Responses"].get(table, []), [key["entry_id"]["S"] for key in unread]


def read_all(
    client: Any,
    table: str,
    entry_ids: Sequence[str],
    pause: Callable[[float], None],
    how: Mapping[str, Any] = CONSISTENTLY,
) -> list[Item]:
    """Return the items of up to 100 different ids; `pause` waits for seconds between tries.

    Raises LedgerUnavailableError where keys stay unread for about 3 s.
    """
    result: list[Item] = []
    unread: Sequence[str] = entry_ids
    for seconds in _PAUSES:
        items, unread = read_once(client, table, unread, how)
        result += items
        if not unread:
            return result
        pause(seconds)
    raise LedgerUnavailableError(f"The ledger gave {len(result)} of {len(entry_ids)} entries.")
