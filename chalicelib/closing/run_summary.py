"""The summary of a run that a merchant started is stored with the request that started it."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.storage.dynamodb_items import run_key_id


class RunSummaries:
    """Stores summaries over a low-level DynamoDB client, in the table of entries."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def store(self, run_id: str, summary: Mapping[str, Any]) -> None:
        """Store the summary of a run, unless no request started it."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"entry_id": {"S": run_key_id(run_id)}},
                UpdateExpression="SET summary = :summary",
                ConditionExpression="outcome = :run",
                ExpressionAttributeValues={
                    ":summary": {"S": json.dumps(summary)},
                    ":run": {"S": run_id},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
