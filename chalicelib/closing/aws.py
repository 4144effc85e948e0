"""What lies beyond the stores: the signing key, the bucket under retention, and the event bus."""

import base64
import json
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from chalicelib.closing.errors import SealMismatchError
from chalicelib.ledger.errors import ConsolidationUnavailableError

SOURCE = "livro-caixa"
DAY_CLOSED = "DayClosed"
_ALGORITHM = "ECDSA_SHA_256"
_CONFLICT_PAUSES = (0.06, 0.12, 0.25, 0.5, 1.0)
"""Seconds before a put is sent again that S3 answered with 409: another one was under way."""
_TYPES = {"json": "application/json", "pem": "application/x-pem-file"}


def signer(
    client: Any, key_id: str, publish: Callable[[str, str], None]
) -> Callable[[bytes], tuple[str, str]]:
    """Return what signs a SHA-256 digest by a KMS key (ECC_NIST_P256), named by id, ARN or alias.

    It gives the signature (DER, base64) and the id of the key itself: an alias may move on. Before
    a key's first signature is given, `publish` is told its id and its public half in PEM.
    """
    publish_once = _publisher(client, publish)

    def sign(digest: bytes) -> tuple[str, str]:
        answer = client.sign(
            KeyId=key_id,
            Message=digest,
            MessageType="DIGEST",
            SigningAlgorithm=_ALGORITHM,
        )
        used = str(answer["KeyId"]).rpartition("/")[2]
        publish_once(used)
        return base64.b64encode(answer["Signature"]).decode(), used

    return sign


def verifier(client: Any, publish: Callable[[str, str], None]) -> Callable[[bytes, str, str], bool]:
    """Return what says whether a signature of a SHA-256 digest is that of a KMS key, by its id.

    Of a key whose signature was right `publish` is told, as in signer(). A key that KMS does not
    have, or that this function may not ask, is an error of KMS, never a yes.
    """
    publish_once = _publisher(client, publish)

    def verify(digest: bytes, signature: str, key_id: str) -> bool:
        try:
            answer = client.verify(
                KeyId=key_id,
                Message=digest,
                MessageType="DIGEST",
                Signature=base64.b64decode(signature),
                SigningAlgorithm=_ALGORITHM,
            )
        except client.exceptions.KMSInvalidSignatureException:
            return False
        if answer["SignatureValid"]:
            publish_once(key_id)
        return bool(answer["SignatureValid"])

    return verify


def _publisher(client: Any, publish: Callable[[str, str], None]) -> Callable[[str], None]:
    published: set[str] = set()

    def publish_once(key_id: str) -> None:
        if key_id not in published:
            publish(key_id, pem(client.get_public_key(KeyId=key_id)["PublicKey"]))
            published.add(key_id)

    return publish_once


def pem(der: bytes) -> str:
    """Return a public key in PEM (RFC 7468, section 13)."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def archiver(
    client: Any, bucket: str, pause: Callable[[float], None] = time.sleep
) -> Callable[[str, bytes], None]:
    """Return what keeps bytes in a bucket whose own rule retains them; what is there stays.

    Keeping the same again changes nothing; it raises SealMismatchError where something else is kept.
    A put that meets another one of the same name is sent again, within about 2 s.
    """

    put = partial(_put, client, bucket, IfNoneMatch="*")

    def put_patiently(name: str, content: bytes) -> None:
        for seconds in _CONFLICT_PAUSES:
            try:
                return put(name, content)
            except client.exceptions.ClientError as refusal:
                if _code(refusal) != "ConditionalRequestConflict":
                    raise
                pause(seconds)
        return put(name, content)

    def archive(name: str, content: bytes) -> None:
        try:
            put_patiently(name, content)
        except client.exceptions.ClientError as refusal:
            if _code(refusal) != "PreconditionFailed":
                raise
            _demand_kept(client, bucket, name, content)

    return archive


def superseder(client: Any, bucket: str) -> Callable[[str, bytes], None]:
    """Return what keeps bytes as the newest version of a name; versions before it stay retained."""
    return partial(_put, client, bucket)


def _put(client: Any, bucket: str, name: str, content: bytes, **condition: str) -> None:
    kind = _TYPES[name.rpartition(".")[2]]
    client.put_object(Bucket=bucket, Key=name, Body=content, ContentType=kind, **condition)


def _code(refusal: Any) -> str:
    return str(refusal.response["Error"]["Code"])


def _demand_kept(client: Any, bucket: str, name: str, content: bytes) -> None:
    if client.get_object(Bucket=bucket, Key=name)["Body"].read() != content:
        raise SealMismatchError(
            f"The bucket retains another {name} than was to be kept there. A read model "
            "that was restored or made anew must not close again what was sealed before."
        )


def retriever(client: Any, bucket: str) -> Callable[[str], bytes | None]:
    """Return what gives the bytes that a bucket keeps under a name, None where it keeps none."""

    def retained(name: str) -> bytes | None:
        try:
            kept: bytes = client.get_object(Bucket=bucket, Key=name)["Body"].read()
        except client.exceptions.NoSuchKey as absent:
            _refuse_deleted(name, absent)
            return None
        return kept

    return retained


def _refuse_deleted(name: str, absent: Any) -> None:
    # Retention keeps every version, but not somebody from putting a delete marker above them.
    result = absent.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if result.get("x-amz-delete-marker") == "true":
        raise SealMismatchError(
            f"Somebody put a delete marker above {name}; it must be removed, so that what is "
            "retained below is seen again."
        )


def announcer(client: Any, bus: str) -> Callable[[Sequence[Mapping[str, Any]]], None]:
    """Return what puts up to 10 events of closed days on a bus.

    It raises ConsolidationUnavailableError unless the bus took them all.
    """

    def announce(details: Sequence[Mapping[str, Any]]) -> None:
        events = [
            {
                "Source": SOURCE,
                "DetailType": DAY_CLOSED,
                "Detail": json.dumps(detail),
                "EventBusName": bus,
            }
            for detail in details
        ]
        answer = client.put_events(Entries=events)
        if answer["FailedEntryCount"]:
            codes = sorted({entry.get("ErrorCode", "") for entry in answer["Entries"]} - {""})
            raise ConsolidationUnavailableError(
                f"The event bus must take every event; it said {codes}."
            )

    return announce
