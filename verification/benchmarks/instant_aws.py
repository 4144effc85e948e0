"""DynamoDB and S3 that respond at once inside the client, so that its own time is measured.

Items and objects are stored, conditions are not checked, and batch reads return nothing.
"""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalicelib.runtime import clients, wiring

_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",  # bodies without chunks
    "ENTRIES_TABLE": "entries",
    "SETTINGS_TABLE": "settings",
    "IMPORTS_TABLE": "imports",
    "IMPORT_BUCKET": "bank-files",
}
_EMPTY: dict[str, Any] = {
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
}


class InstantAws:
    """What was stored, and the responses to calls."""

    def __init__(self) -> None:
        self._items: dict[str, Any] = {}
        self._objects: dict[str, bytes] = {}

    def dynamodb(self, event_name: str, request: Any, **_: Any) -> Any:
        """Return the response to a call of DynamoDB."""
        operation, sent = event_name.rsplit(".", 1)[1], json.loads(request.body)
        if sent.get("TableName") == "imports" and operation in ("GetItem", "PutItem"):
            key = (sent.get("Key") or sent["Item"])["name"]["S"]
            if operation == "PutItem":
                self._items[key] = sent["Item"]
            stored = self._items.get(key)
            return response({"Item": stored} if operation == "GetItem" and stored else {})
        return response(_EMPTY.get(operation, {}))

    def s3(self, event_name: str, request: Any, **_: Any) -> Any:
        """Return the response to a call of S3."""
        operation, url = event_name.rsplit(".", 1)[1], urlsplit(request.url)
        name = unquote(url.path)
        if operation == "PutObject":
            body = request.body
            self._objects[name] = body if isinstance(body, bytes) else body.read()
            return response(b"")
        if operation == "GetObject":
            return response(self._objects[name])
        if operation == "ListObjectsV2":
            prefix = parse_qs(url.query)["prefix"][0]
            keys = [each.removeprefix("/") for each in self._objects]
            listed = "".join(
                f"<Contents><Key>{key}</Key></Contents>" for key in keys if key.startswith(prefix)
            )
            text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"
            return response(text.encode())
        return response(b"<DeleteResult/>")


@contextmanager
def instant_aws() -> Iterator[None]:
    """Let this process's clients respond at once, within a `with` block."""
    os.environ |= _VARIABLES
    wiring.reset()
    aws = InstantAws()
    clients.aws("dynamodb").meta.events.register("before-send.dynamodb", aws.dynamodb)
    clients.aws("s3").meta.events.register("before-send.s3", aws.s3)
    yield
    wiring.reset()


class _Raw(io.BytesIO):
    """The body of a response as botocore reads it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def response(body: Any) -> Any:
    """Return a successful HTTP response, as botocore parses it, with a body of bytes or JSON."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = HTTPHeaders()
    headers["Content-Length"] = str(len(content))
    return AWSResponse("", 200, headers, _Raw(content))
