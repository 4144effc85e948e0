"""The head of a merchant's chain: its newest closing, as the bucket retains it."""

import json

from chalicelib.ledger.errors import NotFoundError, SealBucketUnavailableError
from chalicelib.ledger.seals import JsonObject, statement_of
from chalicelib.runtime import clients
from chalicelib.storage.seal_bucket import SealBucket, closings_of, first_versions, key_name


def closing_head(bucket: SealBucket, merchant_id: str) -> JsonObject:
    """Return what is signed of the newest closing, the signature, and the key that verifies it.

    It does not depend on PostgreSQL. Raises NotFoundError when the merchant has no closing yet, and
    SealBucketUnavailableError when the bucket does not respond.
    """
    try:
        versions = first_versions(bucket.versions(closings_of(merchant_id)))
        item = json.loads(bucket.read(versions[-1])) if versions else None
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
