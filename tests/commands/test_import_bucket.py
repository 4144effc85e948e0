"""The bucket of bank files: what two processes change at the same moment has both changes."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.commands.import_bucket import ImportBucket
from chalicelib.ledger.errors import ImportBucketUnavailableError

NAME = "previews/padaria/1/rows-00000"


@pytest.fixture
def s3(emulated_aws: Callable[[str], Any]) -> Any:
    client = emulated_aws("s3")
    client.create_bucket(Bucket="imports")
    return client


@pytest.fixture
def bucket(s3: Any) -> ImportBucket:
    filled = ImportBucket(s3, "imports")
    filled.put(NAME, b"Ana, Bia")
    return filled


def test_two_changes_at_once_both_remain(bucket: ImportBucket) -> None:
    seen: list[bytes] = []

    def without_ana(content: bytes) -> bytes:
        if not seen:
            assert bucket.change(NAME, lambda other: other.replace(b"Bia", b"?"))
        seen.append(content)
        return content.replace(b"Ana", b"?")

    assert bucket.change(NAME, without_ana)
    assert seen == [b"Ana, Bia", b"Ana, ?"]
    assert bucket.get(NAME) == b"?, ?"


def test_object_that_expires_meanwhile_stays_away(bucket: ImportBucket) -> None:
    def late(content: bytes) -> bytes:
        bucket.delete([NAME])
        return content

    assert not bucket.change(NAME, late)
    assert not bucket.change("nothing", late)
    assert bucket.names("") == []


def test_unchanged_object_is_not_written(bucket: ImportBucket, s3: Any) -> None:
    s3.meta.events.register("before-call.s3.PutObject", lambda **_: pytest.fail("written"))
    assert not bucket.change(NAME, lambda _: None)


def test_object_that_always_changes_is_an_error(bucket: ImportBucket) -> None:
    def contended(content: bytes) -> bytes:
        bucket.put(NAME, content + b".")
        return content

    with pytest.raises(ImportBucketUnavailableError):
        bucket.change(NAME, contended)
