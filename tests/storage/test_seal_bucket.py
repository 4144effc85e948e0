"""The bucket of closings: a chain's end is found by few requests, whatever is supposed of it."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.storage import seal_bucket
from chalicelib.storage.seal_bucket import SealBucket, closing_name

BUCKET = "livro-caixa-test-seals"


@pytest.fixture
def s3(emulated_aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(seal_bucket, "PAGE", 4)
    client = emulated_aws("s3")
    client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    return client


def put(s3: Any, merchant_id: str, *sequences: int) -> None:
    for sequence in sequences:
        s3.put_object(Bucket=BUCKET, Key=closing_name(merchant_id, sequence), Body=b"1")


def test_end_is_found_near_any_number(s3: Any) -> None:
    put(s3, "padaria", *range(1, 40), 39)  # two versions of the last one
    put(s3, "padariab", 1)
    requests: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: requests.append(model.name))
    bucket, counts = SealBucket(s3, BUCKET), {}
    for near in (0, 1, 20, 36, 38, 39, 40, 41, 60, 2_147_483_647):
        requests.clear()
        newest = bucket.newest_closing("padaria", near)
        assert newest is not None
        assert newest.name == closing_name("padaria", 39)
        assert bucket.read(newest) == b"1"
        counts[near] = requests.count("ListObjectVersions")
    assert counts[39] == 1
    assert max(counts[near] for near in (0, 1, 20, 60)) <= 9
    assert counts[2_147_483_647] <= 70


def test_merchant_without_closings_has_no_end(s3: Any) -> None:
    put(s3, "padariab", 1)
    bucket = SealBucket(s3, BUCKET)
    assert [bucket.newest_closing("padaria", near) for near in (0, 1, 9)] == [None] * 3


def test_unknown_names_do_not_end_the_search(s3: Any) -> None:
    put(s3, "padaria", *range(1, 9), 9_999_999_999)
    s3.put_object(Bucket=BUCKET, Key="closings/padaria/x.json", Body=b"1")
    newest = SealBucket(s3, BUCKET).newest_closing("padaria")
    assert newest is not None
    assert newest.name == "closings/padaria/x.json"
