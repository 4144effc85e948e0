"""Signing, archiving and announcing with the emulated KMS, S3 and EventBridge."""

import base64
import hashlib
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.closing.aws import EventPublisher, KmsSigner, SealArchive
from chalicelib.closing.errors import SealMismatchError
from chalicelib.ledger.errors import ConsolidationUnavailableError
from chalicelib.storage.seal_bucket import first_versions

BUCKET = "livro-caixa-test-seals"
NAME = "closings/padaria/0000000001.json"
FIRST, SECOND = b'{"first":1}', b'{"second":2}'
DIGEST = hashlib.sha256(b"a closing").digest()


@pytest.fixture
def kms(emulated_aws: Callable[[str], Any]) -> Any:
    return emulated_aws("kms")


@pytest.fixture
def s3(emulated_aws: Callable[[str], Any]) -> Any:
    client = emulated_aws("s3")
    client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    return client


def create_key(kms: Any) -> str:
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(key["KeyMetadata"]["KeyId"])


def test_signature_names_the_key_not_the_alias(kms: Any) -> None:
    key_id = create_key(kms)
    kms.create_alias(AliasName="alias/seal", TargetKeyId=key_id)
    published: dict[str, str] = {}
    signature, signed_by = KmsSigner(kms, "alias/seal", published.__setitem__).sign(DIGEST)
    public = load_pem_public_key(published[signed_by].encode())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    # The emulator hashes the digest once more; KMS signs it as it is.
    public.verify(base64.b64decode(signature), DIGEST, ec.ECDSA(SHA256()))
    assert signed_by == key_id


def test_each_key_is_published_once(kms: Any) -> None:
    key_ids = [create_key(kms) for _ in range(2)]
    published: list[str] = []
    signer = KmsSigner(kms, "alias/seal", lambda key_id, _: published.append(key_id))
    kms.create_alias(AliasName="alias/seal", TargetKeyId=key_ids[0])
    signed_by = [signer.sign(DIGEST)[1] for _ in range(2)]
    kms.update_alias(AliasName="alias/seal", TargetKeyId=key_ids[1])
    signed_by += [signer.sign(DIGEST)[1] for _ in range(2)]
    assert (published, signed_by) == (key_ids, [key_ids[0]] * 2 + [key_ids[1]] * 2)


def test_unpublished_key_gives_no_signature(kms: Any) -> None:
    def fail(_key_id: str, _public_key: str) -> None:
        raise ConsolidationUnavailableError("no")

    signer = KmsSigner(kms, create_key(kms), fail)
    for _ in range(2):
        with pytest.raises(ConsolidationUnavailableError):
            signer.sign(DIGEST)


def respond(s3: Any, operation: str, code: str, times: int = 1, **headers: str) -> None:
    """Let S3 respond with an error to the next calls of an operation."""
    left = iter(range(times))

    def error(**_: Any) -> Any:
        if next(left, None) is None:
            return None
        metadata = {"HTTPHeaders": {name.replace("_", "-"): headers[name] for name in headers}}
        body = {"Error": {"Code": code}, "ResponseMetadata": metadata}
        return SimpleNamespace(status_code=400), body

    s3.meta.events.register(f"before-call.s3.{operation}", error)


def test_stored_object_is_never_overwritten(s3: Any) -> None:
    archive = SealArchive(s3, BUCKET)
    assert archive.get(NAME) is None
    for _ in range(2):
        archive.put(NAME, FIRST)
    with pytest.raises(SealMismatchError, match=NAME):
        archive.put(NAME, SECOND)
    assert archive.get(NAME) == FIRST
    assert s3.get_object(Bucket=BUCKET, Key=NAME)["ContentType"] == "application/json"
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 1


def test_first_version_counts(s3: Any) -> None:
    archive = SealArchive(s3, BUCKET)
    other = NAME.replace("padaria", "bakery")
    for name in (NAME, other):
        archive.put(name, FIRST)
        s3.put_object(Bucket=BUCKET, Key=name, Body=SECOND)
    with pytest.raises(SealMismatchError, match=NAME):
        archive.put(NAME, SECOND)
    s3.delete_object(Bucket=BUCKET, Key=NAME)
    assert archive.get(NAME) == FIRST
    versions = archive.versions("closings/")
    assert [version.name for version in versions] == [other, other, NAME, NAME]
    assert [archive.read(version) for version in versions] == [FIRST, SECOND] * 2
    assert [version.name for version in first_versions(versions)] == [other, NAME]


def test_versions_begin_after_a_name(s3: Any) -> None:
    archive = SealArchive(s3, BUCKET)
    names = [f"closings/padaria/{number:010d}.json" for number in (1, 2, 3)]
    for name in [*names, "closings/padaria-2/0000000001.json", "leaves/padaria/a.json"]:
        archive.put(name, FIRST)
    listed = archive.versions("closings/padaria/", names[0])
    assert [version.name for version in listed] == names[1:]
    assert archive.get("closings/padaria/000000000") is None


def test_missing_bucket_is_an_error(s3: Any) -> None:
    archive = SealArchive(s3, "no-such-bucket-anywhere")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        archive.get(NAME)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        archive.put("keys/one.pem", b"content")


def test_conflicting_put_is_retried_after_pauses(s3: Any) -> None:
    pauses: list[float] = []
    archive = SealArchive(s3, BUCKET, pauses.append)
    respond(s3, "PutObject", "ConditionalRequestConflict", times=2)
    archive.put(NAME, FIRST)
    assert (archive.get(NAME), len(pauses)) == (FIRST, 2)
    respond(s3, "PutObject", "ConditionalRequestConflict")
    archive.put(NAME, FIRST)
    respond(s3, "PutObject", "ConditionalRequestConflict")
    with pytest.raises(SealMismatchError, match=NAME):
        archive.put(NAME, SECOND)


def test_repeated_conflicts_are_an_error(s3: Any) -> None:
    pauses: list[float] = []
    respond(s3, "PutObject", "ConditionalRequestConflict", times=100)
    with pytest.raises(s3.exceptions.ClientError, match="ConditionalRequestConflict"):
        SealArchive(s3, BUCKET, pauses.append).put("keys/a.pem", b"content")
    assert 3 <= len(pauses) <= 10
    assert sum(pauses) < 5


def test_closed_days_become_events(emulated_aws: Callable[[str], Any]) -> None:
    client, sent = emulated_aws("events"), list[dict[str, Any]]()
    client.create_event_bus(Name="livro-caixa-test")
    client.meta.events.register(
        "provide-client-params.events.PutEvents",
        lambda params, **_: sent.extend(params["Entries"]),
    )
    days = ["2026-11-22", "2026-11-21"]
    EventPublisher(client, "livro-caixa-test").publish([{"day": day} for day in days])
    assert [json.loads(event["Detail"])["day"] for event in sent] == days
    headers = {(event["Source"], event["DetailType"], event["EventBusName"]) for event in sent}
    assert headers == {("livro-caixa", "DayClosed", "livro-caixa-test")}


def test_rejected_event_is_an_error() -> None:
    rejected = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    bus = SimpleNamespace(put_events=lambda **_: rejected)
    with pytest.raises(ConsolidationUnavailableError, match="ThrottlingException"):
        EventPublisher(bus, "bus").publish([{"day": "2026-11-22"}])
