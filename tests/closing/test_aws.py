"""Signing, archiving and announcing by the emulated KMS, S3 and EventBridge."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.closing.aws import announcer, archiver, retriever, signer, superseder, verifier
from chalicelib.closing.errors import SealMismatchError
from chalicelib.ledger.errors import ConsolidationUnavailableError

BUCKET = "livro-caixa-test-seals"


@dataclass(frozen=True)
class Cloud:
    """Clients of the emulated services."""

    session: Any

    def __call__(self, service: str) -> Any:
        return self.session.client(service)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield Cloud(
            boto3.Session(
                aws_access_key_id="nobody", aws_secret_access_key="nothing", region_name="us-east-1"
            )
        )


def test_a_digest_is_signed_by_the_key_that_an_alias_names(cloud: Cloud) -> None:
    kms = cloud("kms")
    key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/seal", TargetKeyId=key_id)
    digest = hashlib.sha256(b"a closing").digest()
    published: dict[str, str] = {}
    sign = signer(kms, "alias/seal", published.__setitem__)
    signature, named = sign(digest)
    public = load_pem_public_key(published[named].encode())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    # The emulator hashes the digest once more; KMS takes it as it is.
    public.verify(base64.b64decode(signature), digest, ec.ECDSA(SHA256()))
    assert named == key_id


def test_a_key_is_published_before_its_first_signature_is_given(cloud: Cloud) -> None:
    kms = cloud("kms")
    keys = [kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY") for _ in range(2)]
    ids = [key["KeyMetadata"]["KeyId"] for key in keys]
    kms.create_alias(AliasName="alias/seal", TargetKeyId=ids[0])
    published: list[str] = []
    sign = signer(kms, "alias/seal", lambda key_id, _: published.append(key_id))
    used = [sign(bytes(32))[1] for _ in range(2)]
    kms.update_alias(AliasName="alias/seal", TargetKeyId=ids[1])
    used += [sign(bytes(32))[1] for _ in range(2)]
    assert (published, used) == (ids, [ids[0], ids[0], ids[1], ids[1]])


def test_no_signature_is_given_of_a_key_that_could_not_be_published(cloud: Cloud) -> None:
    kms = cloud("kms")
    key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]

    def refuse(_key_id: str, _public_key: str) -> None:
        raise ConsolidationUnavailableError("no")

    sign = signer(kms, key_id, refuse)
    for _ in range(2):
        with pytest.raises(ConsolidationUnavailableError):
            sign(bytes(32))


def test_an_object_is_put_once_and_stays_as_it_was(cloud: Cloud) -> None:
    s3, name = cloud("s3"), "closings/padaria/0000000001.json"
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    for _ in range(2):
        archiver(s3, BUCKET)(name, b'{"first":1}')
    with pytest.raises(SealMismatchError, match=name):
        archiver(s3, BUCKET)(name, b'{"second":2}')
    kept = s3.get_object(Bucket=BUCKET, Key=name)
    assert (kept["Body"].read(), kept["ContentType"]) == (b'{"first":1}', "application/json")
    versions = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert len(versions) == 1


def test_a_signature_is_told_from_another_and_its_key_is_published(cloud: Cloud) -> None:
    kms = cloud("kms")
    keys = [kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY") for _ in range(2)]
    mine, another = (key["KeyMetadata"]["KeyId"] for key in keys)
    digest = hashlib.sha256(b"a closing").digest()
    signature, _ = signer(kms, mine, lambda *_: None)(digest)
    published: dict[str, str] = {}
    verify = verifier(kms, published.__setitem__)
    assert not verify(hashlib.sha256(b"another").digest(), signature, mine)
    assert not verify(digest, signature, another)
    assert published == {}
    assert verify(digest, signature, mine)
    assert list(published) == [mine]


def test_a_key_that_is_not_there_says_yes_to_nothing(cloud: Cloud) -> None:
    kms = cloud("kms")
    with pytest.raises(kms.exceptions.NotFoundException):
        verifier(kms, lambda *_: None)(bytes(32), "c2lnbmVk", "no-such-key")


def test_what_is_kept_is_read_and_nothing_where_nothing_is(cloud: Cloud) -> None:
    s3, name = cloud("s3"), "closings/padaria/0000000001.json"
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    assert retriever(s3, BUCKET)(name) is None
    archiver(s3, BUCKET)(name, b'{"first":1}')
    assert retriever(s3, BUCKET)(name) == b'{"first":1}'


def test_leaves_that_give_way_stay_as_an_earlier_version(cloud: Cloud) -> None:
    s3, name = cloud("s3"), "leaves/padaria/0000000001.json"
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    archiver(s3, BUCKET)(name, b'{"first":1}')
    superseder(s3, BUCKET)(name, b'{"second":2}')
    assert retriever(s3, BUCKET)(name) == b'{"second":2}'
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 2


def test_what_somebody_hid_by_a_delete_marker_is_not_taken_for_nothing() -> None:
    with pytest.raises(SealMismatchError, match="delete marker above closings/a"):
        retriever(HidingBucket(), BUCKET)("closings/a.json")


def test_a_bucket_that_cannot_be_read_is_not_an_empty_one(cloud: Cloud) -> None:
    s3 = cloud("s3")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        retriever(s3, "no-such-bucket-anywhere")("closings/padaria/0000000001.json")


def test_an_object_that_cannot_be_put_is_no_success(cloud: Cloud) -> None:
    s3 = cloud("s3")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        archiver(s3, "no-such-bucket-anywhere")("keys/one.pem", b"content")


def test_a_put_that_conflicts_with_another_is_put_again_after_a_pause(cloud: Cloud) -> None:
    s3, name, paused = cloud("s3"), "closings/padaria/0000000001.json", list[float]()
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    archiver(ConflictingBucket(s3, times=2), BUCKET, paused.append)(name, b'{"first":1}')
    assert retriever(s3, BUCKET)(name) == b'{"first":1}'
    assert len(paused) == 2
    archiver(ConflictingBucket(s3, times=1), BUCKET, paused.append)(name, b'{"first":1}')
    with pytest.raises(SealMismatchError, match=name):
        archiver(ConflictingBucket(s3, times=1), BUCKET, paused.append)(name, b'{"second":2}')


def test_a_put_that_conflicts_each_time_is_given_up(cloud: Cloud) -> None:
    s3, paused = cloud("s3"), list[float]()
    with pytest.raises(s3.exceptions.ClientError, match="ConditionalRequestConflict"):
        archiver(ConflictingBucket(s3, times=100), BUCKET, paused.append)("keys/a.pem", b"content")
    assert 3 <= len(paused) <= 10
    assert sum(paused) < 5


def test_closed_days_are_put_on_the_bus_as_events(cloud: Cloud) -> None:
    events, request = cloud("events"), []
    events.create_event_bus(Name="livro-caixa-test")
    events.meta.events.register(
        "provide-client-params.events.PutEvents",
        lambda params, **_: request.extend(params["Entries"]),
    )
    announcer(events, "livro-caixa-test")([{"day": "2026-11-22"}, {"day": "2026-11-21"}])
    assert [json.loads(one["Detail"])["day"] for one in request] == ["2026-11-22", "2026-11-21"]
    named = {(one["Source"], one["DetailType"], one["EventBusName"]) for one in request}
    assert named == {("livro-caixa", "DayClosed", "livro-caixa-test")}


def test_an_event_that_the_bus_did_not_take_is_told_again() -> None:
    with pytest.raises(ConsolidationUnavailableError, match="ThrottlingException"):
        announcer(BusyBus(), "bus")([{"day": "2026-11-22"}])


class ConflictingBucket:
    """A bucket on which other puts are under way for some tries (S3's 409)."""

    def __init__(self, client: Any, times: int) -> None:
        self._client = client
        self._left = times
        self.exceptions = client.exceptions
        self.get_object = client.get_object

    def put_object(self, **asked: Any) -> Any:
        self._left -= 1
        if self._left >= 0:
            conflict: Any = {"Error": {"Code": "ConditionalRequestConflict"}}
            raise self.exceptions.ClientError(conflict, "PutObject")
        return self._client.put_object(**asked)


class HidingBucket:
    """S3 as it answers for a name above whose versions stands a delete marker."""

    exceptions = SimpleNamespace(NoSuchKey=ClientError)

    def get_object(self, **_: Any) -> None:
        marked = {"HTTPHeaders": {"x-amz-delete-marker": "true"}}
        answer: Any = {"Error": {"Code": "NoSuchKey"}, "ResponseMetadata": marked}
        raise ClientError(answer, "GetObject")


class BusyBus:
    """A bus that takes nothing."""

    def put_events(self, **_: Any) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
