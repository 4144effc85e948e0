"""The bucket of bank files and their previewed rows: it expires them, and never retains them.

Texts of banks are personal. They are here, and not in a table, so that they expire; and
not in the bucket of seals, where nothing can be deleted.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chalicelib.ledger.errors import ImportBucketUnavailableError
from chalicelib.runtime.clients import aws_failures

_DELETES_TOGETHER = 1000
"""The most objects of one DeleteObjects request."""
_ATTEMPTS = 20
"""How often an object is changed that others change at the same moment."""


class ImportBucket:
    """Objects over an S3 client, which threads may share.

    Each operation raises ImportBucketUnavailableError when the bucket does not respond.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, name: str, content: bytes) -> None:
        """Store an object, compressed by gzip, in place of any other of this name."""
        with _translating_errors():
            self._client.put_object(
                Bucket=self._name, Key=name, Body=content, ContentType="application/gzip"
            )

    def get(self, name: str) -> bytes | None:
        """Return an object; None if there is none."""
        with _translating_errors():
            try:
                response = self._client.get_object(Bucket=self._name, Key=name)
            except self._client.exceptions.NoSuchKey:
                return None
            content: bytes = response["Body"].read()
        return content

    def change(self, name: str, changed: Callable[[bytes], bytes | None]) -> bool:
        """Replace an object by `changed` of it, unless that is None; return whether it was.

        What another process writes at the same moment is read and changed again, not overwritten.
        """
        for _ in range(_ATTEMPTS):
            with _translating_errors():
                try:
                    stored = self._client.get_object(Bucket=self._name, Key=name)
                except self._client.exceptions.NoSuchKey:
                    return False
                content = changed(stored["Body"].read())
                if content is None:
                    return False
                if self._replace(name, content, stored["ETag"]):
                    return True
        raise _unavailable()

    def _replace(self, name: str, content: bytes, etag: str) -> bool:
        # S3 answers 412 where the object is another one, 409 where it is being written, and 404
        # where it was deleted: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        try:
            self._client.put_object(
                Bucket=self._name,
                Key=name,
                Body=content,
                ContentType="application/gzip",
                IfMatch=etag,
            )
        except self._client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 409, 412):
                raise
            return False
        return True

    def names(self, prefix: str) -> list[str]:
        """Return the names of all objects with a prefix, in order."""
        with _translating_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix
            )
            return [each["Key"] for page in pages for each in page.get("Contents", ())]

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects; those that are absent stay so."""
        with _translating_errors():
            for start in range(0, len(names), _DELETES_TOGETHER):
                keys = [{"Key": name} for name in names[start : start + _DELETES_TOGETHER]]
                response = self._client.delete_objects(
                    Bucket=self._name, Delete={"Objects": keys, "Quiet": True}
                )
                if response.get("Errors"):
                    raise _unavailable()


@contextmanager
def _translating_errors() -> Iterator[None]:
    try:
        yield
    except aws_failures() as failure:
        raise _unavailable() from failure


def _unavailable() -> ImportBucketUnavailableError:
    return ImportBucketUnavailableError(
        "The bucket of bank files does not respond; send the same request again."
    )
