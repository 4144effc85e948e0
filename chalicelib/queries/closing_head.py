"""The head of a merchant's chain: its newest closing, as the bucket retains it."""

import json
from collections.abc import Callable

from chalicelib.ledger.errors import (
    NotFoundError,
    ReadModelUnavailableError,
    SealBucketUnavailableError,
)
from chalicelib.ledger.seals import JsonObject, statement_of
from chalicelib.runtime import clients
from chalicelib.storage.seal_bucket import SealBucket, key_name


def closing_head(
    newest_sequence: Callable[[str], int], bucket: SealBucket, merchant_id: str
) -> JsonObject:
    """Return what is signed of the newest closing, the signature, and the key that verifies it.

    `newest_sequence` is the read model's number of that closing (0 without any), which only says
    where to look first: without it, or with a wrong one, the bucket is searched. Raises
    NotFoundError when the merchant has no closing yet, and SealBucketUnavailableError when the
    bucket does not respond.
    """
    try:
        near = newest_sequence(merchant_id)
    except ReadModelUnavailableError:
        near = 0
    try:
        newest = bucket.newest_closing(merchant_id, near)
        item = json.loads(bucket.read(newest)) if newest else None
        public_key = bucket.get(key_name(item["key_id"])) if item else None
    except clients.aws_failures() as failure:
        raise SealBucketUnavailableError(
            "The bucket of sealed closings does not respond; retry shortly."
        ) from failure
    if item is None:
        raise NotFoundError("This merchant has no closing yet.")
    if public_key is None:
        raise SealBucketUnavailableError(f"The bucket must have the public key {item['key_id']}.")
    seal = {name: item[name] for name in ("signature", "key_id")}
    return {**statement_of(item), **seal, "public_key": public_key.decode()}
