"""The writes that the code sends to the table of entries, and the conditions in them.

Any other request ends a scenario: the fake table could not know what it means.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.storage.dynamodb_items import Item

TABLE = "entries"
TEXTS = ("description", "metadata", "text_salt", "request_text_digest")


class UnknownRequestError(BaseException):
    """The code sent a request that this fake does not implement yet."""


def conditional_put(params: Mapping[str, Any]) -> tuple[Item, Callable[[Item | None], bool]]:
    """Return the item that a put writes, and its condition on the item that is there."""
    expected = {"Item": params["Item"], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    values = params.get("ExpressionAttributeValues")
    if values is None:
        _check(params, **expected, ConditionExpression="attribute_not_exists(entry_id)")
        return dict(params["Item"]), lambda stored: stored is None
    if ":released" in values:
        condition = "attribute_not_exists(entry_id) OR import_id = :released"
        _check(params, **expected, ConditionExpression=condition, ExpressionAttributeValues=values)
        released = values[":released"]
        return dict(params["Item"]), lambda item: item is None or item.get("import_id") == released
    if ":number" in values:
        names = {"#number": "number"}
        condition = "#number = :number"
        expected |= {"ConditionExpression": condition, "ExpressionAttributeNames": names}
        _check(params, **expected, ExpressionAttributeValues=values)
        number = values[":number"]
        return dict(params["Item"]), lambda item: item is not None and item["number"] == number
    summary = "summary = :summary" if ":summary" in values else "attribute_not_exists(summary)"
    condition = f"nonce = :nonce AND attribute_not_exists(started_at) AND {summary}"
    _check(params, **expected, ConditionExpression=condition, ExpressionAttributeValues=values)
    same = (values[":nonce"], None, values.get(":summary"))
    held = ("nonce", "started_at", "summary")
    return dict(params["Item"]), lambda stored: same == tuple(map((stored or {}).get, held))


def checked_absent(params: Mapping[str, Any]) -> str:
    """Return the id that must be absent."""
    _check(
        params,
        Key=params["Key"],
        ConditionExpression="attribute_not_exists(entry_id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    return str(params["Key"]["entry_id"]["S"])


def text_removal(params: Mapping[str, Any]) -> str:
    """Return the id of the entry whose texts are removed."""
    _check(
        params,
        Key=params["Key"],
        UpdateExpression=f"SET erased_at = :now REMOVE {', '.join(TEXTS)}",
        ExpressionAttributeValues=params["ExpressionAttributeValues"],
        ConditionExpression="attribute_exists(entry_id)",
    )
    return str(params["Key"]["entry_id"]["S"])


def _check(params: Mapping[str, Any], **expected: object) -> None:
    if params != {"TableName": TABLE, **expected}:
        raise UnknownRequestError(params)
